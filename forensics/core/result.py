"""The base of results: what every result gives to people, to programs and to the ledger.

A method defines a frozen dataclass with what it found, typed, and says in words what follows:

- ``headline()``: the result in one sentence; ``details()``: label and text of what comes after it;
  ``limits()``: what the method cannot say.
- ``notices``: what must be known of this result (`forensics.core.notice`).
- The fields are what is stored (`forensics.core.stored`). `Result.from_stored` reads it back.

Nothing is shown that is not stored, so that a result that was read back shows what it showed.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

from forensics.core.notice import Notice, NoticeKind
from forensics.core.provenance import Provenance
from forensics.core.stored import (
    StoredResult,
    Written,
    from_stored,
    not_stored,
    reported,
    stored,
    to_stored,
)
from forensics.messages import _


@dataclass(frozen=True, kw_only=True)
class Result(StoredResult):
    """The base of typed results.

    Attributes
    ----------
    sample : str
        What it is of; "" where it has no name.
    notices : tuple of Notice
        What must be known of it.
    provenance : Provenance
        How it was reached.
    written : Written
        Of a result that was read back, how the record differs from what would be stored now.
    """

    KEYS: ClassVar[tuple[str, ...]]
    """All keys of the stored form, in their order."""
    NOTICE_KINDS: ClassVar[Mapping[str, NoticeKind]] = {}
    """Kinds of its notices, by code."""

    sample: str
    notices: tuple[Notice, ...] = field(default=(), metadata=stored("warnings"))
    provenance: Provenance
    written: Written = field(default=Written(), repr=False, compare=False, metadata=not_stored())

    @reported("result")
    @abstractmethod
    def headline(self) -> str:
        """Return the result in one sentence."""

    @abstractmethod
    def details(self) -> list[tuple[str, str]]:
        """Return label and text of what a person should read after the headline."""

    @reported("limits")
    def limits(self) -> list[str]:
        """Return what this method cannot say, a sentence or more each."""
        return []

    @property
    def warnings(self) -> tuple[Notice, ...]:
        """The notices, under the key that they are stored by."""
        return self.notices

    @property
    def codes(self) -> frozenset[str]:
        """The codes of the notices."""
        return frozenset(notice.code for notice in self.notices)

    def lines(self) -> list[tuple[str, str]]:
        """Return label and text of everything a person should read, in order."""
        return [
            (_("Result"), self.headline()),
            *self.details(),
            *((_("Note"), notice.message) for notice in self.notices),
            *((_("Limits"), text) for text in self.limits()),
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, as they are stored; one that was read back is stored as it was."""
        return self.written.apply(to_stored(self))

    @classmethod
    def from_stored(cls, record: Mapping[str, Any]) -> Self:
        """Return the result that `to_dict` wrote, from its JSON or from the ledger.

        Raises
        ------
        InputError
            If it is no such result.
        """
        made = from_stored(cls, record, kinds=cls.NOTICE_KINDS)
        return replace(made, written=Written.compare(record, to_stored(made)))

    def rows(self) -> Sequence[dict[str, Any]]:
        """Return rows of a table; by default one, with what is neither a list nor a table."""
        values = self.to_dict()
        provenance = self.provenance
        left_out = ("explanation", "sample", "result")
        return [
            {
                "sample": self.sample,
                "result": self.headline(),
                **{
                    key: value
                    for key, value in values.items()
                    if key not in left_out and not isinstance(value, (list, dict))
                },
                "warnings": " ".join(notice.code for notice in self.notices),
                "library": provenance.library.get("name"),
                "library_sha256": provenance.library.get("sha256"),
                "version": provenance.version,
                "time": provenance.time,
            }
        ]
