"""The quality of a set of genotypes, before anything is concluded from it.

Per locus and population: missing genotypes, observed and expected heterozygosity, the test of
Hardy-Weinberg proportions and null alleles. Over populations: dependence between loci, private and
fixed alleles. Per animal: missing genotypes, and others with the same genotype. Adjusted p-values
(Benjamini-Hochberg) are over all tests of one kind.

References
----------
Nei M. (1978). Estimation of average heterozygosity and genetic distance from a small number of
individuals. Genetics 89, 583-590. doi:10.1093/genetics/89.3.583
Brookfield J. F. Y. (1996). A simple new method for estimating null allele frequency from
heterozygote deficiency. Molecular Ecology 5, 453-455. doi:10.1046/j.1365-294X.1996.00098.x
Chakraborty R. et al. (1992). Paternity exclusion by DNA markers: effects of paternal mutations and
null alleles. Human Biology 64.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from forensics.genetics.dropout import Dropout, allelic_dropout
from forensics.genetics.duplicates import Duplicate, chance_matches, find_duplicates
from forensics.genetics.equilibrium import PERMUTATIONS, adjusted, hardy_weinberg
from forensics.genetics.equilibrium import linkage as test_linkage
from forensics.genetics.genotypes import Genotypes
from forensics.messages import _, ngettext
from forensics.stats.choice import descending

if TYPE_CHECKING:
    import pandas

__all__ = [
    "LINKAGE_LOCI",
    "LinkageTest",
    "LocusQuality",
    "PrivateAllele",
    "Quality",
    "quality_report",
]

# With more loci the pairs are so many that single ones say little; half a million tests fill a
# page nobody reads. `linkage=True` tests them all the same.
LINKAGE_LOCI = 300
# A duplicate is looked for among animals typed at this share of the loci, at least.
_LOCI_SHARE = 0.5


@dataclass(frozen=True)
class LocusQuality:
    """One locus in one population; `population` is "" where all animals are one.

    Attributes
    ----------
    animals, typed : int
        Animals, and those completely typed.
    alleles : int
        Different alleles seen.
    observed : float
        Share of heterozygotes; NaN at a haploid locus.
    expected : float
        Unbiased expected heterozygosity (Nei 1978); at a haploid locus gene diversity.
    fis : float
        1 - observed / expected.
    hardy_weinberg_p, hardy_weinberg_q : float
        p-value and adjusted p-value; NaN where it was not tested (one allele, haploid).
    null_brookfield, null_chakraborty : float
        Frequency of a null allele that would explain missing heterozygotes: (He - Ho) / (1 + He)
        and (He - Ho) / (He + Ho), with He not corrected for the number of animals. Negative where
        there are more heterozygotes than expected. Brookfield's holds animals of which nothing was
        seen for failures of bad DNA, Chakraborty's for homozygotes of the null. Both presume that nothing else removes
        heterozygotes (kin, several populations in one).
    """

    locus: str
    population: str
    animals: int
    typed: int
    alleles: int
    observed: float
    expected: float
    fis: float
    hardy_weinberg_p: float
    hardy_weinberg_q: float
    null_brookfield: float
    null_chakraborty: float

    @property
    def missing(self) -> float:
        """Share of animals that are not completely typed."""
        return 1 - self.typed / self.animals if self.animals else np.nan


@dataclass(frozen=True)
class LinkageTest:
    """Two loci within populations; see `forensics.genetics.equilibrium.linkage`."""

    first: str
    second: str
    statistic: float
    degrees: float
    p: float
    q: float


@dataclass(frozen=True)
class PrivateAllele:
    """An allele that one population alone has, and its copies there."""

    locus: str
    allele: str
    population: str
    copies: int


@dataclass(frozen=True, eq=False)
class Quality:
    """The report on a set of genotypes.

    Attributes
    ----------
    source, sha256 : str
        Of the file.
    parameters : dict
        What the report was asked for: seed, permutations, mismatches…
    linkage : tuple of LinkageTest
        Ascending in p.
    fixed : tuple of str
        Loci with one allele in all animals.
    untyped : tuple of str
        Loci at which nobody was typed.
    missing_by_animal : dict of str to float
        Share of the loci that are not completely typed.
    duplicate_count : int
        Of all pairs, also those that are not listed.
    expected_matches : float
        Pairs of unrelated animals that would agree by chance.
    dropout : tuple of Dropout
        Empty without repeated typings.
    statements : tuple of str
        What could not be estimated, and why; notes of the reader.
    """

    source: str
    sha256: str
    animals: int
    loci: int
    parameters: dict[str, object]
    by_locus: tuple[LocusQuality, ...]
    linkage: tuple[LinkageTest, ...]
    fixed: tuple[str, ...]
    untyped: tuple[str, ...]
    private: tuple[PrivateAllele, ...]
    missing_by_animal: dict[str, float]
    duplicates: tuple[Duplicate, ...]
    duplicate_count: int
    expected_matches: float
    dropout: tuple[Dropout, ...]
    statements: tuple[str, ...]

    def to_frame(self) -> "pandas.DataFrame":
        """Return `by_locus`, a row each."""
        import pandas

        return pandas.DataFrame(
            [asdict(locus) | {"missing": locus.missing} for locus in self.by_locus],
            columns=[*LocusQuality.__dataclass_fields__, "missing"],
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON takes it: NaN becomes None."""
        values = asdict(self)
        for row, locus in zip(values["by_locus"], self.by_locus):
            row["missing"] = locus.missing
        for row, dropout in zip(values["dropout"], self.dropout):
            row["dropout_rate"] = dropout.dropout_rate
            row["false_allele_rate"] = dropout.false_allele_rate
        for row, duplicate in zip(values["duplicates"], self.duplicates):
            row["across"] = duplicate.across
        return {key: _plain(value) for key, value in values.items()}

    def _repr_html_(self) -> str:
        from html import escape

        statements = "".join(f"<li>{escape(text)}</li>" for text in self.statements)
        return self.to_frame().to_html(index=False) + f"<ul>{statements}</ul>"


def quality_report(
    genotypes: Genotypes,
    *,
    groups: Sequence[str] | None = None,
    typings_of: Sequence[str] | None = None,
    linkage: bool | None = None,
    mismatches: int = 1,
    min_loci: int | None = None,
    permutations: int = PERMUTATIONS,
    seed: int | np.random.Generator = 0,
) -> Quality:
    """Examine a set of genotypes.

    Parameters
    ----------
    groups : sequence of str, length n, optional
        Population of each animal; by default `genotypes.populations`. "" leaves an animal out of
        the tests by population.
    typings_of : sequence of str, length n, optional
        The animal of each row, where rows are repeated typings: allelic dropout is estimated.
    linkage : bool, optional
        Whether pairs of loci are tested; by default with at most `LINKAGE_LOCI` loci.
    mismatches : int
        Loci at which two animals may differ and still be named as duplicates.
    min_loci : int, optional
        Loci at which both must be typed; by default half of them.
    permutations : int
        Of the Hardy-Weinberg test at loci of three alleles and more.
    seed : int or numpy.random.Generator

    Notes
    -----
    A small p-value in one population in twenty is expected. A locus that deviates in most
    populations has null alleles or is misread; a population that deviates at most loci is several.
    """
    rng = np.random.default_rng(seed)
    names = groups if groups is not None else genotypes.populations
    labels = sorted({name for name in names if name}) if names is not None else []
    if labels:
        parts = [
            (label, np.flatnonzero([name == label for name in names]))  # type: ignore[union-attr]
            for label in labels
        ]
    else:
        parts = [("", np.arange(len(genotypes)))]
    statements = list(genotypes.notes)
    by_locus = _by_locus(genotypes, parts, rng, permutations)
    tested = linkage if linkage is not None else len(genotypes.loci) <= LINKAGE_LOCI
    pairs: tuple[LinkageTest, ...] = ()
    if tested:
        pairs = _linkage(genotypes, [rows for _label, rows in parts], rng)
    else:
        statements.append(
            _("dependence between loci was not tested: {count} loci are more than {most}").format(
                count=len(genotypes.loci), most=LINKAGE_LOCI
            )
        )
    if min_loci is None:
        min_loci = max(1, int(np.ceil(_LOCI_SHARE * len(genotypes.loci))))
    duplicates, count = find_duplicates(genotypes, mismatches=mismatches, min_loci=min_loci)
    expected = chance_matches(genotypes)
    if count > len(duplicates):
        statements.append(
            _("{count} pairs of animals agree; the first {most} are listed").format(
                count=count, most=len(duplicates)
            )
        )
    if count and expected >= 1:
        statements.append(
            _(
                "so few loci cannot tell animals apart: {expected:.0f} pairs of unrelated animals "
                "would agree at all loci by chance"
            ).format(expected=expected)
        )
    across = sum(duplicate.across for duplicate in duplicates)
    if across:
        statements.append(
            ngettext(
                "{count} of the listed pairs with (nearly) the same genotype stands in two "
                "populations: one animal sampled twice, or a mix-up of samples",
                "{count} of the listed pairs with (nearly) the same genotype stand in two "
                "populations: animals sampled twice, or mix-ups of samples",
                across,
            ).format(count=across)
        )
    dropout = allelic_dropout(genotypes, typings_of) if typings_of is not None else ()
    if not dropout:
        statements.append(
            _(
                "allelic dropout cannot be estimated: no animal was typed twice. Type a part of "
                "the samples again, and say with typings_of which rows are one animal"
            )
        )
    counted = [
        np.bincount(codes[codes >= 0], minlength=max(1, len(alleles)))
        for codes, alleles in zip(genotypes.codes.transpose(1, 0, 2), genotypes.alleles)
    ]
    return Quality(
        source=genotypes.source,
        sha256=genotypes.sha256,
        animals=len(genotypes),
        loci=len(genotypes.loci),
        parameters={
            "permutations": permutations,
            "seed": seed if isinstance(seed, int) else None,
            "mismatches": mismatches,
            "min_loci": min_loci,
            "linkage": tested,
        },
        by_locus=by_locus,
        linkage=pairs,
        fixed=tuple(
            locus for locus, copies in zip(genotypes.loci, counted) if (copies > 0).sum() == 1
        ),
        untyped=tuple(locus for locus, copies in zip(genotypes.loci, counted) if not copies.any()),
        private=_private(genotypes, parts),
        missing_by_animal={
            animal: float(share)
            for animal, share in zip(genotypes.animals, 1 - genotypes.typed.mean(axis=1))
        },
        duplicates=duplicates,
        duplicate_count=count,
        expected_matches=expected,
        dropout=dropout,
        statements=tuple(statements),
    )


def _by_locus(
    genotypes: Genotypes,
    parts: Sequence[tuple[str, np.ndarray]],
    rng: np.random.Generator,
    permutations: int,
) -> tuple[LocusQuality, ...]:
    rows = []
    haploid = genotypes.haploid
    typed = genotypes.typed
    for number, locus in enumerate(genotypes.loci):
        for label, members in parts:
            use = members[typed[members, number]]
            codes = genotypes.codes[use, number]
            copies = codes[codes >= 0]
            counts = np.bincount(copies) if len(copies) else np.zeros(1, dtype=int)
            observed = expected = fis = p = np.nan
            null = (np.nan, np.nan)
            # Pairs of copies of two alleles, of all pairs: whole numbers, so that what is equal has no difference.
            apart, every = len(copies) ** 2 - int((counts**2).sum()), len(copies) ** 2
            if len(copies) > 1:
                expected = apart / (every - len(copies))
            if len(use) and not haploid[number]:
                unlike = int((codes[:, 0] != codes[:, 1]).sum())
                observed = unlike / len(use)
                p = hardy_weinberg(codes, rng=rng, permutations=permutations)
                if apart:
                    known, seen = apart * len(use), unlike * every
                    lost = known - seen
                    null = (lost / (every * len(use) + known), lost / (known + seen))
                    fis = (known - unlike * (every - len(copies))) / known
            rows.append(
                LocusQuality(
                    locus=locus,
                    population=label,
                    animals=len(members),
                    typed=len(use),
                    alleles=int((counts > 0).sum()),
                    observed=observed,
                    expected=expected,
                    fis=fis,
                    hardy_weinberg_p=p,
                    hardy_weinberg_q=np.nan,
                    null_brookfield=null[0],
                    null_chakraborty=null[1],
                )
            )
    q_values = adjusted(np.array([row.hardy_weinberg_p for row in rows]))
    return tuple(replace(row, hardy_weinberg_q=float(q)) for row, q in zip(rows, q_values))


def _linkage(
    genotypes: Genotypes, groups: list[np.ndarray], rng: np.random.Generator
) -> tuple[LinkageTest, ...]:
    first, second, statistics, degrees, p_values = test_linkage(genotypes, groups, rng=rng)
    q_values = adjusted(p_values)
    pairs = np.lexsort((second, first))
    order = pairs[descending(-p_values[pairs])]
    return tuple(
        LinkageTest(
            genotypes.loci[first[place]],
            genotypes.loci[second[place]],
            float(statistics[place]),
            float(degrees[place]),
            float(p_values[place]),
            float(q_values[place]),
        )
        for place in order
    )


def _private(
    genotypes: Genotypes, parts: Sequence[tuple[str, np.ndarray]]
) -> tuple[PrivateAllele, ...]:
    if len(parts) < 2:
        return ()
    private = []
    for number, (locus, alleles) in enumerate(zip(genotypes.loci, genotypes.alleles)):
        counts = np.zeros((len(parts), max(1, len(alleles))), dtype=np.int64)
        for place, (_label, members) in enumerate(parts):
            codes = genotypes.codes[members, number].ravel()
            counts[place] = np.bincount(codes[codes >= 0], minlength=counts.shape[1])
        alone = np.flatnonzero((counts > 0).sum(axis=0) == 1)
        for allele in alone:
            place = int(np.argmax(counts[:, allele]))
            private.append(
                PrivateAllele(locus, alleles[allele], parts[place][0], int(counts[place, allele]))
            )
    return tuple(private)


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if isinstance(value, float) and np.isnan(value):
        return None
    return value
