"""What a person reads of the identification of one sequence: the call, what it rests on, what to do."""

from typing import TYPE_CHECKING

from forensics.barcode.calling.decision import GENUS_IDENTITY, SPECIES_IDENTITY
from forensics.barcode.identification import RANKS, UNNAMED, Identification
from forensics.barcode.matching.candidates import ReportedCandidate
from forensics.barcode.quality import DECIDING
from forensics.barcode.reference.units import UNIT
from forensics.messages import N_, _, ngettext, numeral

if TYPE_CHECKING:
    from forensics.barcode.calling.far_placement import FarPlacement

__all__ = ["advice_of", "evidence_of", "headline_of", "lines_of", "placement_in_words"]


def headline_of(result: Identification) -> str:
    """Return the result in one sentence."""
    if result.status == "identified":
        if result.rank == "species":
            return _("{taxon} (species)").format(taxon=result.taxon)
        if result.rank == UNIT:
            return _("{taxon} (a unit: one of these species; which, the locus cannot tell)").format(
                taxon=result.taxon
            )
        return _("{taxon} ({rank}; the species is not settled)").format(
            taxon=result.taxon, rank=_(RANKS[result.rank])
        )
    if _is_of_a_person(result):
        return _("unusable: of a person")
    if "NOT_THIS_LOCUS" in result.codes:
        return _("unusable: the sequence is not of the locus")
    if result.status == "nothing_near" and (place := placement_in_words(result.placement)):
        return _("nothing near; {place}").format(place=place)
    return _(UNNAMED[result.status])


def lines_of(result: Identification) -> list[tuple[str, str]]:
    """Return label and text of everything a person should read, in order."""
    lines = [(_("Result"), result.headline()), *result.evidence_lines()]
    notes = [w for w in result.warnings if w.code not in _SAID_ELSEWHERE]
    notes.sort(key=lambda w: w.code not in DECIDING)  # what decides comes first
    lines += [(_("Note"), w.message) for w in notes]
    if advice := result.advice():
        lines.append((_("What to do"), advice))
    return lines


def evidence_of(result: Identification) -> list[tuple[str, str]]:
    """Return label and text of what the call rests on: how sure, nearest species, listing."""
    lines: list[tuple[str, str]] = []
    if result.candidates:
        lines += [
            (_("How sure"), _how_sure(result)),
            (_("Best match"), _match(result.candidates[0])),
            (_("Closest other"), _closest_other(result)),
        ]
        if result.reasons:
            lines.append((_("Behind it"), result.reasons.behind()))
            lines.append((_("Gap"), result.reasons.gap_line()))
        lines.append((_("CITES listing"), result.listed_call().line()))
    elif result.status == "nothing_near":
        text = (
            _("proved: no record that is long enough to compare reaches {floor:.0%} identity")
            if result.search_exhaustive
            else _("no record that was compared reaches {floor:.0%} identity")
        )
        lines.append((_("How sure"), text.format(floor=result.floor)))
    if result.placement:
        lines.append((_("Further away"), _placement_line(result.placement)))
    return lines


def placement_in_words(placement: "FarPlacement | None") -> str:
    """Return the higher rank that is stated with its probability; "" where none is."""
    if placement is None or placement.taxon is None or placement.probability is None:
        return ""
    return _("{taxon} ({rank}, {probability})").format(
        taxon=placement.taxon,
        rank=_(RANKS[placement.rank]),
        probability=_percent(placement.probability),
    )


def _placement_line(placement: "FarPlacement") -> str:
    """Return the nearest record that was found beyond the floor, and what it says of the ranks."""
    ranks = [
        _("{taxon} ({rank}, {probability})").format(
            taxon=of_rank.taxon, rank=_(RANKS[rank]), probability=_percent(of_rank.probability)
        )
        for rank, of_rank in placement.ranks.items()
    ]
    return _(
        "{species}, {identity:.1%} ({accession}), not proved to be the nearest; {ranks}"
    ).format(
        species=placement.species,
        identity=placement.identity,
        accession=placement.accession,
        ranks=", ".join(ranks),
    )


def _closest_other(result: Identification) -> str:
    if result.closest_other_species:
        return _match(result.closest_other_species)
    return _("none among the records compared within {limit:.0%}").format(
        limit=1 - result.proved_to
    )


def _is_of_a_person(result: Identification) -> bool:
    return bool(_OF_A_PERSON & result.codes)


def _how_sure(result: Identification) -> str:
    call = result.call
    if call.probabilities is None:
        return _(
            "not known: this library is not calibrated; by rule a species from {species:.0%} "
            "and a genus from {genus:.0%} identity"
        ).format(species=SPECIES_IDENTITY, genus=GENUS_IDENTITY)
    none = call.probabilities["species"]["none"]
    missing = _("{none} that the library lacks the species").format(none=_percent(none))
    interval = call.interval if call.species else None
    if call.status == "identified" and call.probability is not None and interval:
        lower, upper = interval
        return _("{probability} ({lower} to {upper}) that it is this {rank}; {missing}").format(
            probability=_percent(call.probability),
            lower=_percent(lower),
            upper=_percent(upper),
            rank=_(RANKS[call.rank]),
            missing=missing,
        )
    if call.status == "identified" and call.probability is not None:
        return _("{probability} that it is this {rank}; {missing}").format(
            probability=_percent(call.probability), rank=_(RANKS[call.rank]), missing=missing
        )
    return missing


def advice_of(result: Identification) -> str:
    """Return what to do about the result; "" where nothing needs to be done."""
    for codes, advice in _ADVICE:
        if codes & result.codes:
            return _(advice)
    if result.status == "nothing_near":
        if place := placement_in_words(result.placement):
            return _(
                "Report that nothing near was found, and {place}, and no name below that. Try a library of that group, "
                "or another locus."
            ).format(place=place)
        return _(
            "Report that nothing near was found, and no name. 'forensics library info' says what this library holds; try "
            "one of the suspected group, or another locus."
        )
    if "CRITERIA_NOT_MET" in result.codes:
        return _(
            "Report no species. Add reference records that meet the criteria, or sequence "
            "another locus."
        )
    if result.status == "inconclusive":
        return _(
            "Do not report a name. Sequence another locus, or use a library with more records "
            "of the group."
        )
    if result.status == "identified" and result.rank == UNIT:
        return _(
            "Report the species of the unit together, each with its listing. Sequence another locus to go further."
        )
    if result.status == "identified" and result.rank != "species":
        if {"DOMESTIC_FORM", "KNOWN_HYBRIDISATION"} & result.codes:
            return _(
                "Report no more than the {rank}, and the set in the note. The nuclear test "
                "named there would go further."
            ).format(rank=_(RANKS[result.rank]))
        return _("Report no more than the {rank}. Sequence another locus to go further.").format(
            rank=_(RANKS[result.rank])
        )
    if result.status == "unusable":
        return _("Repair or repeat the sequence; nothing was searched.")
    return ""


# Said in the line "How sure".
_SAID_ELSEWHERE = frozenset({"UNCALIBRATED"})
_OF_A_PERSON = frozenset({"HUMAN", "ELIMINATION_MATCH"})
# What to do about what decides (`forensics.barcode.quality.DECIDING`); the first that fits is said.
_ADVICE = (
    (
        frozenset({"NOT_THIS_LOCUS"}),
        N_(
            "Report nothing of the animal. Find out what was amplified: bacteria, a vector, a nuclear sequence, another "
            "locus. Amplify again with other primers, or give the right --locus or library."
        ),
    ),
    (
        _OF_A_PERSON,
        N_(
            "Delete or lock the file as your rules on personal data say. Look for the way it took: "
            "handling, extraction, blanks; take another sample of the exhibit."
        ),
    ),
    (
        frozenset({"READS_DISAGREE"}),
        N_("Find out whether the reads are of one sample: look for a mix-up of tubes or plates."),
    ),
    (
        frozenset({"MIXED_CHROMATOGRAM", "MIXED_READS", "CHIMERA"}),
        N_(
            "Do not report a name. Look for a mixture or a contamination; extract and amplify again, "
            "with other primers."
        ),
    ),
    (
        frozenset({"POSSIBLY_HUMAN"}),
        N_("Do not report a name. Sequence a longer piece, or one that changes faster."),
    ),
    (
        frozenset({"ERROR_PRONE", "WEAK_CONSENSUS"}),
        N_("Sequence the sample again, both strands or more reads."),
    ),
    (
        frozenset({"STOP_CODON", "FRAMESHIFT", "UNEXPECTED_TRANSLATION"}),
        N_(
            "Report no species. Look at the chromatogram; amplify with other primers, a longer piece "
            "or from RNA."
        ),
    ),
)


def _percent(probability: float) -> str:
    """Return a probability for people; certainty is never claimed."""
    if probability >= 0.9995:
        return _("over 99.9%")
    if probability < 0.0005:
        return _("under 0.1%")
    return numeral(probability, ".1%")


def _match(candidate: ReportedCandidate) -> str:
    text = ngettext(
        "{species}, {identity:.2%} of {length} bp ({edits} difference), {accession}, {records}",
        "{species}, {identity:.2%} of {length} bp ({edits} differences), {accession}, {records}",
        candidate.mismatches,
    )
    if candidate.length is None:
        text = ngettext(
            "{species}, {identity:.2%} ({edits} difference), {accession}, {records}",
            "{species}, {identity:.2%} ({edits} differences), {accession}, {records}",
            candidate.mismatches,
        )
    return text.format(
        species=candidate.shown_name,
        identity=candidate.identity,
        length=candidate.length,
        edits=candidate.mismatches,
        accession=candidate.accession,
        records=ngettext(
            "{number} record in the library", "{number} records in the library", candidate.records
        ).format(number=candidate.records),
    )
