"""How old something is, with how it was reached: the results of all methods of dating."""

from forensics.age.animal_ages import MethylationAge, methylation_result
from forensics.age.dating import Age, LevelRanges, Statement, day_of, end_of, identity_of
from forensics.age.tissue_ages import (
    RadiocarbonAge,
    SeriesAge,
    radiocarbon_result,
    series_result,
)

__all__ = [
    "KINDS",
    "Age",
    "LevelRanges",
    "MethylationAge",
    "RadiocarbonAge",
    "SeriesAge",
    "Statement",
    "day_of",
    "end_of",
    "identity_of",
    "methylation_result",
    "radiocarbon_result",
    "series_result",
]

KINDS: dict[str, type[Age]] = {
    kind.METHOD: kind for kind in (RadiocarbonAge, SeriesAge, MethylationAge)
}
"""The result of each method, by its name in what is stored."""
