"""The words of a mixture: which taxa are in a sample, by its reads."""

from collections.abc import Iterator, Mapping
from typing import Any

from forensics.barcode.mixture.presence import Presence
from forensics.barcode.mixture.results import Mixture
from forensics.messages import N_, _, numeral
from forensics.report.blocks import Table, percent, whole
from forensics.report.kinds.base import (
    MAX_ROWS,
    Narrator,
    Part,
    parts_of,
    propositions,
    support,
)
from forensics.report.statement import Finding

_PRESENCE = {
    Presence.PRESENT: N_("present"),
    Presence.ONE_PCR: N_("in too few PCRs"),
    Presence.BELOW: N_("not above the limit"),
    Presence.CONTAMINATION: N_("contamination (human)"),
}


def _parts(finding: Finding, result: Mixture) -> Iterator[Part]:
    """Yield what is said of a mixture."""
    options = finding.options
    return parts_of(
        finding,
        question=[_("Which taxa are in sample {sample}?").format(sample=finding.sample)],
        propositions=propositions(
            _("DNA of the taxon is in the sample."),
            _("Its reads come from elsewhere: contamination, reads of other samples, errors."),
        ),
        method=_method(result, options),
        found=[_headline(finding, result) + ".", *_unknown_sequences(result), _taxa(result)],
        strength=[
            _(
                "No likelihood ratio is stated: a taxon counts as present if its reads exceed "
                "the limit set by blanks and unused tags, in the required number of PCRs."
            )
        ],
        assumed=_assumptions(options),
        open=_not_excluded(result),
        backing=[*support(finding, _("Reference library")), *_limits(result)],
    )


def _headline(finding: Finding, result: Mixture) -> str:
    names = list(dict.fromkeys(taxon.label for taxon in result.present))
    if names:
        return _("Present: {taxa}").format(taxa=", ".join(names))
    if not result.examined:
        return _("No reads could be examined")
    return _("No taxon can be named as present")


def _method(result: Mixture, options: Mapping[str, Any]) -> Iterator[str]:
    yield _(
        "Reads of {pcrs} PCRs ({loci}) were merged, freed of errors and chimeras, and each remaining "
        "sequence identified: {examined} reads examined, {counted} of them counted."
    ).format(
        pcrs=len({reads.pcr for reads in result.reads}),
        loci=", ".join(dict.fromkeys(map(str, options.get("loci") or ()))) or _("locus not stated"),
        examined=whole(result.examined),
        counted=whole(sum(reads.counted for reads in result.reads)),
    )
    yield _("PCRs above the limit required to call a taxon present: {n}.").format(
        n=options.get("pcrs_needed", "?")
    )


def _unknown_sequences(result: Mixture) -> Iterator[str]:
    unknown = [taxon for taxon in result.taxa if taxon.status == "nothing_near"]
    if unknown:
        yield _("Sequences with nothing near in the library: {n}, with {reads} reads.").format(
            n=len(unknown), reads=whole(sum(taxon.reads for taxon in unknown))
        )


def _taxa(result: Mixture) -> Table:
    rows = []
    for taxon in result.taxa[:MAX_ROWS]:
        share = taxon.share
        rows.append(
            (
                taxon.label,
                _presence(taxon.presence),
                whole(taxon.reads),
                "–" if share is None else _("{share} ({low} to {high})").format(
                    share=percent(share, 1), low=percent(taxon.low, 1), high=percent(taxon.high, 1)
                ),
                _("{n} of {all}").format(n=taxon.pcrs_above, all=len(taxon.pcrs)),
                whole(max((control.reads for control in taxon.controls), default=0)),
            )
        )  # fmt: skip
    return Table(
        (_("Taxon"), _("Stated as"), _("Reads"), _("Share of reads (interval)"),
         _("PCRs above the limit"), _("Most reads in a control")),
        tuple(rows), (0.24, 0.16, 0.1, 0.24, 0.13, 0.13),
    )  # fmt: skip


def _presence(presence: Presence) -> str:
    return _(_PRESENCE[presence])


def _assumptions(options: Mapping[str, Any]) -> Iterator[str]:
    yield _(
        "That contamination of the samples resembles that of the blanks, and that reads move "
        "between samples as between unused tags."
    )
    identification = options.get("identification") or {}
    if prior := identification.get("in_library_prior"):
        yield _(
            "Names have a posterior of at least {confidence}, with a prior of {prior} that the "
            "library has the species; other priors were not tried."
        ).format(confidence=numeral(identification.get("confidence", "?")), prior=numeral(prior))


def _not_excluded(result: Mixture) -> Iterator[str]:
    doubtful = [
        taxon.label
        for taxon in result.taxa
        if taxon.presence in (Presence.ONE_PCR, Presence.BELOW) and taxon.status == "identified"
    ]
    if doubtful:
        yield _("Taxa whose reads do not exceed the limit: {names}.").format(
            names=", ".join(dict.fromkeys(doubtful))
        )
    yield _(
        "Taxa that the primers do not amplify, that the library lacks, or that were too rare in "
        "the sample. Shares are of reads, not of material: primers fit species differently."
    )


def _limits(result: Mixture) -> Iterator[str]:
    for name, basis in result.limit_bases.items():
        if basis.blanks:
            yield _(
                "{amplicon}: blanks from which the limit was set: {n}; a taxon has at most {most} reads in one."
            ).format(amplicon=name, n=len(basis.blanks), most=whole(basis.max_reads_in_blank))
        else:
            yield _("{amplicon}: without blanks, {share} of the reads of a PCR.").format(
                amplicon=name, share=percent(basis.fallback_share or 0.0, 1)
            )
        if basis.jump_rate is not None:
            yield _("Up to {rate} of a taxon's reads in other samples may have come here.").format(
                rate=percent(basis.jump_rate, 3)
            )


NARRATOR: Narrator[Mixture] = Narrator(_parts, _headline)
