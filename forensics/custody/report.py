"""What a verification found."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from forensics.custody.fingerprints import Fingerprint
from forensics.custody.state import Flag
from forensics.errors import VerificationError
from forensics.messages import _, ngettext

if TYPE_CHECKING:
    from forensics.custody.witnesses import Standing
    from forensics.store.copies import SideFile

__all__ = ["Problem", "Report"]


@dataclass(frozen=True)
class Problem:
    """Something that is wrong.

    Attributes
    ----------
    seq : int
        Number of the event; 0 where it is not about one.
    what : str
    """

    seq: int
    what: str

    def __str__(self) -> str:
        return (
            _("event {seq}: {what}").format(seq=self.seq, what=self.what) if self.seq else self.what
        )


@dataclass
class Report:
    """What verification found.

    Attributes
    ----------
    path : str
    ledger : str
        Id of the ledger.
    size : int
        Number of events.
    root : str
        Root of the tree, in hex.
    fingerprint : Fingerprint or None
    problems : list of Problem
        In the order in which they were found; empty if all is well.
    notes : list of str
        What is not a fault and should be known, such as files that no event names.
    flags : list of Flag
        Discrepancies that the laboratory recorded itself.
    erased : int
        Fields erased by order.
    files, heads : int
        Attached files and heads that were checked.
    witnesses : list of Standing
        What each countersignature is worth.
    beside : list of SideFile
        Files of SQLite that lay beside the ledger and belong to what it says.
    nested : int
        How many field ledgers lie inside one another in it.
    """

    path: str
    ledger: str = ""
    size: int = 0
    root: str = ""
    fingerprint: Fingerprint | None = None
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)
    erased: int = 0
    files: int = 0
    heads: int = 0
    witnesses: list["Standing"] = field(default_factory=list)
    beside: list["SideFile"] = field(default_factory=list)
    nested: int = 0

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    @property
    def first(self) -> Problem | None:
        """The problem of the first event that is wrong; else the first other one."""
        events = [problem for problem in self.problems if problem.seq]
        return min(events, key=lambda problem: problem.seq, default=None) or (
            self.problems[0] if self.problems else None
        )

    def require(self) -> "Report":
        """Return the report, or raise `VerificationError` that names the first bad event."""
        if self.ok:
            return self
        more = len(self.problems) - 1
        text = _("{path}: verification failed. First: {first}").format(
            path=self.path, first=self.first
        )
        if more:
            text += " " + ngettext(
                "({number} more problem)", "({number} more problems)", more
            ).format(number=more)
        raise VerificationError(text)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "path": self.path,
            "ok": self.ok,
            "ledger": self.ledger,
            "size": self.size,
            "root": self.root,
            "fingerprint": str(self.fingerprint) if self.fingerprint else None,
            "first": str(self.first) if self.first else None,
            "problems": [
                {"event": entry.seq or None, "what": entry.what} for entry in self.problems
            ],
            "notes": self.notes,
            "flags": [{"event": f.seq, "code": f.code, "about": f.about} for f in self.flags],
            "erased_fields": self.erased,
            "files": self.files,
            "heads": self.heads,
            "witnesses": [entry.to_dict() for entry in self.witnesses],
            "beside": [{"name": side.name, "bytes": side.size} for side in self.beside],
        }
