"""Whether records count: what waits for a decision, what a person set aside, and how it is taken back.

A record is never deleted. What is set aside is left out of counts, reports and publications, stands in their notes,
and keeps its rows, its history and the reason.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from forensics.errors import UsageError
from forensics.messages import _
from forensics.trade.record import ASIDE, COUNTED, Seizure, Specimen, quantity_text
from forensics.trade.store import Store

__all__ = ["Uncounted", "decide", "uncounted"]


@dataclass(frozen=True, slots=True)
class Uncounted:
    """A kind of specimens that is not counted, and the decision by which it is not.

    Attributes
    ----------
    seizure, specimen : int
        Ids in the store.
    reference, date, species, quantity, unit, file : str
    row : int
        In the file.
    standing : str
        `record.WAITING` or `record.ASIDE`.
    code, decided_by, reason, at : str
        Of the last decision.
    """

    seizure: int
    specimen: int
    reference: str
    date: str
    species: str
    quantity: str
    unit: str
    file: str
    row: int
    standing: str
    code: str
    decided_by: str
    reason: str
    at: str

    def to_dict(self) -> dict[str, object]:
        """Return plain values."""
        return asdict(self)


def uncounted(store: Store) -> Iterator[Uncounted]:
    """Yield what is not counted, in the order in which it came."""
    last = {
        (decision["seizure"], decision["specimen"]): decision
        for decision in store.table("decisions")
    }
    for seizure in store.seizures(everything=True):
        whole = last.get((seizure.id, None))
        for specimen in seizure.specimens:
            if specimen.standing == COUNTED:
                continue
            decision = last.get((seizure.id, specimen.id))
            if whole and whole["standing"] == specimen.standing or decision is None:
                decision = whole or {}
            yield Uncounted(
                seizure.id, specimen.id, str(seizure.get("reference") or ""),
                str(seizure.get("date") or ""), str(specimen.get("species") or ""),
                quantity_text(specimen.values), str(specimen.get("unit") or ""), specimen.file,
                specimen.row, specimen.standing,
                *(str(decision.get(name, "")) for name in ("code", "decided_by", "reason", "at")),
            )  # fmt: skip


def decide(
    store: Store,
    seizure: int,
    standing: str,
    *,
    specimen: int | None = None,
    decided_by: str,
    reason: str,
    code: str = "",
    dry_run: bool = False,
) -> int:
    """Set a record aside, or count it again.

    Parameters
    ----------
    store : Store
    seizure : int
        Its id.
    standing : str
        `record.ASIDE` or `record.COUNTED`.
    specimen : int, optional
        Id of the specimens that are meant; default: the seizure with all of them.
    decided_by, reason : str
        Who, and why; both stay in the store.
    code : str
        Of the rule that proposed it.
    dry_run : bool

    Returns
    -------
    int
        Kinds of specimens whose standing changed.

    Raises
    ------
    UsageError
        If nobody decided or no reason is given, there is no such record, or it stands so already.
    """
    if standing not in (ASIDE, COUNTED):
        raise ValueError(f"{standing!r} is not a decision")
    if not decided_by.strip():
        raise UsageError(_("Say who decided: --by NAME."))
    if not reason.strip():
        raise UsageError(_("Say why: --reason TEXT. It stays with the record."))
    record, chosen = _record_of(store, seizure, specimen)
    changed = [record for record in chosen if record.standing != standing]
    if not changed and (specimen or record.standing == standing):
        raise UsageError(
            _("Seizure {seizure} with specimens {specimen} is {standing} already.").format(
                seizure=seizure, specimen=specimen or "-", standing=_(standing)
            )
        )
    standings = store.standings()
    if specimen and standing == COUNTED and standings.get((seizure, None), COUNTED) != COUNTED:
        raise UsageError(
            _("The whole seizure {seizure} is set aside; give it without --specimen.").format(
                seizure=seizure
            )
        )
    keys: list[int | None] = [record.id for record in changed]
    if specimen is None:
        # Of each kind of specimens as far as it had a decision of its own; the others follow the seizure.
        keys = [None, *(key for key in keys if standings.get((seizure, key), standing) != standing)]
    with store.changing(dry_run=dry_run):
        for key in keys:
            store.add_decision(
                seizure, key, standing, code=code, decided_by=decided_by, reason=reason
            )
    return len(changed)


def _record_of(store: Store, seizure: int, specimen: int | None) -> tuple[Seizure, list[Specimen]]:
    """Return a seizure, and the specimens of it that are meant."""
    record = next(
        (candidate for candidate in store.seizures(everything=True) if candidate.id == seizure),
        None,
    )
    chosen = (
        [candidate for candidate in record.specimens if specimen in (None, candidate.id)]
        if record
        else []
    )
    if record is None or (specimen is not None and not chosen):
        raise UsageError(
            _("There is no seizure {seizure} with specimens {specimen} in the store.").format(
                seizure=seizure, specimen=specimen or "-"
            )
        )
    return record, chosen
