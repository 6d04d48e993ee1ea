"""Ties between a seizure and a ledger of custody: its case, its exhibits, the findings on them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from forensics.errors import InputError, UsageError
from forensics.messages import _
from forensics.trade.mapping import LINKS
from forensics.trade.store import Store

if TYPE_CHECKING:
    from forensics.custody.reader import Reader

__all__ = ["Links", "link"]


@dataclass(frozen=True)
class Links:
    """What a ledger has that a record may be tied to.

    Attributes
    ----------
    ledger : str
        Id of the ledger; empty where none was given, and nothing is checked.
    names : dict of str to frozenset of str
        Cases, exhibits (and samples), findings (numbers of their events) that it has.
    """

    ledger: str = ""
    names: dict[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def unchecked(cls) -> "Links":
        """Return ties that are kept as they are said, and marked as not checked."""
        return cls()

    @classmethod
    def of(cls, ledger: "Reader", store: Store | None = None) -> "Links":
        """Return what a ledger has.

        Raises
        ------
        UsageError
            If the store stands beside another ledger.
        """
        state = ledger.state
        beside = store.about.get("ledger", "") if store else ""
        if beside and beside != state.ledger:
            raise UsageError(
                _(
                    "The store stands beside the ledger {expected}, and this is {found}. Give that "
                    "ledger, or a store that was made without one."
                ).format(expected=beside, found=state.ledger)
            )
        return cls(
            state.ledger,
            {
                "case": frozenset(state.cases),
                "exhibit": frozenset(
                    name for name, item in state.things.items() if item.kind != "container"
                ),
                "finding": frozenset(map(str, state.findings)),
            },
        )

    def missing(self, kind: str, name: str) -> bool:
        """Whether the ledger was given and has no such thing."""
        return bool(self.ledger) and name not in self.names[kind]

    def tie(
        self, store: Store, seizure: int, ties: Iterable[tuple[str, str]], row: int, file: str
    ) -> None:
        """Add the ties of a row.

        Raises
        ------
        InputError
            Naming the row, if the ledger has no such thing.
        """
        for kind, name in ties:
            if self.missing(kind, name):
                raise InputError(_no_such(kind, name), source=file, line=row)
            store.add_link(seizure, None, kind, self.ledger, name, bool(self.ledger))


def link(
    store: Store,
    seizure: int,
    *,
    links: Links,
    specimen: int | None = None,
    **names: Iterable[str],
) -> int:
    """Tie a seizure that is in the store.

    Parameters
    ----------
    store : Store
    seizure : int
        Its id.
    links : Links
    specimen : int, optional
        Id of the specimens that are meant; default: the whole seizure.
    **names : iterable of str
        ``case``, ``exhibit``, ``finding``.

    Returns
    -------
    int
        Number of ties that were given.

    Raises
    ------
    UsageError
        If the ledger has no such thing, or the store no such seizure; nothing is changed.
    """
    ties = [(kind, str(name)) for kind in LINKS for name in names.get(kind, ())]
    known = {
        recorded.id: {kind.id for kind in recorded.specimens}
        for recorded in store.seizures(everything=True)
    }
    if seizure not in known or (specimen is not None and specimen not in known[seizure]):
        raise UsageError(
            _("There is no seizure {seizure} with specimens {specimen} in the store.").format(
                seizure=seizure, specimen=specimen or "-"
            )
        )
    for kind, name in ties:
        if links.missing(kind, name):
            raise UsageError(_no_such(kind, name))
    with store.changing():
        for kind, name in ties:
            store.add_link(seizure, specimen, kind, links.ledger, name, bool(links.ledger))
    return len(ties)


def _no_such(kind: str, name: str) -> str:
    return {
        "case": _("The ledger has no case {name}."),
        "exhibit": _("The ledger has no exhibit or sample {name}."),
        "finding": _("The ledger has no finding with the number {name}."),
    }[kind].format(name=name)
