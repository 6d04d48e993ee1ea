"""A network of seizures, joined by animals that are in both, and by kin.

Samples are sorted into individuals first, so that a tusk that was sampled ten times is one animal.
Then

- an individual with samples in two seizures is compared with itself: the samples of the one with
  those of the other, and joins the two as a match where that reaches the limit against full sibs;
- every two individuals are compared, with all samples of each, and join every seizure of the one
  with every one of the other. Where one of them is itself in both seizures, it joins these already,
  and its kin adds nothing.

Beside what is found stands what chance makes: rates from simulated unrelated pairs with as many loci
(`forensics.individual.false_links`), times the pairs that were compared for these two seizures.
Everything is worked on in the order of names: the order of rows in a file changes nothing.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from forensics.errors import InputError, UsageError
from forensics.genetics.genotypes import Genotypes
from forensics.individual.defaults import DEFAULT_KINDS, LIMIT
from forensics.individual.false_links import (
    KINDS,
    RELATIONSHIP_OF,
    LinkRates,
    compared_relationships,
    simulate_link_rates,
    state_kinds,
)
from forensics.individual.frequencies import Frequencies
from forensics.individual.heterozygotes import count_heterozygotes
from forensics.individual.kinship import log10_ratio, pairs_above
from forensics.individual.matching import MIN_LOCI, MIN_MATCH_LOG10, Group, group_samples
from forensics.individual.network_links import Evidence, Link, LinkedPair, Member, Seizure
from forensics.individual.network_results import Network, network_notices
from forensics.individual.pairs import RELATIONSHIPS, LaboratoryErrors
from forensics.individual.pooling import Pooled, pooled
from forensics.individual.reference_fit import check_reference
from forensics.individual.results import provenance_of
from forensics.individual.theta import Theta
from forensics.messages import _

__all__ = ["DEFAULT_KINDS", "LIMIT", "seizure_network", "seizures_of"]

# Pairs differ in the loci that both have; so many classes of them are told apart,
_CLASSES = 16
# by so many patterns of loci each, of so many pairs that are drawn.
_PATTERNS = 512
_DRAWN = 50_000
_ROWS = 256  # profiles that are compared with all others at a time, when loci are counted
_MIN_P = float(np.finfo(float).tiny)  # stands for what is too small for a number; never 0
_FIELD = "field:"
_STATISTICS = 2  # tests of a kind: the number of pairs, and the best one


def seizure_network(
    samples: Genotypes,
    seizures: Sequence[str],
    frequencies: Frequencies,
    *,
    reference: Genotypes,
    theta: float | Theta,
    errors: LaboratoryErrors,
    mutation: float = 0.0,
    kinds: Sequence[str] = DEFAULT_KINDS,
    limit: float = LIMIT,
    match_limit: float = MIN_MATCH_LOG10,
    group_limit: float = 0.0,
    seed: int = 1,
    sample: str = "",
    progress: Callable[[int], None] | None = None,
    check: bool = True,
) -> Network:
    """Join seizures by their animals.

    Parameters
    ----------
    samples : Genotypes
        n samples with L loci.
    seizures : sequence of str, length n
        The seizure of each sample.
    frequencies : Frequencies
        Counted from `reference`.
    reference : Genotypes
        Named in the provenance.
    theta : float or Theta
        A number counts as stated; see `forensics.individual.theta.choose_theta`.
    mutation, errors
        As in `forensics.individual.pairs.ratio_tables`.
    kinds : sequence of str
        Keys of `forensics.individual.false_links.KINDS`; only these join seizures.
    limit : float
        log10 of the likelihood ratio against unrelated that every link must reach.
    match_limit : float
        log10 of the ratio against full sibs that a match must reach besides.
    group_limit : float
        log10 of the ratio against full sibs from which on samples are one individual.
    seed : int
        Of the simulation of chance.
    sample : str
        What the result is recorded on in a ledger.
    progress : callable, optional
        Is given the number of individuals that are compared.
    check : bool
        Whether the frequencies are checked first: where they do not describe the animals, nothing is
        joined; and chance is simulated with the theta that the animals show. False only where a
        finding of an older version, which made no check, is computed again.

    Raises
    ------
    UsageError
        If a kind is not known, a limit is no number, or there are fewer than two seizures.
    InputError
        If a sample has no seizure, or there are too few loci.
    """
    chosen_theta = theta if isinstance(theta, Theta) else Theta(float(theta), "stated")
    theta = chosen_theta.value
    named = _where_named(samples, seizures)
    limits = (limit, match_limit, group_limit)
    kinds = _checked(samples, seizures, frequencies, kinds, limits)
    order = sorted(range(len(samples)), key=lambda row: samples.animals[row])
    samples, seizures = samples.take(order), [seizures[row] for row in order]
    groups = group_samples(samples, frequencies, theta=theta, errors=errors, limit=group_limit)
    individuals = _Individuals.of(samples, seizures, groups)
    codes = frequencies.genotypes_of(samples)
    pool = pooled(
        frequencies, codes, [*individuals.wholes, *(rows for _at, _number, rows in individuals.parts)],
        errors=errors,
    )  # fmt: skip
    stating = {"limit": limit, "match_limit": match_limit}
    tables = {
        name: pool.ratio_tables(RELATIONSHIPS[name], theta=theta, mutation=mutation)
        for name in compared_relationships(kinds)
    }
    near = _near(pool, tables, len(individuals.wholes), limit, progress)
    chosen = _best_typed(individuals, codes)
    described = check_reference(
        frequencies, codes[chosen], [seizures[row] for row in chosen], theta=theta, errors=errors,
        seed=seed, related=near,
    )  # fmt: skip
    heterozygotes = count_heterozygotes(frequencies, codes, theta=theta, errors=errors)
    common: dict[str, Any] = {
        "sample": sample,
        "too_few_loci": tuple(
            name
            for name, known in zip(samples.animals, (codes >= 0).sum(axis=1))
            if known < MIN_LOCI
        ),
        "heterozygotes": heterozygotes,
        "provenance": provenance_of(
            frequencies,
            reference,
            [samples],
            {
                **chosen_theta.parameters(), "dropout": errors.dropout, "mistyping": errors.mistyping,
                "mutation": mutation, "kinds": list(kinds), "limit": limit,
                "match_limit": match_limit, "group_limit": group_limit,
                "least_loci": MIN_LOCI, "seed": seed, "seizures": named,
            },
        ),
        "fit": described.fit if check else None,
        "differentiation": described.differentiation if check else None,
    }  # fmt: skip
    sizes = Counter(seizures)
    nodes = tuple(Seizure(name, sizes[name], None) for name in individuals.names)
    common["notices"] = network_notices(
        nodes, described, heterozygotes, theta=theta, is_checked=check
    )
    if check and not described.fit.passed:
        return Network(
            seizures=nodes, members=(), links=(), seizure_pairs=0, compared=0, tests=0, pairs={}, expected={},
            rates={}, **common,
        )  # fmt: skip
    pairs = _pairs(individuals, pool, tables, kinds, stating, near)
    typed = pool.codes[len(individuals.wholes) :] >= 0
    seizure_of = np.array([seizure for seizure, _number, _rows in individuals.parts])
    classes = _classes(len(frequencies.loci))
    numbers, total, joined = _compared(
        typed, seizure_of, len(individuals.names), classes, set(pairs)
    )
    link_rates = simulate_link_rates(
        frequencies, _patterns(typed, seizure_of, classes, total, seed), kinds=kinds, seed=seed,
        theta=theta, mutation=mutation, errors=errors,
        truth=(described.values, described.theta) if check else None, **stating,
    )  # fmt: skip
    tests = max(1, joined) * len(kinds) * _STATISTICS
    links = sorted(
        (
            _link(
                individuals.names[a],
                individuals.names[b],
                linked,
                numbers[a, b],
                link_rates,
                kinds,
                tests,
            )
            for (a, b), linked in pairs.items()
        ),
        key=lambda link: (link.p, link.first, link.second),
    )
    everything = max(1, int(total.sum()))
    individual_counts = np.bincount(seizure_of)
    return Network(
        seizures=tuple(
            Seizure(name, sizes[name], int(individual_counts[place]))
            for place, name in enumerate(individuals.names)
        ),
        members=tuple(
            Member(
                number + 1,
                group.samples,
                tuple(individuals.names[place] for place in individuals.seizures[number]),
                group.weakest,
                group.doubtful,
            )
            for number, group in enumerate(groups)
        ),
        links=tuple(links),
        seizure_pairs=joined,
        compared=int(total.sum()),
        tests=tests,
        pairs={kind: sum(link.evidence[kind].pairs for link in links) for kind in kinds},
        expected={kind: float(total @ link_rates.rates(kind)) for kind in kinds},
        rates={
            truth: {kind: min(1.0, float(total @ by[kind]) / everything) for kind in kinds}
            for truth, by in link_rates.stated.items()
        },
        theta=described.theta if check else None,
        **common,
    )


def _best_typed(individuals: "_Individuals", codes: np.ndarray) -> list[int]:
    """Return a sample of each individual: that with the most loci, the first of several."""
    known = (codes >= 0).sum(axis=1)
    return [max(rows, key=lambda row: (known[row], -row)) for rows in individuals.wholes]


@dataclass(frozen=True)
class _Individuals:
    """Individuals and where they are: places of samples, of seizures and of individuals."""

    samples: Genotypes
    names: list[str]  # of the seizures, sorted
    wholes: list[list[int]]  # samples of each individual
    seizures: list[list[int]]  # of each individual, ascending
    parts: list[tuple[int, int, list[int]]]  # seizure, individual, samples; sorted

    @classmethod
    def of(
        cls, samples: Genotypes, seizures: Sequence[str], groups: Sequence[Group]
    ) -> "_Individuals":
        row_of = {name: row for row, name in enumerate(samples.animals)}
        names = sorted(set(seizures))
        place_of = {name: place for place, name in enumerate(names)}
        wholes = [[row_of[name] for name in group.samples] for group in groups]
        rows_of: dict[tuple[int, int], list[int]] = {}
        for number, rows in enumerate(wholes):
            for row in rows:
                rows_of.setdefault((place_of[seizures[row]], number), []).append(row)
        of_individual: list[list[int]] = [[] for _whole in wholes]
        for seizure, number in sorted(rows_of):
            of_individual[number].append(seizure)
        parts = [(*key, rows_of[key]) for key in sorted(rows_of)]
        return cls(samples, names, wholes, of_individual, parts)


def _where_named(samples: Genotypes, seizures: Sequence[str]) -> str | None:
    """Return where the samples name their seizures, as `seizures_of` takes it; None for nowhere."""
    named = list(seizures)
    known = ["populations", *(_FIELD + name for name in samples.fields)]
    return next((place for place in known if seizures_of(samples, place) == named), None)


def seizures_of(samples: Genotypes, named: str) -> list[str]:
    """Return the seizure of each sample, from where the parameters of a network say it stands.

    Parameters
    ----------
    samples : Genotypes
    named : str
        ``populations``, or ``field:`` and the name of a column.

    Raises
    ------
    KeyError
        If there is no such column.
    """
    if named.startswith(_FIELD):
        return [text.strip() for text in samples.fields[named.removeprefix(_FIELD)]]
    return list(samples.populations or ())


def _checked(samples, seizures, frequencies, kinds, limits) -> tuple[str, ...]:
    """Return the kinds in the order of `KINDS`, after checks of what was given."""
    strange = sorted(set(kinds) - set(KINDS))
    if strange or not kinds:
        raise UsageError(
            _("There is no kind of link {name}; there are {known}.").format(
                name=strange[0] if strange else "''", known=", ".join(KINDS)
            )
        )
    for name, seizure in zip(samples.animals, seizures, strict=True):
        if not seizure.strip():
            raise InputError(
                _(
                    "sample {sample} has no seizure; every row needs one. Fill it in, or take the "
                    "sample out"
                ).format(sample=name),
                source=samples.source or None,
            )
    if len(set(seizures)) < 2:
        raise UsageError(
            _("{count} seizures in {file}; a network joins two or more. Check --seizure.").format(
                count=len(set(seizures)), file=samples.source or _("the samples")
            )
        )
    if not all(map(math.isfinite, limits)):
        raise UsageError(_("A limit is a number: log10 of a likelihood ratio."))
    if len(frequencies.loci) < MIN_LOCI:
        raise InputError(
            _("{count} loci; at least {least} must be compared").format(
                count=len(frequencies.loci), least=MIN_LOCI
            ),
            source=samples.source or None,
        )
    return tuple(kind for kind in KINDS if kind in kinds)


def _near(
    pool: Pooled, tables, individuals: int, limit: float, progress
) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs of individuals of which a ratio reaches the limit: their places, intp."""
    reached = pairs_above(tables, pool.codes[:individuals], limit=limit, progress=progress)
    both = {
        pair
        for pairs in reached.values()
        for pair in zip(pairs.first.tolist(), pairs.second.tolist())
    }
    first, second = np.array(sorted(both), dtype=np.intp).reshape(-1, 2).T
    return first, second


def _pairs(
    individuals: _Individuals, pool: Pooled, tables, kinds, stating, near
) -> dict[tuple[int, int], list[LinkedPair]]:
    """Return the pairs of individuals that join each two seizures."""
    samples_of = {
        (seizure, number): tuple(individuals.samples.animals[row] for row in rows)
        for seizure, number, rows in individuals.parts
    }
    result: dict[tuple[int, int], list[LinkedPair]] = {}

    def add(a: int, first: int, b: int, second: int, kind: str, loci: int, ratios) -> None:
        """Keep a pair: individual `first` of seizure `a`, and `second` of seizure `b`."""
        if kind not in kinds:
            return
        if a > b:
            a, first, b, second = b, second, a, first
        pair = LinkedPair(
            kind, first + 1, second + 1, samples_of[a, first], samples_of[b, second], loci, ratios
        )
        result.setdefault((a, b), []).append(pair)

    # An individual that is in several seizures, with itself.
    places: dict[int, list[int]] = {}
    for place, (_seizure, number, _rows) in enumerate(individuals.parts):
        places.setdefault(number, []).append(place)
    repeated = [pair for parts in places.values() for pair in combinations(parts, 2)]
    first, second = np.array(repeated, dtype=np.intp).reshape(-1, 2).T
    shift = len(individuals.wholes)
    for row, kind, loci, ratios in _stated(pool, tables, first + shift, second + shift, stating):
        (a, number, _rows), (b, _number, _others) = (
            individuals.parts[first[row]],
            individuals.parts[second[row]],
        )
        # They are one individual by all samples together; by these two alone they may look like kin.
        add(a, number, b, number, kind if kind == "match" else "unresolved", loci, ratios)

    # Every two individuals.
    first, second = near
    for row, kind, loci, ratios in _stated(pool, tables, first, second, stating):
        number, other = int(first[row]), int(second[row])
        for a in individuals.seizures[number]:
            for b in individuals.seizures[other]:
                # One that is in both seizures joins them already; its kin adds nothing.
                if (
                    a != b
                    and a not in individuals.seizures[other]
                    and b not in individuals.seizures[number]
                ):
                    add(a, number, b, other, kind, loci, ratios)
    return result


def _stated(pool: Pooled, tables, first, second, stating) -> Iterator[tuple]:
    """Yield what is stated of pairs of rows of `pool`: place, kind, loci, ratios."""
    a, b = pool.codes[first], pool.codes[second]
    loci = ((a >= 0) & (b >= 0)).sum(axis=1)
    ratios = {name: log10_ratio(of_loci, a, b) for name, of_loci in tables.items()}
    stated = np.where(loci >= MIN_LOCI, state_kinds(ratios, **stating), -1)
    kinds = list(KINDS)
    for row in np.flatnonzero(stated >= 0):
        yield (
            int(row),
            kinds[stated[row]],
            int(loci[row]),
            {name: float(values[row]) for name, values in ratios.items()},
        )


def _classes(loci: int) -> np.ndarray:
    """Return the class of each number of loci in common, 0 to `loci`; -1 for too few."""
    most = loci - MIN_LOCI + 1
    count = min(most, _CLASSES)
    above = np.arange(most) * count // most
    return np.concatenate([np.full(MIN_LOCI, -1), above])


def _compared(
    typed: np.ndarray, place_of: np.ndarray, seizures: int, classes: np.ndarray, linked: set
) -> tuple[dict[tuple[int, int], np.ndarray], np.ndarray, int]:
    """Count pairs of individuals by the loci that both have.

    Returns
    -------
    numbers : dict of (int, int) to numpy.ndarray of int64, shape (B,)
        Of the pairs of seizures that are `linked`, pairs of each class.
    total : numpy.ndarray of int64, shape (B,)
        Of all pairs of seizures.
    joined : int
        Pairs of seizures of which one pair of individuals or more was compared.
    """
    width = int(classes.max()) + 2  # the first is of too few loci
    known = typed.astype(np.float32)  # whole numbers up to 2 ** 24 are exact
    numbers, total, joined = {}, np.zeros(width - 1, dtype=np.int64), 0
    starts = np.searchsorted(place_of, np.arange(seizures + 1))
    for a in range(seizures - 1):
        counted = np.zeros(seizures * width, dtype=np.int64)
        after = starts[a + 1]
        for start in range(starts[a], after, _ROWS):
            stop = min(start + _ROWS, after)
            common = (known[start:stop] @ known[after:].T).astype(np.intp)
            keys = place_of[after:] * width + classes[common] + 1
            counted += np.bincount(keys.ravel(), minlength=seizures * width)
        in_common = counted.reshape(seizures, width)[:, 1:]
        total += in_common.sum(axis=0)
        joined += int((in_common.sum(axis=1) > 0).sum())
        for b in range(a + 1, seizures):
            if (a, b) in linked:
                numbers[a, b] = in_common[b].copy()
    return numbers, total, joined


def _patterns(
    typed: np.ndarray, place_of: np.ndarray, classes: np.ndarray, total: np.ndarray, seed: int
) -> list[np.ndarray]:
    """Return of each class loci that both of a pair have, for some pairs; bool, shape (m, L).

    Of a class that no pair is of, one pattern without any locus: nothing is ever stated of it.
    """
    random = np.random.default_rng([seed, len(typed)])
    first, second = random.integers(len(typed), size=(2, _DRAWN))
    both = (typed[first] & typed[second])[place_of[first] != place_of[second]]
    of = classes[both.sum(axis=1)]
    result = []
    for number, pairs in enumerate(total):
        if not pairs:
            result.append(np.zeros((1, typed.shape[1]), dtype=bool))
            continue
        of_class = both[of == number][:_PATTERNS]
        if not len(of_class):  # too rare to be drawn: any loci, so many of them
            loci = int(np.median(np.flatnonzero(classes == number)))
            order = random.random((_PATTERNS, typed.shape[1])).argsort(axis=1)
            of_class = order < loci
        result.append(of_class)
    return result


def _link(first, second, pairs, compared_, link_rates: LinkRates, kinds, tests: int) -> Link:
    """Return a link with its evidence."""
    from scipy.special import gammainc

    evidence, least = {}, 1.0
    for kind in kinds:
        ratios = [pair.log10[RELATIONSHIP_OF[kind]] for pair in pairs if pair.kind == kind]
        expected = float(compared_ @ link_rates.rates(kind))
        if not ratios:
            evidence[kind] = Evidence(0, expected, 1.0, None, None, 1.0)
            continue
        best = max(ratios)
        so_good = float(compared_ @ link_rates.rates(kind, best))
        # The regularised incomplete gamma function is the upper tail of a Poisson distribution.
        p, p_best = (
            max(float(gammainc(count, mean)), _MIN_P)
            for count, mean in ((len(ratios), expected), (1, so_good))
        )
        evidence[kind] = Evidence(len(ratios), expected, p, best, so_good, p_best)
        least = min(least, p, p_best)
    order = list(KINDS)
    pairs = sorted(pairs, key=lambda pair: (order.index(pair.kind), -pair.best, pair.first_samples))
    return Link(
        first, second, int(compared_.sum()), evidence, tuple(pairs), least, min(1.0, least * tests)
    )
