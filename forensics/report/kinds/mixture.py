"""The words of a mixture: which taxa are in a sample, by its reads."""

from collections.abc import Iterator

from forensics.messages import N_, _, numeral
from forensics.report.blocks import Table
from forensics.report.kinds.form import MOST_ROWS, Part, backing, noted, part, propositions
from forensics.report.numbers import decimal, number, percent, whole

__all__ = ["headline", "parts", "present"]

_PRESENCE = {
    "present": N_("present"),
    "one_pcr": N_("in too few PCRs"),
    "below_limit": N_("not above the limit"),
    "contamination": N_("contamination (human)"),
}


def parts(finding: dict) -> Iterator[Part]:
    """Yield what is said of a mixture."""
    result, asked = finding["result"], finding["parameters"] or {}
    yield from part(
        "question", [_("Which taxa are in sample {sample}?").format(sample=finding["sample"])]
    )
    yield from part(
        "propositions",
        propositions(
            _("DNA of the taxon is in the sample."),
            _("Its reads come from elsewhere: contamination, reads of other samples, errors."),
        ),
    )
    yield from part("method", _method(result, asked))
    yield from part("found", [headline(finding) + ".", *_more(result)], _taxa(result))
    yield from part(
        "strength",
        [
            _(
                "No likelihood ratio is stated: a taxon counts as present if its reads are above the limit that "
                "blanks and unused tags set, in as many PCRs as are needed."
            )
        ],
    )
    yield from part("assumed", _assumed(result, asked))
    yield from part("open", _open(result))
    yield from part(
        "backing",
        [*backing(finding, _("Reference library")), *_limits(result)],
    )
    yield from noted(finding)


def present(result: dict) -> list[dict]:
    """Return the taxa that are stated as present and were named."""
    return [
        one
        for one in result["found"]
        if one["presence"] == "present" and one["status"] == "identified"
    ]


def headline(finding: dict) -> str:
    """Return the result in a line."""
    result = finding["result"]
    names = list(dict.fromkeys(one["label"] for one in present(result)))
    if names:
        return _("Present: {taxa}").format(taxa=", ".join(names))
    if not any(int(one["examined"]) for one in result["reads"]):
        return _("No reads could be examined")
    return _("No taxon can be named as present")


def _method(result: dict, asked: dict) -> Iterator[str]:
    pcrs = {one["pcr"] for one in result["reads"]}
    yield _(
        "Reads of {pcrs} PCRs ({loci}) were merged, freed of errors and chimeras, and each remaining "
        "sequence identified: {examined} reads examined, {counted} of them counted."
    ).format(
        pcrs=len(pcrs),
        loci=", ".join(dict.fromkeys(map(str, asked.get("loci") or ()))) or _("locus not told"),
        examined=whole(sum(int(one["examined"]) for one in result["reads"])),
        counted=whole(sum(int(one["counted"]) for one in result["reads"])),
    )
    yield _("PCRs above the limit that are needed to call a taxon present: {n}.").format(
        n=asked.get("pcrs_needed", "?")
    )


def _more(result: dict) -> Iterator[str]:
    nameless = [one for one in result["found"] if one["status"] == "not_in_library"]
    if nameless:
        yield _(
            "Sequences to which the library holds nothing near: {n}, with {reads} reads."
        ).format(n=len(nameless), reads=whole(sum(int(one["reads"]) for one in nameless)))


def _taxa(result: dict) -> Table:
    rows = []
    for one in result["found"][:MOST_ROWS]:
        above = sum(bool(pcr.get("above")) for pcr in one["pcrs"])
        blanks = [pcr["reads"] for pcr in one["controls"]]
        share = number(one["share_of_reads"])
        rows.append(
            (
                one["label"],
                _presence(one["presence"]),
                whole(one["reads"]),
                "–" if share is None else _("{share} ({low} to {high})").format(
                    share=percent(share, 1), low=percent(one["low"], 1), high=percent(one["high"], 1)
                ),
                _("{n} of {all}").format(n=above, all=len(one["pcrs"])),
                whole(max(map(int, blanks), default=0)),
            )
        )  # fmt: skip
    return Table(
        (_("Taxon"), _("Stated as"), _("Reads"), _("Share of reads (interval)"),
         _("PCRs above the limit"), _("Most reads in a control")),
        tuple(rows), (0.24, 0.16, 0.1, 0.24, 0.13, 0.13),
    )  # fmt: skip


def _presence(name: str) -> str:
    text = _PRESENCE[name]
    return _(text)


def _assumed(result: dict, asked: dict) -> Iterator[str]:
    yield _(
        "That contamination of the samples is like that of the blanks, and that reads go astray between "
        "samples as between the tags that were not used."
    )
    identification = asked.get("identification") or {}
    if prior := identification.get("in_library_prior"):
        yield _(
            "Names have a posterior of at least {confidence}, with a prior of {prior} that the library holds "
            "the species; others were not tried."
        ).format(confidence=numeral(identification.get("confidence", "?")), prior=numeral(prior))


def _open(result: dict) -> Iterator[str]:
    doubtful = [
        one["label"]
        for one in result["found"]
        if one["presence"] in ("one_pcr", "below_limit") and one["status"] == "identified"
    ]
    if doubtful:
        yield _("Taxa with reads that are not above what is asked for: {names}.").format(
            names=", ".join(dict.fromkeys(doubtful))
        )
    yield _(
        "Taxa that the primers do not copy, that are not in the library, or of which too little was there. "
        "Shares are of reads and not of material: primers fit species differently."
    )


def _limits(result: dict) -> Iterator[str]:
    for name, found in result["limits"].items():
        blanks = found["blanks"]
        if blanks:
            yield _(
                "{amplicon}: blanks from which the limit was set: {n}; a taxon has at most {most} reads in one."
            ).format(
                amplicon=name, n=len(blanks), most=whole(found["most_reads_of_a_taxon_in_a_blank"])
            )
        else:
            yield _("{amplicon}: without blanks, {share} of the reads of a PCR.").format(
                amplicon=name, share=percent(found["fallback_share"], 1)
            )
        if found["jump_rate"] is not None:
            yield _("Up to {rate} of a taxon's reads in other samples may have come here.").format(
                rate=decimal(100 * float(found["jump_rate"]), 2) + "\u00a0%"
            )
