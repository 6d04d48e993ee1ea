"""What is said of each sample of a read set: from counts and identifications to its result.

A result has everything that it was weighed against, and what must be known of it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar

from forensics.barcode.identification import Identification
from forensics.barcode.mixture.denoising import Denoised
from forensics.barcode.mixture.presence import (
    BETWEEN,
    FALLBACK_SHARE,
    HUMAN,
    NOTICE_KINDS,
    PCRS_NEEDED,
    LimitBasis,
    Limits,
    PcrReads,
    Presence,
    Taxon,
    TaxonInControl,
    TaxonInPcr,
    TaxonInSample,
    describe_sequence,
    estimate_share,
    group_by_taxon,
)
from forensics.barcode.mixture.sheet import BLANK, POSITIVE, SAMPLE, Pcr
from forensics.barcode.mixture.sorting import Amplicon
from forensics.core.grouping import grouped
from forensics.core.notice import Notice
from forensics.core.provenance import Provenance
from forensics.core.result import Result
from forensics.core.stored import Results, stored
from forensics.messages import N_, _, ngettext, numeral, thousands
from forensics.notices import mixture as notices

if TYPE_CHECKING:
    import pandas


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
_OF_A_TAXON = (
    "amplicon", "status", "rank", "label", "reads", "counted", "low", "high", "interval", "pcrs_above",
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
    NOTICE_KINDS: ClassVar = NOTICE_KINDS

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
        return grouped(self.reads, attrgetter("amplicon"))

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
        rows = []
        for taxon in self.taxa:
            leading = taxon.sequences[0] if taxon.sequences else None
            row = {
                **{name: getattr(taxon, name) for name in _OF_A_TAXON},
                "sample": self.sample, "role": self.role, "presence": taxon.presence.value,
                "taxon": taxon.name, "share_of_reads": taxon.share, "pcrs": len(taxon.pcrs),
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
            rows.append({name: row[name] for name in CSV_COLUMNS})
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
                "that count as real, {chimeras} in chimeras"
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
                    "{share} of the reads of {amplicon}, in {sequences} ({above} above the "
                    "limit). Most frequent: {label}"
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
            method = _("of read counts alone (Wilson), which ignores the differences between PCRs")
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


class Mixtures(Results[Mixture]):
    """The results of the samples of a run."""

    def __repr__(self) -> str:
        return "\n".join(f"{result.sample}: {result.headline()}" for result in self)

    def to_frame(self) -> "pandas.DataFrame":
        """Return a pandas.DataFrame with a row a sample and taxon, and the CSV's columns."""
        import pandas

        rows = [row for result in self for row in result.rows()]
        return pandas.DataFrame(rows, columns=list(CSV_COLUMNS))


# Under it, a component of 1 % is expected to have fewer than ten reads.
FEW_READS = 1000
# Under it, more reads were lost on the way than were kept.
_MANY_LOST = 0.5


@dataclass(frozen=True)
class AmpliconSequences:
    """The sequences of one amplicon, counted and identified.

    Attributes
    ----------
    amplicon : Amplicon
    examined : dict of str to int
        Reads of each PCR, by its name, that were merged and good enough.
    sequences : list of Denoised
        Chimeras among them.
    identified : list of (Denoised, Identification)
        Of those that are no chimeras.
    """

    amplicon: Amplicon
    examined: dict[str, int]
    sequences: list[Denoised]
    identified: list[tuple[Denoised, Identification]]

    @property
    def counted(self) -> Counter[str]:
        """Reads of each PCR that shares are of: in sequences that are no chimeras.

        The others are mostly reads with errors, which all taxa lose alike.
        """
        counts: Counter[str] = Counter()
        for sequence in self.sequences:
            if not sequence.chimera:
                counts.update(sequence.reads)
        return counts

    def count_reads(self, pcr: Pcr, counts: Mapping[str, int]) -> PcrReads:
        """Return what became of the reads of a PCR; `counts` are those of `sort_reads`."""
        return PcrReads(
            amplicon=self.amplicon.name,
            pcr=pcr.name,
            role=pcr.role,
            given=counts.get("reads"),
            sorted=counts.get("sorted", 0),
            examined=self.examined.get(pcr.name, 0),
            sequences=sum(sequence.reads.get(pcr.name, 0) for sequence in self.sequences),
            chimeras=sum(
                sequence.reads.get(pcr.name, 0) for sequence in self.sequences if sequence.chimera
            ),
        )


def _weigh(taxon: Taxon, pcrs: Sequence[Pcr], amplicon: str, limits: Limits) -> TaxonInSample:
    """Return what is said of a taxon in the sample that these PCRs are of."""

    def count(pcr: Pcr) -> tuple[str, str, int, int]:
        return pcr.name, pcr.role, taxon.reads.get(pcr.name, 0), limits.counted.get(pcr.name, 0)

    in_pcrs = tuple(TaxonInPcr(*count(pcr), limits.set_limit(taxon.reads, pcr)) for pcr in pcrs)
    names = {pcr.name for pcr in pcrs}
    return TaxonInSample(
        amplicon=amplicon,
        presence=_decide_presence(taxon, in_pcrs),
        status=taxon.status,
        rank=taxon.rank,
        name=taxon.name,
        label=taxon.label,
        **asdict(estimate_share([(pcr.reads, pcr.counted) for pcr in in_pcrs])),
        pcrs=in_pcrs,
        controls=tuple(
            TaxonInControl(*count(pcr)) for pcr in limits.controls if taxon.reads.get(pcr.name)
        ),
        sequences=()
        if taxon.status == HUMAN
        else tuple(
            describe_sequence(sequence, call)
            for sequence, call in taxon.members
            if not names.isdisjoint(sequence.reads)
        ),
        weighed=taxon,
    )


def _decide_presence(taxon: Taxon, in_pcrs: Sequence[TaxonInPcr]) -> Presence:
    """Return what is said of a taxon by the PCRs in which it is above its limit."""
    if taxon.status == HUMAN:
        return Presence.CONTAMINATION
    above = sum(pcr.above for pcr in in_pcrs)
    if above >= min(PCRS_NEEDED, len(in_pcrs)):
        return Presence.PRESENT
    return Presence.ONE_PCR if above else Presence.BELOW


def weigh_samples(
    pcrs: Sequence[Pcr],
    counts: Mapping[str, Mapping[str, int]],
    lost: Sequence[Mapping[str, int]],
    amplicons: Sequence[AmpliconSequences],
    provenance: Provenance,
) -> Mixtures:
    """Return the results, from what was counted and identified.

    Parameters
    ----------
    pcrs : sequence of Pcr
        Of all the run.
    counts : mapping of str to (mapping of str to int)
        Of each PCR what `sort_reads` counted.
    lost : sequence of mapping
        Of each set of files what belongs to no PCR.
    amplicons : sequence of AmpliconSequences
    provenance : Provenance
    """
    roles = {pcr.sample: pcr.role for pcr in pcrs if pcr.role in (SAMPLE, POSITIVE)}
    weighed = []
    for amplicon in amplicons:
        found = group_by_taxon(amplicon.identified)
        of_limits = [taxon.reads for taxon in found if taxon.status != HUMAN]
        limits = Limits(pcrs, amplicon.counted, of_limits)
        weighed.append((amplicon.amplicon.name, found, limits))
    results = []
    for sample, role in roles.items():
        own_pcrs = [pcr for pcr in pcrs if pcr.sample == sample]
        reads = tuple(
            amplicon.count_reads(pcr, counts[pcr.name])
            for amplicon in amplicons
            for pcr in own_pcrs
        )
        taxa = [
            _weigh(taxon, own_pcrs, name, limits)
            for name, found, limits in weighed
            for taxon in found
            if any(taxon.reads.get(pcr.name) for pcr in own_pcrs)
        ]
        taxa.sort(key=lambda taxon: (-taxon.reads, taxon.label))
        results.append(
            Mixture(
                sample=sample,
                role=role,
                reads=reads,
                taxa=tuple(taxa),
                limit_bases={name: limits.basis for name, _found, limits in weighed},
                notices=(
                    *_notices_of_controls(pcrs, counts),
                    *_notices_of_reads(reads, lost),
                    *_notices_of_taxa(taxa),
                ),
                provenance=provenance,
            )
        )
    return Mixtures(results)


def _notices_of_controls(
    pcrs: Sequence[Pcr], counts: Mapping[str, Mapping[str, int]]
) -> Iterator[Notice]:
    """Yield what must be known of the controls of the run."""
    if not any(pcr.role == BLANK for pcr in pcrs):
        yield notices.NO_BLANKS(share=FALLBACK_SHARE)
    if not any(pcr.control for pcr in pcrs):
        yield notices.JUMPS_UNKNOWN()
    empty = [pcr.name for pcr in pcrs if pcr.control and counts[pcr.name].get("reads") == 0]
    if empty:
        yield notices.EMPTY_CONTROL(pcrs=", ".join(empty))


def _notices_of_reads(
    reads: Sequence[PcrReads], lost: Sequence[Mapping[str, int]]
) -> Iterator[Notice]:
    """Yield what must be known of the reads of a sample: whether they are enough, and what was lost."""
    sorted_reads = {pcr.pcr: pcr.sorted for pcr in reads}
    if len(sorted_reads) < PCRS_NEEDED:
        yield notices.ONE_PCR()
    few = [pcr for pcr in reads if pcr.counted < FEW_READS]
    if few:
        yield notices.FEW_READS(
            least=FEW_READS, pcrs=", ".join(f"{pcr.pcr} ({pcr.counted})" for pcr in few)
        )
    given = sum(counts.get("reads", 0) for counts in lost)
    without = sum(counts.get("no_primers", 0) + counts.get("unknown_tags", 0) for counts in lost)
    ready = sum(sorted_reads.values())
    examined = sum(pcr.examined for pcr in reads)
    if without > _MANY_LOST * given or examined < _MANY_LOST * ready:
        yield notices.READS_LOST(without=without, given=given, ready=ready, examined=examined)
    in_sequences = sum(pcr.sequences for pcr in reads)
    if examined and in_sequences < _MANY_LOST * examined:
        yield notices.READS_NOT_TOLD(count=examined - in_sequences, examined=examined)


def _notices_of_taxa(taxa: Sequence[TaxonInSample]) -> Iterator[Notice]:
    """Yield what must be known of the taxa of a sample: those in blanks, and human ones."""
    in_blank = [taxon.label for taxon in taxa if taxon.max_reads(BLANK) and not taxon.is_human]
    if in_blank:
        yield notices.TAXON_IN_BLANK(taxa=_("; ").join(in_blank))
    human_reads = sum(taxon.reads for taxon in taxa if taxon.is_human)
    if human_reads:
        yield notices.HUMAN_READS(count=human_reads)
