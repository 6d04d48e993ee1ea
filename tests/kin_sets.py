"""The evaluation data on kin and recaptures as `Genotypes`, for tests and benchmarks."""

import gzip
import shlex
from pathlib import Path

from forensics.genetics.genotypes import Genotypes, genotypes_from_labels

__all__ = ["TABLE_5", "allelematch", "pedigree", "warblers"]

# Presciuttini et al. 2002, BMC Genetics 3:23, table 5: marker, genotypes of two sibs, published
# frequencies, published likelihood ratio of full sibs against non-relatives. No frequency is
# given where it does not enter (an allele that the two do not share).
TABLE_5 = (
    ("CSF1PO", "9/13", "9/13", {"9": 0.044, "13": 0.062}, 50.93),
    ("FGA", "20/24.2", "20/24.2", {"20": 0.156, "24.2": 0.009}, 103.97),
    ("FES", "12/13", "12/13", {"12": 0.266, "13": 0.047}, 13.38),
    ("F13A1", "5/5", "5/5", {"5": 0.184}, 10.32),
    ("D19S253", "8/12", "12/12", {"12": 0.369}, 0.93),
    ("F13B", "6/8", "6/10", {"6": 0.080}, 1.81),
    ("LPL", "10/12", "10/10", {"10": 0.275}, 1.16),
    ("TH01", "9.3/9.3", "9/9.3", {"9.3": 0.241}, 1.29),
    ("D18S51", "13/19", "14/17", {}, 0.25),
    ("D8S1179", "13/15", "13/15", {"13": 0.344, "15": 0.116}, 4.82),
    ("TPOX", "8/11", "8/10", {"8": 0.512}, 0.49),
    ("VWA", "17/18", "17/18", {"17": 0.275, "18": 0.206}, 3.52),
    ("D21S11", "63/67", "63/65", {"63": 0.244}, 0.76),
)


def allelematch(folder: Path, number: int) -> tuple[Genotypes, tuple[str, ...]]:
    """Return an example of allelematch and the individual that each sample is of."""
    frame = _table(folder / "kinship" / f"amExample{number}.csv", ",")
    columns = [name for name in frame.columns if name.startswith("LOC")]
    return (
        _two_columns(frame, list(frame["sampleId"]), columns, "-99"),
        tuple(frame["knownIndividual"]),
    )


def warblers(folder: Path) -> tuple[Genotypes, dict[str, tuple[str, ...]]]:
    """Return the Seychelles warblers and what is recorded of each: no parents are."""
    genotypes = _table(folder / "kinship" / "WarblerG.tab.gz", r"\s+")
    birds = _table(folder / "kinship" / "WarblerP.tab.gz", r"\s+").set_index("id")
    names = list(genotypes["id"])
    found = _two_columns(
        genotypes, names, [name for name in genotypes.columns if name != "id"], "NA"
    )
    return found, {name: tuple(birds.loc[names, name]) for name in birds.columns}


def pedigree(folder: Path, name: str) -> tuple[Genotypes, dict[str, tuple[str, str]]]:
    """Return simulated SNP genotypes of sequoia (HSg5 or griffin), and dam and sire by name."""
    frame = _table(folder / "kinship" / f"Geno_{name}.csv.gz", ",")
    animals, loci = list(frame.iloc[:, 0]), list(frame.columns[1:])
    of = {"0": ("A", "A"), "1": ("A", "B"), "2": ("B", "B"), "-9": (None, None)}
    labels = [[of[text] for text in row] for row in frame.iloc[:, 1:].to_numpy()]
    parents = _table(folder / "kinship" / f"Ped_{name}.txt", r"\s+")
    return genotypes_from_labels(animals, loci, labels), {
        row[0]: (row[1], row[2]) for row in parents.iloc[:, :3].to_numpy()
    }


def _table(path: Path, separator: str):
    import pandas

    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as handle:
        if separator == r"\s+":  # as R writes tables: names of rows have no header
            header, *rows = [shlex.split(line) for line in handle if line.strip()]
            return pandas.DataFrame([row[-len(header) :] for row in rows], columns=header)
        return pandas.read_csv(handle, sep=separator, dtype=str, keep_default_na=False)


def _two_columns(frame, animals, columns, missing) -> Genotypes:
    def known(text):
        return None if text == missing else text

    labels = [
        [(known(row[place]), known(row[place + 1])) for place in range(0, len(columns), 2)]
        for row in frame[columns].to_numpy()
    ]
    return genotypes_from_labels(animals, [name[:-1] for name in columns[::2]], labels)
