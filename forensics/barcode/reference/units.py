"""Named units: sets of species that a locus does not tell apart, and their names.

A unit is neither a species nor a rank of taxonomy: it says how far the locus goes. Which species are twins, and so in one
unit, is decided by the library's own records when it is built (`forensics.barcode.reference.relations`).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

NameT = TypeVar("NameT")
UNIT = "unit"
"""What stands as the rank of a call of a unit."""
#: A unit of more species is not called: a name of six names is none. As many as a notice lists.
MAX_MEMBERS = 5
_BETWEEN = " / "


@dataclass(frozen=True, slots=True, order=True)
class Unit:
    """Species that a locus does not tell apart.

    Attributes
    ----------
    members : tuple of str
        Binomials in alphabetical order.
    """

    members: tuple[str, ...]

    @property
    def name(self) -> str:
        """The members in one name; a genus that stands before is not repeated."""
        return unit_name(self.members)

    @property
    def is_callable(self) -> bool:
        """Whether the unit is small enough to be called by its name."""
        return len(self.members) <= MAX_MEMBERS


def unit_name(members: Iterable[str]) -> str:
    """Return the name of a set of species.

    Examples
    --------
    >>> unit_name(["Lampornis calolaemus", "Lampornis castaneoventris"])
    'Lampornis calolaemus / castaneoventris'
    >>> unit_name(["Larus argentatus", "Chroicocephalus maculipennis", "Larus fuscus"])
    'Chroicocephalus maculipennis / Larus argentatus / fuscus'
    """
    words, last = [], ""
    for member in sorted(members):
        genus, _space, epithet = member.partition(" ")
        words.append(epithet if genus == last and epithet else member)
        last = genus
    return _BETWEEN.join(words)


def unit_members(name: str) -> tuple[str, ...]:
    """Return the species of a unit, from its name.

    Examples
    --------
    >>> unit_members("Chroicocephalus maculipennis / Larus argentatus / fuscus")
    ('Chroicocephalus maculipennis', 'Larus argentatus', 'Larus fuscus')
    """
    members, genus = [], ""
    for words in name.split(_BETWEEN):
        first, space, _epithet = words.partition(" ")
        genus = first if space else genus
        members.append(words if space else f"{genus} {words}")
    return tuple(members)


def connected(pairs: Iterable[tuple[NameT, NameT]]) -> dict[NameT, set[NameT]]:
    """Return, for each member of a pair, the group that pairs chain it to, itself included.

    Examples
    --------
    >>> sorted(connected([("a", "b"), ("b", "c"), ("x", "y")])["a"])
    ['a', 'b', 'c']
    """
    groups: dict[NameT, set[NameT]] = {}
    for first, other in pairs:
        joined = groups.get(first, {first}) | groups.get(other, {other})
        groups.update(dict.fromkeys(joined, joined))
    return groups


def units_of(twins: Mapping[str, Collection[str]]) -> tuple[Unit, ...]:
    """Return the units that twins make: each with the twins of its members.

    Parameters
    ----------
    twins : mapping of str to collection of str
        The twins of each species.

    Examples
    --------
    >>> units_of({"A a": {"A b"}, "A b": {"A a", "A c"}, "A c": {"A b"}})
    (Unit(members=('A a', 'A b', 'A c')),)
    """
    groups = connected((species, other) for species, others in twins.items() for other in others)
    return tuple(sorted({Unit(tuple(sorted(group))) for group in groups.values()}))
