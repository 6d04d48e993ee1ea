"""What a reader returns: records with their sequences, and what was left out."""

from dataclasses import dataclass

from forensics.barcode.reference.records import ReferenceRecord

__all__ = ["Drop", "Pair", "Result"]


@dataclass(frozen=True)
class Drop:
    """One record left out: where it was, what it was called, why, and what showed it."""

    package: str
    record: str
    name: str
    reason: str
    evidence: str

    @classmethod
    def of(cls, record: ReferenceRecord, reason: str, evidence: str) -> "Drop":
        """Leave out a record that was read."""
        return cls(record.source, record.accession, record.name, reason, evidence)


Pair = tuple[ReferenceRecord, str]
Result = tuple[list[Pair], list[Drop]]
