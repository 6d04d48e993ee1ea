"""The result of a sample of a read set, with everything that it was weighed against."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, overload

from forensics.barcode.mixture.limits import LimitBasis
from forensics.barcode.mixture.presence import (
    NOTICE_KINDS,
    PcrReads,
    Presence,
    TaxonInSample,
)
from forensics.barcode.mixture.shares import BETWEEN
from forensics.core.notice import NoticeKind
from forensics.core.result import Result
from forensics.core.stored import stored
from forensics.messages import N_, _, ngettext, numeral
from forensics.result import thousands

if TYPE_CHECKING:
    import pandas

__all__ = ["CSV_COLUMNS", "Mixture", "Mixtures"]

# Without a name there is nothing of which presence could be said; they have lines of their own.
_LISTED_APART = ("nothing_near", "unusable")
_HEADINGS = {
    Presence.PRESENT: N_("Present"),
    Presence.ONE_PCR: N_("In too few PCRs"),
    Presence.BELOW: N_("Not above the limit"),
    Presence.CONTAMINATION: N_("Contamination"),
}

CSV_COLUMNS = (
    "sample", "role", "amplicon", "presence", "status", "rank", "taxon", "label", "reads", "counted",
    "share_of_reads", "low", "high", "interval", "pcrs_above", "pcrs", "most_reads_in_blank",
    "most_reads_in_unused_tags", "sequences", "identity", "probability", "warnings", "library",
    "library_sha256", "program", "version", "time",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, repr=False)
class Mixture(Result):
    """What is in a sample, by its reads.

    Attributes
    ----------
    role : str
        Of the sample: ``sample`` or ``positive``.
    reads : tuple of PcrReads
        Of each amplicon and PCR.
    taxa : tuple of TaxonInSample
        The most reads first.
    limit_bases : dict of str to LimitBasis
        Of each amplicon what its limits were set from.
    """

    KEYS: ClassVar[tuple[str, ...]] = (
        "sample", "role", "result", "reads", "found", "limits", "warnings", "provenance",
    )  # fmt: skip
    NOTICE_KINDS: ClassVar[dict[str, NoticeKind]] = dict(NOTICE_KINDS)

    role: str
    reads: tuple[PcrReads, ...]
    taxa: tuple[TaxonInSample, ...] = field(metadata=stored("found"))
    limit_bases: dict[str, LimitBasis] = field(metadata=stored("limits"))

    @property
    def present(self) -> tuple[TaxonInSample, ...]:
        """What is stated as present and was identified."""
        return tuple(taxon for taxon in self.taxa if taxon.is_named)

    @property
    def examined(self) -> int:
        """Reads of all PCRs and amplicons that were merged and are good enough."""
        return sum(reads.examined for reads in self.reads)

    @property
    def amplicons(self) -> dict[str, list[PcrReads]]:
        """What became of the reads, by amplicon."""
        amplicons: dict[str, list[PcrReads]] = {}
        for reads in self.reads:
            amplicons.setdefault(reads.amplicon, []).append(reads)
        return amplicons

    def __repr__(self) -> str:
        return f"<Mixture {self.sample}: {self.headline()}>"

    def headline(self) -> str:
        """Return the result in one sentence."""
        names = list(dict.fromkeys(taxon.label for taxon in self.present))
        if names:
            return _("present: {taxa}").format(taxa=", ".join(names))
        if not self.examined:
            return _("no reads could be examined")
        return _("no taxon can be named as present")

    def rows(self) -> list[dict[str, Any]]:
        """Return a row a taxon, with the values of `CSV_COLUMNS`.

        Identity and probability are those of its most frequent sequence in the sample.
        """
        provenance = self.provenance
        counted = {
            name: sum(reads.counted for reads in pcrs) for name, pcrs in self.amplicons.items()
        }
        rows = []
        for taxon in self.taxa:
            leading = taxon.sequences[0] if taxon.sequences else None
            row = {
                "sample": self.sample, "role": self.role, "amplicon": taxon.amplicon,
                "presence": taxon.presence.value, "status": taxon.status, "rank": taxon.rank,
                "taxon": taxon.name, "label": taxon.label, "reads": taxon.reads,
                "counted": counted[taxon.amplicon], "share_of_reads": taxon.share,
                "low": taxon.low, "high": taxon.high, "interval": taxon.interval,
                "pcrs_above": taxon.pcrs_above, "pcrs": len(taxon.pcrs),
                "most_reads_in_blank": taxon.max_reads("blank"),
                "most_reads_in_unused_tags": taxon.max_reads("unused-tag"),
                "sequences": taxon.sequence_count,
                "identity": leading and leading.nearest and leading.nearest.identity,
                "probability": leading and leading.probability,
                "warnings": " ".join(notice.code for notice in self.notices),
                "library": provenance.library["name"],
                "library_sha256": provenance.library["sha256"],
                "program": f"vsearch {provenance.dependencies.get('vsearch')}",
                "version": provenance.version, "time": provenance.time,
            }  # fmt: skip
            rows.append(row)
        return rows

    def plot(self, axes: Any = None) -> Any:
        """Draw the taxa by their share of the reads, with its interval.

        Parameters
        ----------
        axes : matplotlib.axes.Axes, optional
            Default: those of a new figure.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        ForensicsError
            If matplotlib is not installed.
        """
        from forensics.barcode.plots import plot_mixture

        return plot_mixture(self, axes)

    # -- for people -----------------------------------------------------------------------

    def details(self) -> list[tuple[str, str]]:
        """Return reads, taxa and limits."""
        details = [(_("Reads"), self._describe_reads())]
        for presence, heading in _HEADINGS.items():
            for taxon in self.taxa:
                if taxon.presence != presence or taxon.status in _LISTED_APART:
                    continue
                if taxon.status == "inconclusive" and presence == Presence.PRESENT:
                    details.append((_("Present, no name"), _describe_taxon(taxon)))
                else:
                    details.append((_(heading), _describe_taxon(taxon)))
        details += [
            (_("Not compared"), _describe_taxon(taxon))
            for taxon in self.taxa
            if taxon.status == "unusable"
        ]
        details += [(_("Nothing near"), text) for text in self._describe_unknown()]
        details += [
            (_("Limits"), _describe_limits(name, basis)) for name, basis in self.limit_bases.items()
        ]
        return details

    def lines(self) -> list[tuple[str, str]]:
        """Return label and text of everything a person should read, in order."""
        return [
            (_("Result"), self.headline()),
            *self.details(),
            *((_("Note"), notice.message) for notice in self.notices),
            *((_("Note"), text) for text in self._describe_names()),
            (_("Shares"), self._describe_intervals()),
        ]

    def _describe_reads(self) -> str:
        parts = [
            _(
                "{amplicon}: {examined} examined in {pcrs}, {sequences} of them in sequences "
                "that can be told from errors, {chimeras} in chimeras"
            ).format(
                amplicon=name,
                examined=thousands(sum(reads.examined for reads in pcrs)),
                pcrs=ngettext("{number} PCR", "{number} PCRs", len(pcrs)).format(number=len(pcrs)),
                sequences=thousands(sum(reads.sequences for reads in pcrs)),
                chimeras=thousands(sum(reads.chimeras for reads in pcrs)),
            )
            for name, pcrs in self.amplicons.items()
        ]
        return _("; ").join(parts)

    def _describe_names(self) -> Iterator[str]:
        """Yield what must be known of the names: of each, that of its most frequent sequence."""
        labels_of: dict[str, list[str]] = {}
        for taxon in self.present:
            for sequence in taxon.sequences[:1]:
                for notice in sequence.notices:
                    labels_of.setdefault(notice.message, []).append(taxon.label)
        for message, labels in labels_of.items():
            yield _("{taxa}: {note}").format(taxa=_("; ").join(dict.fromkeys(labels)), note=message)

    def _describe_unknown(self) -> Iterator[str]:
        """Yield of each amplicon the sequences to which nothing is near."""
        for name, pcrs in self.amplicons.items():
            unknown = [
                taxon
                for taxon in self.taxa
                if taxon.amplicon == name and taxon.status == "nothing_near"
            ]
            counted = sum(reads.counted for reads in pcrs)
            if unknown and counted:
                yield _(
                    "{share} of the reads of {amplicon}, in {sequences} ({above} above the limit). "
                    "The most frequent one: {label}"
                ).format(
                    share=numeral(sum(taxon.reads for taxon in unknown) / counted, ".1%"),
                    amplicon=name,
                    sequences=ngettext(
                        "{number} sequence", "{number} sequences", len(unknown)
                    ).format(number=len(unknown)),
                    above=sum(taxon.presence == Presence.PRESENT for taxon in unknown),
                    label=unknown[0].label,
                )

    def _describe_intervals(self) -> str:
        if any(taxon.interval == BETWEEN for taxon in self.taxa):
            method = _("between PCRs, Korn and Graubard 1998")
        else:
            method = _("counting of reads alone (Wilson), which is not how PCRs differ")
        return _(
            "of reads, not of material: primers fit species differently. Interval: {method}."
        ).format(method=method)


def _describe_taxon(taxon: TaxonInSample) -> str:
    text = _(
        "{label}: {share} of the reads ({low} to {high}), {reads} of {counted}, {amplicon}"
    ).format(
        label=taxon.label,
        share=numeral(taxon.share or 0, ".2%"),
        low=numeral(taxon.low, ".2%"),
        high=numeral(taxon.high, ".2%"),
        reads=thousands(taxon.reads),
        counted=thousands(taxon.counted),
        amplicon=taxon.amplicon,
    )
    if taxon.presence != Presence.CONTAMINATION:
        text += ngettext(
            "; above the limit in {above} of {pcrs} PCR ({limits})",
            "; above the limit in {above} of {pcrs} PCRs ({limits})",
            len(taxon.pcrs),
        ).format(
            above=taxon.pcrs_above,
            pcrs=len(taxon.pcrs),
            limits=", ".join(
                _("{reads}, limit {limit}").format(
                    reads=thousands(pcr.reads), limit=numeral(pcr.limit.reads, ".1f")
                )
                for pcr in taxon.pcrs
            ),
        )
    if taxon.controls:
        text += _("; in controls: {controls}").format(
            controls=", ".join(
                _("{reads} of {counted} in {pcr}").format(
                    reads=thousands(control.reads),
                    counted=thousands(control.counted),
                    pcr=control.pcr,
                )
                for control in taxon.controls
            )
        )
    return text


def _describe_limits(amplicon: str, basis: LimitBasis) -> str:
    if basis.blanks:
        blanks = len(basis.blanks)
        text = ngettext(
            "{amplicon}: from {number} blank, in which a taxon has at most {most} reads; a "
            "contaminant exceeds that by chance in one PCR of {chance}",
            "{amplicon}: from {number} blanks, in which a taxon has at most {most} reads; a "
            "contaminant exceeds that by chance in one PCR of {chance}",
            blanks,
        ).format(
            amplicon=amplicon, number=blanks, most=thousands(basis.max_reads_in_blank or 0),
            chance=blanks + 1,
        )  # fmt: skip
    else:
        text = _("{amplicon}: without blanks, {share:.0%} of the reads of a PCR").format(
            amplicon=amplicon, share=basis.fallback_share
        )
    if basis.jump_rate is not None:
        text += _("; up to {rate:.3%} of a taxon's reads elsewhere may have come here").format(
            rate=basis.jump_rate
        )
    return text


class Mixtures(Sequence[Mixture]):
    """The results of the samples of a run.

    Parameters
    ----------
    results : iterable of Mixture
    """

    def __init__(self, results: Iterable[Mixture]) -> None:
        self._results = tuple(results)

    @overload
    def __getitem__(self, position: int) -> Mixture: ...

    @overload
    def __getitem__(self, position: slice) -> "Mixtures": ...

    def __getitem__(self, position: int | slice) -> "Mixture | Mixtures":
        if isinstance(position, slice):
            return Mixtures(self._results[position])
        return self._results[position]

    def __len__(self) -> int:
        return len(self._results)

    def __repr__(self) -> str:
        return "\n".join(f"{result.sample}: {result.headline()}" for result in self._results)

    def to_json(self) -> str:
        """Return one JSON object a line."""
        return "".join(result.to_json() + "\n" for result in self._results)

    def to_frame(self) -> "pandas.DataFrame":
        """Return a pandas.DataFrame with a row a sample and taxon, and the CSV's columns."""
        import pandas

        rows = [row for result in self._results for row in result.rows()]
        return pandas.DataFrame(rows, columns=list(CSV_COLUMNS))

    def _repr_html_(self) -> str:
        return "".join(result._repr_html_() for result in self._results)
