"""Ties between a seizure and a ledger of custody, and what a finding there changes.

A record is never changed by a finding; a person does that, with the reason in its history. Compared
is, for every seizure that is tied to a finding or to an exhibit with findings, what was declared, what was
found and how surely, and which Appendices may apply on the day of the seizure by the one and by
the other, for the population and the kind of specimen that are known.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from forensics.errors import InputError, UsageError
from forensics.io.numbers import day_of
from forensics.messages import _
from forensics.taxonomy.listings.table import place_of
from forensics.taxonomy.names import parse_name
from forensics.trade.listing import Listings, name_of
from forensics.trade.mapping import LINKS
from forensics.trade.record import Seizure, Specimen
from forensics.trade.store import Store

if TYPE_CHECKING:
    from forensics.custody.reader import Event, Reader


@dataclass(frozen=True)
class Links:
    """What a ledger has that a record may be tied to.

    Attributes
    ----------
    ledger : str
        Id of the ledger; empty where none was given: then ties are kept as they are said, not checked.
    names : dict of str to frozenset of str
        Cases, exhibits (and samples), findings (numbers of their events) that it has.
    """

    ledger: str = ""
    names: dict[str, frozenset[str]] = field(default_factory=dict)

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
                    "The store belongs to the ledger {expected}, but this is {found}. Give that "
                    "ledger, or a store made without one."
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
        If there is nothing to tie, a name is empty, the ledger has no such thing, or the store no such seizure;
        nothing is changed.
    """
    ties = [(kind, str(name)) for kind in LINKS for name in names.get(kind, ())]
    if not ties or not all(name.strip() for _kind, name in ties):
        raise UsageError(_("Give --case, --exhibit or --finding."))
    store.find(seizure, specimen)
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


SAME = "same"
COMPATIBLE = "compatible"
"""The one is within the other, as a species within a genus."""
MISMATCH = "mismatch"
NO_NAME = "no name"
"""The finding gives none: inconclusive, or nothing near."""
NOT_COMPARABLE = "not comparable"
"""Nothing was declared, or no scientific name or country: nothing that a finding could contradict."""


@dataclass(frozen=True)
class Comparison:
    """A kind of specimen of a seizure beside one finding.

    Attributes
    ----------
    seizure, specimen : int
        Numbers in the store.
    reference, day : str
        Of the record; the day as far as it is known.
    finding : int
        Event in the ledger.
    reviewed : bool
        Whether a second person agreed with it.
    field : str
        ``species`` or ``origin``.
    declared, found : str
    probability : float or None
        Of what was found, as the finding states it, with its own prior.
    outcome : str
        `SAME`, `COMPATIBLE`, `MISMATCH`, `NO_NAME` or `NOT_COMPARABLE`.
    appendix_declared, appendix_found : str
        Appendices that may apply by what was declared, and by what was found, as ``I/II``;
        ``not known`` where the day or the name does not let it be told.
    """

    seizure: int
    specimen: int
    reference: str
    day: str
    finding: int
    reviewed: bool
    field: str
    declared: str
    found: str
    probability: float | None
    outcome: str
    appendix_declared: str
    appendix_found: str


def compare(
    store: Store, ledger: "Reader", *, listings: Listings | None = None
) -> Iterator[Comparison]:
    """Yield what findings say of the seizures that are tied to them.

    Parameters
    ----------
    store : Store
    ledger : Reader
        That the ties are to.
    listings : Listings, optional
        With an official list; default: the packaged table.

    Raises
    ------
    UsageError
        If a tie is to another ledger.
    """
    listings = listings or Listings()
    state = ledger.state
    events = {event.seq: event for event in ledger.events() if event.type == "finding"}
    ties: dict[tuple[int, int | None], set[int]] = {}
    for row in store.table("links"):
        if row["ledger"] and row["ledger"] != state.ledger:
            raise UsageError(
                _("Seizure {number} is tied to the ledger {expected}; this is {found}.").format(
                    number=row["seizure"], expected=row["ledger"], found=state.ledger
                )
            )
        place = ties.setdefault((row["seizure"], row["specimen"]), set())
        if row["kind"] == "finding" and row["name"].isdigit():
            place |= {int(row["name"])} & set(events)
        elif row["kind"] == "exhibit":
            things = {
                name for name, item in state.things.items() if row["name"] in (name, item.root)
            }
            place |= {seq for seq, event in events.items() if event.fields["thing"] in things}
    for seizure in store.seizures():
        for specimen in seizure.specimens:
            tied = ties.get((seizure.id, None), set()) | ties.get((seizure.id, specimen.id), set())
            for seq in sorted(tied):
                reviewed = bool(state.findings[seq].reviewed)
                yield from _compare_specimen(seizure, specimen, events[seq], reviewed, listings)


def _compare_specimen(
    seizure: Seizure, specimen: Specimen, event: "Event", reviewed: bool, listings: Listings
) -> Iterator[Comparison]:
    """Yield the comparison of one finding, where it says something that was declared."""
    kind, day = event.fields["kind"], day_of(seizure.get("date"))
    result = event.fields["result"] if isinstance(event.fields["result"], dict) else {}
    declared_taxon = specimen.text("species")
    declared_origin = specimen.text("origin")
    taxon, origin = declared_taxon, declared_origin
    if kind == "identification":
        declared, tested = declared_taxon, str(result.get("taxon") or "")
        outcome = _of_names(declared, tested, day)
        taxon = tested
    elif kind == "origin":
        declared, tested = declared_origin, str(result.get("origin") or "")
        outcome = _of_places(declared, tested)
        origin = _place(tested) or declared_origin
    else:
        return
    value = result.get("probability")
    yield Comparison(
        seizure.id,
        specimen.id,
        seizure.text("reference"),
        seizure.text("date"),
        event.seq,
        reviewed,
        "species" if kind == "identification" else "origin",
        declared,
        tested,
        None if value is None else float(value),
        outcome,
        _appendix(specimen, day, declared_taxon, declared_origin, listings),
        _appendix(specimen, day, taxon, origin, listings),
    )


def _of_names(declared: str, tested: str, day: date | None) -> str:
    if not tested:
        return NO_NAME
    name, other = name_of(declared, day), name_of(tested, day)
    if name.name == other.name:
        return SAME
    if not name.levels or not (name.known or parse_name(name.name).species):
        return NOT_COMPARABLE
    within = name.name in other.levels or other.name in name.levels
    return COMPATIBLE if within else MISMATCH


def _of_places(declared: str, tested: str) -> str:
    if not tested:
        return NO_NAME
    place = _place(tested)
    if place is None:
        # A reporting unit or a population of the reference: no country to compare with.
        return COMPATIBLE
    stated = _place(declared)
    if stated is None:
        return NOT_COMPARABLE
    if place == stated:
        return SAME
    within = place.startswith(f"{stated}-") or stated.startswith(f"{place}-")
    return COMPATIBLE if within else MISMATCH


def _place(text: str) -> str | None:
    try:
        return place_of(text)
    except UsageError:
        return None


def _appendix(
    specimen: Specimen, day: date | None, taxon: str, origin: str, listings: Listings
) -> str:
    if day is None or not taxon:
        return _("not known")
    try:
        appendices = listings.of_specimen(specimen, day, species=taxon, origin=_place(origin) or "")
    except UsageError:
        return _("not known")
    names = [*appendices.possible, *([_("no listing found")] if appendices.unlisted else [])]
    return "/".join(names) + ("" if appendices.judged else " (" + _("not judged") + ")")
