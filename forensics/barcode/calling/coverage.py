"""How complete a library is for a genus, as a calibration learns and uses it.

A query that lies within 1 % of a species of a genus of which the library has every known species is of that
species; where half of the genus is missing, it may be of a missing one. How much this says is not assumed but learnt.

If the counts of the library itself were used, a left-out species could be told by the count alone: its genus then has
one species fewer than for all others. So for each sample some of the other species of its genus are taken to
be missing, too (`Coverage.draw`), in the share in which species are missing where calls are tried.
"""

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

    from forensics.barcode.matching.index import Index
    from forensics.barcode.reference.relations import NameRelations

__all__ = ["COVERAGE", "DRAWS", "MISSING_SHARE", "Coverage", "coverage_of"]

#: Names of the features and the sign of their effect on the probability that the species is missing.
COVERAGE = {"missing": +1, "present": 0}
#: Share of the other species of a genus that are taken to be missing when a calibration learns. 0 and 0.3 named as many
#: on the development splits, and more of them wrongly (docs/decisions/calls.md).
MISSING_SHARE = 0.1
#: So many times is each sample drawn, so that chance does not decide what is learnt.
DRAWS = 4


@dataclass(frozen=True)
class Coverage:
    """Known species of each genus that a locus of a library lacks, and that it has.

    Attributes
    ----------
    genera : mapping of str to tuple of (int or None, int)
        Missing and present species; missing is None where the backbone does not know the genus.
    """

    genera: Mapping[str, tuple[int | None, int]] = field(default_factory=dict)

    def counts(self, genus: str) -> tuple[float, float]:
        """Return the missing and the present species of a genus.

        Of a genus that the backbone does not know, as many are taken to be missing as of the others on average.
        """
        missing, present = self.genera.get(genus, (None, 1))
        return (present * self._missing_by_present if missing is None else missing), present

    @cached_property
    def _missing_by_present(self) -> float:
        """Missing species for each that is present, over the genera that the backbone knows."""
        known = [
            (missing, present) for missing, present in self.genera.values() if missing is not None
        ]
        total = sum(present for _missing, present in known)
        return sum(missing for missing, _present in known) / total if total else 1.0

    def features(self, genus: str) -> list[float]:
        """Return the features of a query whose nearest species is of this genus (`COVERAGE`)."""
        return _row(*self.counts(genus))

    def draw(self, genus: str, *, left_out: bool, generator: "Random") -> list[float]:
        """Return the features of a sample whose nearest species is of this genus.

        Parameters
        ----------
        genus : str
        left_out : bool
            Whether a species of the genus is left out; then it is one of the missing.
        generator : random.Random
            Decides which of the other species are taken to be missing.
        """
        missing, present = self.counts(genus)
        others = int(present) - 1 - left_out
        removed = sum(generator.random() < MISSING_SHARE for _species in range(others))
        return _row(missing + removed + left_out, max(1.0, present - removed - left_out))

    def without(self, genus: str, *, whole: bool = False) -> "Coverage":
        """Return the coverage of a library that lacks one more species of a genus, or the `whole` of it."""
        missing, present = self.genera.get(genus, (None, 0))
        if not present:
            return self
        removed = present if whole else 1
        counts = (None if missing is None else missing + removed, present - removed)
        return Coverage({**self.genera, genus: counts})

    def to_dict(self) -> dict[str, list[int | None]]:
        """Return plain values for JSON."""
        return {genus: list(counts) for genus, counts in self.genera.items()}

    @classmethod
    def from_dict(cls, content: Mapping[str, tuple[int | None, int]]) -> "Coverage":
        """Read what `to_dict` wrote."""
        return cls({genus: (missing, present) for genus, (missing, present) in content.items()})


def _row(missing: float, present: float) -> list[float]:
    return [math.log1p(missing), math.log1p(present)]


def coverage_of(index: "Index", relations: "NameRelations | None") -> Coverage | None:
    """Return how complete an index is for its genera; None where nothing is known of species that it lacks.

    Parameters
    ----------
    index : Index
    relations : NameRelations or None
        With the backbone of names.
    """
    if relations is None or relations.backbone is None:
        return None
    present: dict[str, set[str]] = defaultdict(set)
    families: dict[str, set[str]] = defaultdict(set)
    for position in range(index.record_count):
        record = index.record(position)
        if record.species:
            present[record.genus].add(relations.backbone.accepted(record.species))
            families[record.genus].add(record.family)
    genera: dict[str, tuple[int | None, int]] = {}
    for genus, names in sorted(present.items()):
        species = relations.backbone.species_of(genus, known=families[genus])
        genera[genus] = (len(set(species) - names) if species else None, len(names))
    if all(missing is None for missing, _present in genera.values()):
        return None
    return Coverage(genera)
