"""The result of a sample of a read set, with everything that it was weighed against."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass

from forensics.barcode.mixture.limits import Limit
from forensics.barcode.mixture.shares import BETWEEN, Share
from forensics.barcode.mixture.taxa import HUMAN, Taxon, of_person
from forensics.barcode.quality import QueryWarning
from forensics.core.provenance import Provenance
from forensics.messages import _, ngettext, numeral
from forensics.result import Result, thousands

__all__ = [
    "BELOW",
    "CONTAMINATION",
    "CSV_COLUMNS",
    "ONE_PCR",
    "PRESENT",
    "Found",
    "InPcr",
    "Mixture",
    "Mixtures",
    "Reads",
]  # fmt: skip

# What is said of a taxon in a sample.
PRESENT, ONE_PCR, BELOW, CONTAMINATION = "present", "one_pcr", "below_limit", "contamination"

# Without a name there is nothing of which presence could be said; they are told by themselves.
_APART = ("not_in_library", "unusable")

CSV_COLUMNS = (
    "sample", "role", "amplicon", "presence", "status", "rank", "taxon", "label", "reads", "counted",
    "share_of_reads", "low", "high", "interval", "pcrs_above", "pcrs", "most_reads_in_blank",
    "most_reads_in_unused_tags", "sequences", "identity", "probability", "warnings", "library",
    "library_sha256", "program", "version", "time",
)  # fmt: skip


@dataclass(frozen=True)
class Reads:
    """What became of the reads of a PCR, for one amplicon.

    Attributes
    ----------
    pcr, role : str
    given : int or None
        Reads, or pairs, of the file; None where several PCRs are in it.
    sorted : int
        Those with the tags of this PCR and both primers, of all amplicons.
    examined : int
        Merged and good enough, of this amplicon.
    sequences : int
        Those in a sequence that could be told from errors.
    chimeras : int
        Those in sequences put together from others.
    """

    pcr: str
    role: str
    given: int | None
    sorted: int
    examined: int
    sequences: int
    chimeras: int

    @property
    def counted(self) -> int:
        """Those that shares are of: in sequences, chimeras left out."""
        return self.sequences - self.chimeras

    def to_dict(self) -> dict:
        """Return plain values."""
        return asdict(self) | {"counted": self.counted}


@dataclass(frozen=True)
class InPcr:
    """A taxon in one PCR: its reads, those that count there, and its limit (not in controls)."""

    pcr: str
    role: str
    reads: int
    counted: int
    limit: Limit | None = None

    @property
    def above(self) -> bool:
        """Whether there are more reads than the limit."""
        return self.limit is not None and self.reads > self.limit.reads

    def to_dict(self) -> dict:
        """Return plain values."""
        limit = self.limit and {
            "reads": self.limit.reads,
            "contamination": self.limit.contamination,
            "jumps": self.limit.jumps,
        }
        known = {"pcr": self.pcr, "role": self.role, "reads": self.reads, "counted": self.counted}
        return known | ({"limit": limit, "above": self.above} if limit else {})


@dataclass(frozen=True)
class Found:
    """A taxon in a sample.

    Attributes
    ----------
    amplicon : str
    taxon : Taxon
    presence : str
        `PRESENT`, `ONE_PCR` (above the limit, in fewer PCRs than are needed), `BELOW` or
        `CONTAMINATION` (human).
    share : Share
        Of the reads that count.
    pcrs : tuple of InPcr
        Of the sample.
    controls : tuple of InPcr
        Blanks and unused tags that have reads of it.
    """

    amplicon: str
    taxon: Taxon
    presence: str
    share: Share
    pcrs: tuple[InPcr, ...]
    controls: tuple[InPcr, ...]

    @property
    def reads(self) -> int:
        """Reads in all PCRs of the sample."""
        return sum(one.reads for one in self.pcrs)

    @property
    def above(self) -> int:
        """PCRs in which it is above the limit."""
        return sum(one.above for one in self.pcrs)

    def most_in(self, role: str) -> int:
        """Return the most reads that a control of that role has."""
        return max((one.reads for one in self.controls if one.role == role), default=0)

    def to_dict(self) -> dict:
        """Return plain values."""
        taxon = self.taxon
        return {
            "amplicon": self.amplicon,
            "presence": self.presence,
            "status": taxon.status,
            "rank": taxon.rank,
            "taxon": taxon.taxon,
            "label": taxon.label,
            "reads": self.reads,
            "share_of_reads": self.share.share,
            "low": self.share.low,
            "high": self.share.high,
            "interval": self.share.method,
            "pcrs": [one.to_dict() for one in self.pcrs],
            "controls": [one.to_dict() for one in self.controls],
            "sequences": [
                _member(one, call) for one, call in taxon.members if any(
                    pcr.pcr in one.reads for pcr in self.pcrs
                )
            ] if taxon.status != HUMAN else [],
        }  # fmt: skip


def _member(one, call) -> dict:
    best = call.candidates[0] if call.candidates else None
    hidden = of_person(call)
    return {
        "sha1": None if hidden else one.digest,
        "sequence": None if hidden else one.sequence,
        "length": call.length,
        "reads": one.reads,
        "locus": call.locus,
        "probability": call.call.probability,
        "nearest": best and {
            "species": best.species,
            "identity": best.identity,
            "coverage": best.coverage,
            "mismatches": best.mismatches,
            "accession": best.accession,
            "records": best.records,
        },
        "not_excluded": list(call.call.not_excluded),
        "warnings": [{"code": w.code, "message": w.message} for w in call.warnings],
    }  # fmt: skip


@dataclass(frozen=True)
class Mixture(Result):
    """What is in a sample, by its reads.

    Attributes
    ----------
    sample, role : str
    reads : tuple of (str, Reads)
        Of each amplicon, by its name, and PCR.
    found : tuple of Found
        The most reads first.
    limits : dict of str to dict
        Of each amplicon what its limits were set from.
    warnings : tuple of QueryWarning
    provenance : Provenance
    """

    sample: str
    role: str
    reads: tuple[tuple[str, Reads], ...]
    found: tuple[Found, ...]
    limits: dict[str, dict]
    warnings: tuple[QueryWarning, ...]
    provenance: Provenance

    @property
    def present(self) -> tuple[Found, ...]:
        """What is stated as present and was identified."""
        return tuple(
            one
            for one in self.found
            if one.presence == PRESENT and one.taxon.status == "identified"
        )

    @property
    def examined(self) -> int:
        """Reads of all PCRs and amplicons that were merged and are good enough."""
        return sum(one.examined for _amplicon, one in self.reads)

    def __repr__(self) -> str:
        return f"<Mixture {self.sample}: {self.headline()}>"

    def headline(self) -> str:
        """Return the result in one sentence."""
        names = list(dict.fromkeys(one.taxon.label for one in self.present))
        if names:
            return _("present: {taxa}").format(taxa=", ".join(names))
        if not self.examined:
            return _("no reads could be examined")
        return _("no taxon can be named as present")

    def to_dict(self) -> dict:
        """Return plain values, in the order of the documentation."""
        return {
            "sample": self.sample,
            "role": self.role,
            "result": self.headline(),
            "reads": [{"amplicon": name} | one.to_dict() for name, one in self.reads],
            "found": [one.to_dict() for one in self.found],
            "limits": self.limits,
            "warnings": [{"code": w.code, "message": w.message} for w in self.warnings],
            "provenance": self.provenance.to_dict(),
        }

    def to_rows(self) -> list[dict]:
        """Return a row a taxon, with the values of `CSV_COLUMNS`."""
        made = self.provenance
        counted: dict[str, int] = {}
        for name, one in self.reads:
            counted[name] = counted.get(name, 0) + one.counted
        rows = []
        for one in self.found:
            call = one.taxon.members[0][1]
            best = call.candidates[0] if call.candidates else None
            row = {
                "sample": self.sample, "role": self.role, "amplicon": one.amplicon,
                "presence": one.presence, "status": one.taxon.status, "rank": one.taxon.rank,
                "taxon": one.taxon.taxon, "label": one.taxon.label, "reads": one.reads,
                "counted": counted[one.amplicon], "share_of_reads": one.share.share,
                "low": one.share.low, "high": one.share.high, "interval": one.share.method,
                "pcrs_above": one.above, "pcrs": len(one.pcrs),
                "most_reads_in_blank": one.most_in("blank"),
                "most_reads_in_unused_tags": one.most_in("unused-tag"),
                "sequences": len(one.taxon.members), "identity": best and best.identity,
                "probability": call.call.probability,
                "warnings": " ".join(warning.code for warning in self.warnings),
                "library": made.library["name"], "library_sha256": made.library["sha256"],
                "program": f"vsearch {made.dependencies.get('vsearch')}",
                "version": made.version, "time": made.time,
            }  # fmt: skip
            rows.append(row)
        return rows

    # -- for people -----------------------------------------------------------------------

    def lines(self) -> list[tuple[str, str]]:
        """Return label and text of everything a person should read, in order."""
        lines = [(_("Result"), self.headline()), (_("Reads"), self._reads_line())]
        headings = (
            (PRESENT, _("Present")),
            (ONE_PCR, _("In too few PCRs")),
            (BELOW, _("Not above the limit")),
            (CONTAMINATION, _("Contamination")),
        )
        for presence, heading in headings:
            named = [one for one in self.found if one.presence == presence]
            for one in named:
                if one.taxon.status == "inconclusive" and presence == PRESENT:
                    lines.append((_("Present, no name"), _line(one)))
                elif one.taxon.status not in _APART:
                    lines.append((heading, _line(one)))
        lines += [
            (_("Not compared"), _line(one)) for one in self.found if one.taxon.status == "unusable"
        ]
        lines += [(_("Not in the library"), text) for text in self._absent()]
        lines += [(_("Limits"), _limits(name, found)) for name, found in self.limits.items()]
        lines += [(_("Note"), warning.message) for warning in self.warnings]
        lines += [(_("Note"), text) for text in self._notes()]
        lines.append(
            (
                _("Shares"),
                _(
                    "of reads, not of material: primers fit species differently. Interval: "
                    "{method}."
                ).format(method=_shown(self.found)),
            )
        )
        return lines

    def _reads_line(self) -> str:
        parts = []
        for name in dict(self.reads):
            held = [one for amplicon, one in self.reads if amplicon == name]
            examined = sum(one.examined for one in held)
            parts.append(
                _(
                    "{amplicon}: {examined} examined in {pcrs}, {sequences} of them in sequences "
                    "that can be told from errors, {chimeras} in chimeras"
                ).format(
                    amplicon=name,
                    examined=thousands(examined),
                    pcrs=ngettext("{number} PCR", "{number} PCRs", len(held)).format(
                        number=len(held)
                    ),
                    sequences=thousands(sum(one.sequences for one in held)),
                    chimeras=thousands(sum(one.chimeras for one in held)),
                )
            )
        return _("; ").join(parts)

    def _notes(self) -> Iterator[str]:
        """Yield what must be known of the names: of each, that of its most frequent sequence."""
        taxa: dict[str, list[str]] = {}
        for one in self.present:
            for warning in one.taxon.members[0][1].warnings:
                taxa.setdefault(warning.message, []).append(one.taxon.label)
        for message, labels in taxa.items():
            yield _("{taxa}: {note}").format(taxa=_("; ").join(dict.fromkeys(labels)), note=message)

    def _absent(self) -> Iterator[str]:
        for name in dict(self.reads):
            held = [
                one
                for one in self.found
                if one.amplicon == name and one.taxon.status == "not_in_library"
            ]
            counted = sum(one.counted for amplicon, one in self.reads if amplicon == name)
            if held and counted:
                reads = sum(one.reads for one in held)
                above = sum(one.presence == PRESENT for one in held)
                yield _(
                    "{share} of the reads of {amplicon}, in {sequences} ({above} above the limit). "
                    "The most frequent one: {label}"
                ).format(
                    share=numeral(reads / counted, ".1%"),
                    amplicon=name,
                    sequences=ngettext("{number} sequence", "{number} sequences", len(held)).format(
                        number=len(held)
                    ),
                    above=above,
                    label=held[0].taxon.label,
                )


def _line(one: Found) -> str:
    text = _(
        "{label}: {share} of the reads ({low} to {high}), {reads} of {counted}, {amplicon}"
    ).format(
        label=one.taxon.label,
        share=numeral(one.share.share or 0, ".2%"),
        low=numeral(one.share.low, ".2%"),
        high=numeral(one.share.high, ".2%"),
        reads=thousands(one.reads),
        counted=thousands(sum(pcr.counted for pcr in one.pcrs)),
        amplicon=one.amplicon,
    )
    if one.presence != CONTAMINATION:
        text += ngettext(
            "; above the limit in {above} of {pcrs} PCR ({limits})",
            "; above the limit in {above} of {pcrs} PCRs ({limits})",
            len(one.pcrs),
        ).format(
            above=one.above,
            pcrs=len(one.pcrs),
            limits=", ".join(
                _("{reads}, limit {limit}").format(
                    reads=thousands(pcr.reads), limit=numeral(pcr.limit.reads, ".1f")
                )
                for pcr in one.pcrs
            ),
        )
    if one.controls:
        text += _("; in controls: {controls}").format(
            controls=", ".join(
                _("{reads} of {counted} in {pcr}").format(
                    reads=thousands(c.reads), counted=thousands(c.counted), pcr=c.pcr
                )
                for c in one.controls
            )
        )
    return text


def _limits(name: str, found: dict) -> str:
    if found["blanks"]:
        blanks = len(found["blanks"])
        text = ngettext(
            "{amplicon}: from {number} blank, in which a taxon has at most {most} reads; a "
            "contaminant exceeds that by chance in one PCR of {chance}",
            "{amplicon}: from {number} blanks, in which a taxon has at most {most} reads; a "
            "contaminant exceeds that by chance in one PCR of {chance}",
            blanks,
        ).format(
            amplicon=name, number=blanks, most=thousands(found["most_reads_of_a_taxon_in_a_blank"]),
            chance=blanks + 1,
        )  # fmt: skip
    else:
        text = _("{amplicon}: without blanks, {share:.0%} of the reads of a PCR").format(
            amplicon=name, share=found["fallback_share"]
        )
    if found["jump_rate"] is not None:
        text += _("; up to {rate:.3%} of a taxon's reads elsewhere may have come here").format(
            rate=found["jump_rate"]
        )
    return text


def _shown(found: Sequence[Found]) -> str:
    if any(one.share.method == BETWEEN for one in found):
        return _("between PCRs, Korn and Graubard 1998")
    return _("counting of reads alone (Wilson), which is not how PCRs differ")


class Mixtures(Sequence):
    """The results of the samples of a run.

    Parameters
    ----------
    results : iterable of Mixture
    """

    def __init__(self, results: Iterable[Mixture]) -> None:
        self._results = tuple(results)

    def __getitem__(self, position):
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

    def to_frame(self):
        """Return a pandas.DataFrame with a row a sample and taxon, and the CSV's columns."""
        import pandas

        rows = [row for result in self._results for row in result.to_rows()]
        return pandas.DataFrame(rows, columns=list(CSV_COLUMNS))

    def _repr_html_(self) -> str:
        return "".join(result._repr_html_() for result in self._results)
