"""What screening found, as one page that a curator works through."""

from collections import Counter
from collections.abc import Iterable, Sequence

from forensics.barcode.curating.checks import ScreeningFinding
from forensics.barcode.curating.screening import ACTIONS
from forensics.barcode.reference.library import Library
from forensics.clock import utc_now
from forensics.core.provenance import made_by
from forensics.messages import N_, _, numeral
from forensics.paper import document, escaped, facts, heading, paragraph, table

#: What each code means and what to do; in the order in which a curator had best go.
CODES = {
    "WRONG_LOCUS": N_(
        "The sequence is of another locus than the record says. Drop it, or build it again under the "
        "locus that the evidence names."
    ),
    "HUMAN": N_("The sequence is human. Drop it; look for other records of the same plate."),
    "MISLABELLED": N_(
        "The record lies among another genus, family or order, and its own kin lie elsewhere: name or "
        "sequence are another's. Look for the one that it was exchanged with."
    ),
    "MISLABELLED_SPECIES": N_(
        "The record lies among another species of its genus, and its own species lies elsewhere. A "
        "hybrid or an old introgression looks the same: look at the voucher."
    ),
    "IDENTICAL_OTHER_GENUS": N_(
        "Two genera share the sequence, and nothing tells which name is wrong. Keep one only if its "
        "voucher says so; otherwise every call to it will be a set of both."
    ),
    "NEAR_OTHER_GENUS": N_(
        "Another genus is as near as one's own should be, but not identical, and nothing tells which is "
        "wrong. Within a family both may be right; of two families or orders at the distance of one "
        "species one is wrong. Look at both vouchers."
    ),
    "FAR_FROM_OWN": N_(
        "The record is far from the others of its species, which agree: another species, a nuclear "
        "copy, or a lineage that is one of its own."
    ),
    "OTHER_STRAND": N_("The record is on the other strand than its locus. Turn it round."),
    "UNLIKE_LOCUS": N_(
        "The record is like no locus that is known here, while its kin are like theirs: another part of "
        "the gene, another gene, a vector or no DNA of this animal."
    ),
    "STOP_CODON": N_("The gene has stop codons: a nuclear copy or reading errors."),
    "FRAME_SHIFT": N_(
        "A base is lost or read twice, or it is a nuclear copy. Look at the chromatogram."
    ),
    "AMBIGUOUS": N_("So many bases are ambiguous that a call may hang on them."),
    "OUTLYING_LENGTH": N_("Shorter than any barcode of the locus, or longer than the whole of it."),
    "DUPLICATE": N_("The accession occurs twice at the locus."),
    "MISSPELT": N_(
        "The name is one letter, or its ending, from another one, so that one species may count as "
        "two. Where it is, put it into the table of synonyms and build again."
    ),
    "OLD_NAME": N_(
        "A table has another name for it. Build with --synonyms, so that one species has one name."
    ),
    "SYNONYM": N_(
        "The same epithet and sequence under two genera: one species under two names. Put the old "
        "one into the table of synonyms and build again."
    ),
    "SHARED_HAPLOTYPE": N_(
        "Species share the sequence, and nothing speaks of an error. Keep them: a call will name them all."
    ),
}
_ACTIONS = {
    "drop": N_("drop"),
    "turn": N_("turn round"),
    "rename": N_("rename"),
    "cut": N_("cut"),
    "look": N_("look"),
    "keep": N_("keep"),
}
_STYLE = """
.name { white-space: nowrap } .box { display: block; border: 1px solid #777; width: 15mm;
  height: 5.5mm; border-radius: 1mm }
"""


def screening_page(findings: Sequence[ScreeningFinding], library: Library) -> str:
    """Return the page of what was found in a library."""
    title = _("Records of {name} to look at").format(name=library.name)
    return document(title, [*_head(findings, library), *_sections(findings)], style=_STYLE)


def _head(findings: Sequence[ScreeningFinding], library: Library) -> Iterable[str]:
    made = made_by()
    records = sum(library.manifest(locus)["records"] for locus in library.loci)
    yield facts(
        (_("Library"), f"{library.name} {library.version}".strip()),
        (_("SHA-256 of the library"), library.sha256),
        (_("Records"), numeral(records, ",")),
        (_("Software"), f"{made['software']} {made['version']}"),
        (_("Time (UTC)"), utc_now()),
    )
    yield paragraph(
        _(
            "The records were compared with one another; no list of known errors was used. Nothing was "
            "changed. Write your decision beside each record, into this page or into the column "
            "'decision' of the table, and build the library again. What is not listed was not found, "
            "which does not make it right: a swap between species of which there is no other record "
            "cannot be seen."
        )
    )
    counts = Counter((f.code, f.suggested_action) for f in findings)
    rows = [
        (escaped(code), escaped(_(_ACTIONS[action])), numeral(counts[code, action], ","))
        for code in CODES
        for action in ACTIONS
        if counts[code, action]
    ]
    if rows:
        yield table((_("code"), _("suggested"), _("records")), rows, numbers=(2,))
    else:
        yield paragraph(_("Nothing was found."))


def _sections(findings: Sequence[ScreeningFinding]) -> Iterable[str]:
    for code, meaning in CODES.items():
        of_code = [f for f in findings if f.code == code]
        if not of_code:
            continue
        yield heading(2, code)
        yield paragraph(_(meaning))
        of_code.sort(
            key=lambda f: (
                ACTIONS.index(f.suggested_action),
                f.locus,
                -f.score,
                f.name,
                f.accession,
            )
        )
        yield table(
            (
                _("locus"),
                _("accession"),
                _("name"),
                _("score"),
                _("evidence"),
                _("suggested"),
                _("decision"),
            ),
            (
                (
                    escaped(f.locus),
                    f'<span class="name">{escaped(f.accession)}</span>',
                    f"<i>{escaped(f.name)}</i>",
                    numeral(f.score, ".3f") if 0 < f.score < 1 else numeral(f.score, ".0f"),
                    escaped(f.evidence),
                    escaped(_(_ACTIONS[f.suggested_action])),
                    '<span class="box"></span>',
                )
                for f in of_code
            ),
            numbers=(3,),
        )
