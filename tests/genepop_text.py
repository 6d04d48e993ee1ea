"""Genotypes as the text of a GENEPOP file, to be read again."""

from forensics.genetics.genotypes import ABSENT


def to_genepop(genotypes):
    """Return the text: three digits an allele, names of populations after the word ``pop``."""
    lines, groups = ["Genotypes", *genotypes.loci], {}
    for row in range(len(genotypes)):
        name = genotypes.populations[row] if genotypes.populations else ""
        groups.setdefault(name, []).append(row)
    for name, rows in groups.items():
        lines.append(f"pop {name}".strip())
        for row in rows:
            cells = [
                "".join(
                    [*labels, "", "000"][code].zfill(3 if code != ABSENT else 0) for code in pair
                )
                for labels, pair in zip(genotypes.alleles, genotypes.codes[row])
            ]
            lines.append(f"{genotypes.animals[row]} , {' '.join(cells)}")
    return "\n".join(lines) + "\n"
