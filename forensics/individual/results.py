"""The result of asking which individual a sample is of, with how it was reached."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

import forensics
from forensics.case import Provenance
from forensics.clock import utc_now
from forensics.genetics.genotypes import Genotypes
from forensics.individual.frequencies import Frequencies
from forensics.individual.matching import Match
from forensics.messages import _
from forensics.result import Result
from forensics.verbal import verbal

__all__ = ["Individual", "individual_of"]


@dataclass(frozen=True)
class Individual(Result):
    """A questioned profile and what a database holds like it.

    Attributes
    ----------
    sample : str
    matches : tuple of Match
        Best first; those that are no match show how far the next one is.
    provenance : Provenance
        ``library`` names the reference from which the frequencies were counted.
    """

    sample: str
    matches: tuple[Match, ...]
    provenance: Provenance

    @property
    def found(self) -> tuple[Match, ...]:
        """What is stated as a match."""
        return tuple(match for match in self.matches if match.matches)

    def headline(self) -> str:
        """Return the result in one sentence."""
        if not self.found:
            return _("No match in the database.")
        best = self.found[0]
        words = verbal(log10=best.log10_sibs)
        return _(
            "{other}: {words} for one individual rather than full sibs (log10 LR {sibs:.1f}, "
            "scale {scale}; against unrelated animals {unrelated:.1f})"
        ).format(
            other=best.other,
            words=words.text,
            sibs=best.log10_sibs,
            scale=words.scale,
            unrelated=best.log10_unrelated,
        )

    def to_dict(self) -> dict:
        """Return plain values; a likelihood ratio of 0 is null."""
        return {
            "sample": self.sample,
            "result": self.headline(),
            "matches": [
                {
                    name: value if not isinstance(value, float) or np.isfinite(value) else None
                    for name, value in match.to_dict().items()
                }
                for match in self.matches
            ],
            "provenance": self.provenance.to_dict(),
        }


def individual_of(
    sample: str,
    matches: Sequence[Match],
    frequencies: Frequencies,
    *,
    questioned: Genotypes,
    database: Genotypes,
    reference: Genotypes,
    parameters: Mapping,
) -> Individual:
    """Return the result of one questioned profile, with its provenance.

    Parameters
    ----------
    sample : str
    matches : sequence of Match
        From `forensics.individual.matching.match_database`.
    frequencies : Frequencies
    questioned, database, reference : Genotypes
        What was read; the reference gave the frequencies.
    parameters : mapping
        All that can change the result.
    """
    return Individual(
        sample,
        tuple(matches),
        Provenance(
            software="forensics",
            version=forensics.__version__,
            dependencies={"numpy": np.__version__},
            library={
                "name": frequencies.population or reference.source,
                "version": "",
                "sha256": reference.sha256,
                "demonstration": False,
            },
            parameters=dict(parameters),
            input={
                "files": [
                    {"file": one.source, "sha256": one.sha256} for one in (questioned, database)
                ]
            },
            time=utc_now(),
        ),
    )
