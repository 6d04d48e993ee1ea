"""The evaluation data's genotypes as `Genotypes`, for tests and benchmarks. Nothing is copied."""

import re
from pathlib import Path

from forensics.genetics.genotypes import Genotypes, genotypes_from_labels

__all__ = ["SETS", "load"]

# Of each set: the first column of alleles, the columns of animal, population and unit.
SETS = {
    "chinook": ("Ots_94857.232", "indiv", "collection", "repunit"),
    "alewife": ("Aa046", "indiv", "collection", "repunit"),
    "blueback": ("Ap037", "indiv", "collection", "repunit"),
    "swallowtails": ("L01", "ind", "pop", None),
    "microbov": ("INRA63", "ind", "pop", None),
    "nancycats": ("fca8", "ind", "pop", None),
    "chinook_mix": ("Ots_94857.232", "indiv", "collection", None),
    "small_chinook_ref": ("Ots_94857.232", "indiv", "collection", "repunit"),
    "small_chinook_mix": ("Ots_94857.232", "indiv", "collection", None),
}


def load(folder: Path, name: str) -> Genotypes:
    """Return one set of ``genotypes/``; one column a locus (``a/b``) or two."""
    import pandas

    first, animal, population, unit = SETS[name]
    frame = pandas.read_csv(
        folder / "genotypes" / f"{name}.csv.gz",
        dtype=str,
        na_values=["NA", ""],
        keep_default_na=False,
    )
    columns = list(frame.columns)
    columns = columns[columns.index(first) :]
    if "/" in str(frame[first].dropna().iloc[0]):
        loci = columns
        pairs = [[_split(text) for text in frame[locus]] for locus in loci]
    else:
        loci = columns[::2]
        pairs = [
            list(zip(_known(frame[one]), _known(frame[two])))
            for one, two in zip(columns[::2], columns[1::2])
        ]
    return genotypes_from_labels(
        list(frame[animal]),
        loci,
        list(zip(*pairs)),
        populations=tuple(frame[population].fillna("")),
        units=None if unit is None else tuple(frame[unit].fillna("")),
        source=f"{name}.csv.gz",
    )


def _known(column) -> list[str | None]:
    return [text if isinstance(text, str) else None for text in column]


def _split(text: object) -> tuple[str | None, str | None]:
    if not isinstance(text, str):
        return (None, None)
    return tuple(re.split("/", text))
