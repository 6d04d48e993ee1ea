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
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

import numpy as np

from forensics.errors import InputError, UsageError
from forensics.genetics.genotypes import Genotypes
from forensics.individual.false_links import (
    KINDS,
    RELATIONSHIP_OF,
    LinkRates,
    compared_relationships,
    simulate_link_rates,
)
from forensics.individual.frequencies import Frequencies
from forensics.individual.heterozygotes import count_heterozygotes
from forensics.individual.matching import MIN_LOCI, MIN_MATCH_LOG10, group_samples
from forensics.individual.network_links import Evidence, Link, LinkedPair, Member, Seizure
from forensics.individual.network_pairs import (
    Individuals,
    class_by_loci,
    count_compared,
    find_near_pairs,
    link_individuals,
    sample_patterns,
)
from forensics.individual.network_results import Network, network_notices
from forensics.individual.options import DEFAULT_KINDS, LIMIT
from forensics.individual.pairs import RELATIONSHIPS, LaboratoryErrors
from forensics.individual.pooling import pooled
from forensics.individual.reference_fit import check_reference
from forensics.individual.results import provenance_of
from forensics.individual.theta import Theta
from forensics.messages import _
from forensics.stats.choice import ranked

__all__ = ["DEFAULT_KINDS", "LIMIT", "seizure_network", "seizures_of"]

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
        If a kind is not known, a limit is not a number, or there are fewer than two seizures.
    InputError
        If a sample has no seizure, or there are too few loci.
    """
    chosen_theta = theta if isinstance(theta, Theta) else Theta(float(theta), "stated")
    theta = chosen_theta.value
    # Where the samples name their seizures, as `seizures_of` takes it; None for nowhere.
    places = ["populations", *(_FIELD + name for name in samples.fields)]
    given = list(seizures)
    named = next((place for place in places if seizures_of(samples, place) == given), None)
    limits = (limit, match_limit, group_limit)
    kinds = _checked(samples, seizures, frequencies, kinds, limits)
    order = sorted(range(len(samples)), key=lambda row: samples.animals[row])
    samples, seizures = samples.take(order), [seizures[row] for row in order]
    groups = group_samples(samples, frequencies, theta=theta, errors=errors, limit=group_limit)
    individuals = Individuals.of(samples, seizures, groups)
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
    near = find_near_pairs(pool, tables, len(individuals.wholes), limit, progress)
    # Of each individual the sample with the most loci, the first of several.
    known = (codes >= 0).sum(axis=1)
    chosen = [max(rows, key=lambda row: (known[row], -row)) for rows in individuals.wholes]
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
    pairs = link_individuals(individuals, pool, tables, kinds, stating, near)
    typed = pool.codes[len(individuals.wholes) :] >= 0
    seizure_of = np.array([seizure for seizure, _number, _rows in individuals.parts])
    classes = class_by_loci(len(frequencies.loci))
    numbers, total, joined = count_compared(
        typed, seizure_of, len(individuals.names), classes, set(pairs)
    )
    link_rates = simulate_link_rates(
        frequencies, sample_patterns(typed, seizure_of, classes, total, seed), kinds=kinds, seed=seed,
        theta=theta, mutation=mutation, errors=errors,
        truth=(described.values, described.theta) if check else None, **stating,
    )  # fmt: skip
    tests = max(1, joined) * len(kinds) * _STATISTICS
    links = [
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
    ]
    links = ranked(sorted(links, key=attrgetter("first", "second")), lambda link: -link.p)
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


def seizures_of(samples: Genotypes, named: str) -> list[str]:
    """Return the seizure of each sample, from where the parameters of a network say it stands.

    Parameters
    ----------
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


def _checked(
    samples: Genotypes,
    seizures: Sequence[str],
    frequencies: Frequencies,
    kinds: Sequence[str],
    limits: Sequence[float],
) -> tuple[str, ...]:
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


def _link(
    first: str,
    second: str,
    pairs: Sequence[LinkedPair],
    compared: np.ndarray,
    link_rates: LinkRates,
    kinds: Sequence[str],
    tests: int,
) -> Link:
    """Return a link with its evidence."""
    from scipy.special import gammainc

    evidence, least = {}, 1.0
    for kind in kinds:
        ratios = [pair.log10[RELATIONSHIP_OF[kind]] for pair in pairs if pair.kind == kind]
        expected = float(compared @ link_rates.rates(kind))
        if not ratios:
            evidence[kind] = Evidence(0, expected, 1.0, None, None, 1.0)
            continue
        best = max(ratios)
        so_good = float(compared @ link_rates.rates(kind, best))
        # The regularised incomplete gamma function is the upper tail of a Poisson distribution.
        p, p_best = (
            max(float(gammainc(count, mean)), _MIN_P)
            for count, mean in ((len(ratios), expected), (1, so_good))
        )
        evidence[kind] = Evidence(len(ratios), expected, p, best, so_good, p_best)
        least = min(least, p, p_best)
    order = list(KINDS)
    pairs = ranked(sorted(pairs, key=attrgetter("first_samples")), attrgetter("best"))
    pairs.sort(key=lambda pair: order.index(pair.kind))
    return Link(
        first, second, int(compared.sum()), evidence, tuple(pairs), least, min(1.0, least * tests)
    )
