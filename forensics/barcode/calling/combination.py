"""The result of combining the loci of one sample."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from forensics.barcode.calling.decision import Call
from forensics.barcode.identification import RANKS, UNNAMED
from forensics.core.notice import Notice
from forensics.core.plain import PlainResult
from forensics.core.provenance import Provenance
from forensics.messages import _, numeral

if TYPE_CHECKING:
    from forensics.core.written import Written

__all__ = ["Combination", "Member", "Voice"]


@dataclass(frozen=True)
class Voice:
    """A sequence whose evidence was counted.

    Attributes
    ----------
    linkage : str
        ``mitochondrial``, ``plastid``, or the name of a nuclear locus.
    query, locus : str
        Whose evidence was taken.
    """

    linkage: str
    query: str
    locus: str


@dataclass(frozen=True, slots=True)
class Member:
    """A sequence of the sample, and what became of it.

    Attributes
    ----------
    query : str
        Name of its record; the pieces of a genome have one name.
    part : str or None
        Locus of a piece of a genome.
    locus : str or None
        None where it has none.
    role : str
        ``counted``, ``compared`` or ``left_out``, as in `Combination`.
    """

    query: str
    part: str | None
    locus: str | None
    role: str

    @property
    def label(self) -> str:
        """Its name and, of a piece, the part."""
        return f"{self.query} {self.part}" if self.part else self.query


@dataclass(frozen=True)
class Combination(PlainResult):
    """What several loci say together; `to_dict` has the keys of the JSON output.

    Attributes
    ----------
    queries : tuple of str
        All that were given, in their order.
    voices : tuple of Voice
        Each calibrated locus once; without calibration one a molecule. That which speaks most for the library's
        species comes first.
    compared : tuple of str
        Queries that were compared and not counted: of a locus of which there is a longer one, or not calibrated
        where another is; without calibration of a molecule for which another speaks.
    left_out : tuple of str
        Queries that say nothing: unusable, or without a locus.
    call : Call
        `Call.probabilities` is None where no locus is calibrated, or where loci conflict.
    confidence : float
        Probability that a call must reach.
    provenance : Provenance
        That of the identifications; its ``input`` has ``files``, a list of their inputs, and
        its ``library`` ``libraries`` where they are of several.
    members : tuple of Member
        The queries with their parts.
    written : Written or None
        Of a result that was read back, how the record differs from what would be stored now.
    """

    queries: tuple[str, ...]
    voices: tuple[Voice, ...]
    compared: tuple[str, ...]
    left_out: tuple[str, ...]
    call: Call
    confidence: float
    provenance: Provenance
    members: tuple[Member, ...]
    written: "Written | None" = None

    @classmethod
    def from_stored(cls, record: Mapping[str, Any]) -> "Combination":
        """Return the combination that `to_dict` wrote, from its JSON or from the ledger.

        Raises
        ------
        InputError
            If it is not such a record.
        """
        from forensics.barcode.stored_identification import read_combination

        return read_combination(record)

    @classmethod
    def from_json(cls, text: str) -> "Combination":
        """Return the combination that `to_json` wrote.

        Raises
        ------
        InputError
            If it is not JSON, or not such a record.
        """
        from forensics.barcode.stored_identification import parse_record

        return cls.from_stored(parse_record(text))

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What must be known of it."""
        return self.call.warnings

    @property
    def codes(self) -> frozenset[str]:
        """The codes of the notices."""
        return frozenset(notice.code for notice in self.call.warnings)

    @property
    def status(self) -> str:
        """``identified``, ``inconclusive``, ``nothing_near`` or ``unusable``."""
        return self.call.status

    @property
    def rank(self) -> str | None:
        """Rank of the call."""
        return self.call.rank

    @property
    def taxon(self) -> str | None:
        """Name of what was identified."""
        return self.call.taxon

    def to_dict(self) -> dict[str, Any]:
        """Return plain values under the key ``combined``; one that was read back as it was stored."""
        call = self.call
        values: dict[str, Any] = {
            "combined": {
                "queries": list(self.queries),
                "members": [asdict(member) for member in self.members],
                "molecules": [
                    {"linkage": voice.linkage, "query": voice.query, "locus": voice.locus}
                    for voice in self.voices
                ],
                "compared": list(self.compared),
                "left_out": list(self.left_out),
                "status": call.status,
                "rank": call.rank,
                "taxon": call.taxon,
                "probability": call.probability,
                "probabilities": call.probabilities,
                "not_excluded": list(call.not_excluded),
                "confidence": self.confidence,
                "warnings": [{"code": w.code, "message": w.message} for w in call.warnings],
                "provenance": self.provenance.to_dict(),
            }
        }
        return values if self.written is None else self.written.apply(values)

    def to_json(self) -> str:
        """Return one line of JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False)

    def to_row(self) -> dict[str, Any]:
        """Return values for the columns of the CSV output; the others do not apply."""
        call = self.call
        return {
            "query": "combined",
            "locus": "+".join(voice.locus for voice in self.voices),
            "status": call.status,
            "rank": call.rank,
            "taxon": call.taxon,
            "probability": call.probability,
            "none_in_library": call.probabilities and call.probabilities["species"]["none"],
            "warnings": " ".join(warning.code for warning in call.warnings),
            "library": self.provenance.library.get("name"),
            "library_sha256": self.provenance.library.get("sha256"),
            "version": self.provenance.version,
            "time": self.provenance.time,
        }

    def to_frame(self):
        """Return a pandas.DataFrame with a row a species, and ``none``, the likeliest first."""
        import pandas

        known = (self.call.probabilities or {}).get("species", {})
        rows = sorted(known.items(), key=lambda item: (-item[1], item[0]))
        return pandas.DataFrame(rows, columns=["species", "probability"])

    def headline(self) -> str:
        """Return the result in one sentence."""
        if self.status == "identified":
            sentence = _("{taxon} ({rank})").format(taxon=self.taxon, rank=_(RANKS[self.rank]))
            if self.call.probability is None:
                return sentence
            # Certainty is never claimed.
            sure = self.call.probability >= 0.9995
            probability = _("over 99.9%") if sure else numeral(self.call.probability, ".1%")
            return _("{said}, probability {probability}").format(
                said=sentence, probability=probability
            )
        if self.status == "unusable":
            return _("unusable: no locus says anything")
        return _(UNNAMED[self.status])

    def lines(self) -> list[tuple[str, str]]:
        """Return label and text of everything a person should read, in order."""
        lines = [(_("Result"), self.headline())]
        for voice in self.voices:
            evidence = _("{locus} of {query}").format(locus=voice.locus, query=voice.query)
            lines.append((_("Evidence"), evidence))
        if compared := self._labels("compared"):
            lines.append((_("Compared only"), ", ".join(compared)))
        if left_out := self._labels("left_out"):
            lines.append((_("Says nothing"), ", ".join(left_out)))
        if len(self.call.not_excluded) > 1:
            lines.append((_("Not excluded"), ", ".join(self.call.not_excluded)))
        return lines + [(_("Note"), warning.message) for warning in self.call.warnings]

    def _labels(self, role: str) -> list[str]:
        """Return how the sequences of a role are called."""
        return [member.label for member in self.members if member.role == role]

    @property
    def labels(self) -> list[str]:
        """How all sequences are called."""
        return [member.label for member in self.members]

    def __repr__(self) -> str:
        return f"<Combination {', '.join(self.labels)}: {self.headline()}>"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left;vertical-align:top'>{escape(label)}</th>"
            f"<td style='text-align:left'>{escape(text)}</td></tr>"
            for label, text in self.lines()
        )
        return f"<table><caption>{escape(', '.join(self.labels))}</caption>{rows}</table>"
