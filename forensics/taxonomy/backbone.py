"""A backbone of names: accepted names, synonyms, the species known of each genus and family, and the ranks above.

A library says what it holds, a backbone what there is. From both follows how complete a library is for a genus,
which names are of one species, and to which order and class a sequence belongs.

A backbone is JSON (docs/formats.md)::

    {"format": 1,
     "source": {"name": "NCBI Taxonomy", "version": "2024-09-09", ...},
     "genera": {"Manis": [{"family": "Manidae", "order": "Pholidota", "class": "Mammalia",
                           "phylum": "Chordata", "species": ["crassicaudata", "javanica", ...]}]},
     "families": {"Manidae": [{"order": "Pholidota", ..., "genera": 3, "species": 8}]},
     "synonyms": {"Manis tricuspis": "Phataginus tricuspis"}}

One genus name may stand in zoology and in botany (*Ficus*), so each has a list.

References
----------
Schoch et al. 2020, doi:10.1093/database/baaa062 (NCBI Taxonomy).
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from forensics.errors import LibraryError
from forensics.messages import _

__all__ = ["FORMAT", "UPPER_RANKS", "Backbone", "Taxon", "parse_backbone"]

FORMAT = 1
UPPER_RANKS = ("family", "order", "class", "phylum")
"""Ranks above the genus, the lowest first."""


@dataclass(frozen=True, slots=True)
class Taxon:
    """A genus or a family, and what is known of it.

    Attributes
    ----------
    ranks : mapping of str to str
        Of `UPPER_RANKS`, as far as they are known; of a family those above it.
    species : tuple of str
        Epithets of the species of a genus, in alphabetical order; empty for a family.
    count : int
        Number of species known.
    genera : int
        Number of genera of a family that have such species; 0 for a genus.
    """

    ranks: Mapping[str, str]
    species: tuple[str, ...]
    count: int
    genera: int = 0


@dataclass(frozen=True)
class Backbone:
    """Names and what is known of them.

    Attributes
    ----------
    genera, families : mapping of str to tuple of Taxon
        Several where one name stands for several.
    synonyms : mapping of str to str
        Accepted binomials by name.
    source : mapping of str to object
        What the names were taken from: ``name``, ``version``, ``files`` with their SHA-256.
    """

    genera: Mapping[str, tuple[Taxon, ...]]
    families: Mapping[str, tuple[Taxon, ...]] = field(default_factory=dict)
    synonyms: Mapping[str, str] = field(default_factory=dict)
    source: Mapping[str, object] = field(default_factory=dict)

    def accepted(self, name: str) -> str:
        """Return the accepted name of a species; the name itself where it is accepted, or not known.

        Examples
        --------
        >>> backbone = Backbone({}, synonyms={"Manis tricuspis": "Phataginus tricuspis"})
        >>> backbone.accepted("Manis tricuspis"), backbone.accepted("Manis javanica")
        ('Phataginus tricuspis', 'Manis javanica')
        """
        return self.synonyms.get(name, name)

    def is_accepted(self, species: str) -> bool:
        """Return whether a binomial is the accepted name of a species."""
        genus, _space, epithet = species.partition(" ")
        return epithet in self._epithets.get(genus, ())

    def are_two_species(self, first: str, other: str) -> bool:
        """Return whether both names are accepted, so that they are of two species."""
        return first != other and self.is_accepted(first) and self.is_accepted(other)

    def known_species(self, taxon: str, *, known: Collection[str] = ()) -> int:
        """Return how many species of a genus or family are known; 0 where nothing, or not which of several, is known.

        Parameters
        ----------
        taxon : str
            Name of a genus or a family.
        known : collection of str
            What is known of its ranks above; decides between homonyms.
        """
        entry = self._find(self.genera.get(taxon) or self.families.get(taxon) or (), known)
        return entry.count if entry else 0

    def species_of(self, genus: str, *, known: Collection[str] = ()) -> tuple[str, ...]:
        """Return the species of a genus; empty where it is not known."""
        entry = self._find(self.genera.get(genus, ()), known)
        return tuple(f"{genus} {epithet}" for epithet in entry.species) if entry else ()

    def ranks_of(self, taxon: str, *, known: Collection[str] = ()) -> Mapping[str, str]:
        """Return the ranks above a genus or a family; empty where it is not known."""
        entry = self._find(self.genera.get(taxon) or self.families.get(taxon) or (), known)
        return entry.ranks if entry else {}

    @staticmethod
    def _find(taxa: tuple[Taxon, ...], known: Collection[str]) -> Taxon | None:
        """Return the taxon that is meant; None where there is none, or where several may be."""
        if len(taxa) > 1:
            taxa = tuple(t for t in taxa if not set(t.ranks.values()).isdisjoint(known))
        return taxa[0] if len(taxa) == 1 else None

    @cached_property
    def _epithets(self) -> dict[str, frozenset[str]]:
        return {
            genus: frozenset(epithet for taxon in taxa for epithet in taxon.species)
            for genus, taxa in self.genera.items()
        }

    def subset(self, genera: Iterable[str], families: Iterable[str] = ()) -> "Backbone":
        """Return what is known of some genera, their families, and further families."""
        wanted = sorted(set(genera) & self.genera.keys())
        above = {
            taxon.ranks["family"]
            for genus in wanted
            for taxon in self.genera[genus]
            if "family" in taxon.ranks
        }
        kept = sorted(above.union(families) & self.families.keys())
        chosen = set(wanted)
        return Backbone(
            genera={genus: self.genera[genus] for genus in wanted},
            families={family: self.families[family] for family in kept},
            synonyms={
                name: accepted
                for name, accepted in self.synonyms.items()
                if name.partition(" ")[0] in chosen or accepted.partition(" ")[0] in chosen
            },
            source=self.source,
        )

    def to_json(self) -> str:
        """Return the backbone as JSON, the same text for the same backbone."""

        def entry(taxon: Taxon) -> dict[str, object]:
            ranks: dict[str, object] = dict(taxon.ranks)
            if taxon.genera:
                return {**ranks, "genera": taxon.genera, "species": taxon.count}
            return {**ranks, "species": list(taxon.species)}

        content = {
            "format": FORMAT,
            "source": dict(self.source),
            "genera": {g: [entry(t) for t in taxa] for g, taxa in sorted(self.genera.items())},
            "families": {f: [entry(t) for t in taxa] for f, taxa in sorted(self.families.items())},
            "synonyms": dict(sorted(self.synonyms.items())),
        }
        # A line for each part, so that two versions can be compared.
        parts = [
            f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False, separators=(',', ':'))}"
            for key, value in content.items()
        ]
        return "{" + ",\n ".join(parts) + "}\n"


def parse_backbone(text: str | bytes, *, name: str = "backbone") -> Backbone:
    """Read what `Backbone.to_json` wrote.

    Parameters
    ----------
    text : str or bytes
    name : str
        What it is called in errors.

    Raises
    ------
    LibraryError
        If it is not a backbone, or of another format.
    """
    try:
        content = json.loads(text)
        if content["format"] != FORMAT:
            raise LibraryError(
                _("{name} has format {found}; this version reads format {expected}.").format(
                    name=name, found=content["format"], expected=FORMAT
                )
            )
        return Backbone(
            genera={
                genus: tuple(
                    Taxon(_ranks(t), tuple(map(str, t["species"])), len(t["species"])) for t in taxa
                )
                for genus, taxa in content["genera"].items()
            },
            families={
                family: tuple(
                    Taxon(_ranks(t), (), int(t["species"]), int(t["genera"])) for t in taxa
                )
                for family, taxa in content["families"].items()
            },
            synonyms={str(k): str(v) for k, v in content["synonyms"].items()},
            source=content["source"],
        )
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        raise LibraryError(
            _("{name} is not a backbone of names: {error}").format(name=name, error=error)
        ) from error


def _ranks(entry: Mapping[str, object]) -> dict[str, str]:
    return {rank: str(entry[rank]) for rank in UPPER_RANKS if entry.get(rank)}
