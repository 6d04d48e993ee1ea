"""What is stated of a pair of profiles, and how often chance makes it so.

A false link of unrelated animals is rare, and a table of seizures has millions of pairs: drawing
unrelated pairs would hardly ever show it. So pairs are drawn that are partly related (at each locus
with probability w, for several w), and each counts with the weight that makes it an unrelated one:
its probability among unrelated pairs, divided by that among the pairs drawn. On what is stated the
weight is at most ``len(SHARES) / LR``, so that few draws tell small rates well. Loci that were not
typed in both are left out as in the pairs that are compared.

References
----------
Owen & Zhou 2000, doi:10.1080/01621459.2000.10473909 (sampling from a mixture); Kruijver 2015,
Forensic Science International: Genetics 14:116-124 (the same weights for likelihood ratios).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from forensics.individual.frequencies import Frequencies
from forensics.individual.matching import LEAST_LOG10
from forensics.individual.pairs import RELATIONSHIPS, LaboratoryErrors, joint_table
from forensics.messages import N_

__all__ = ["KINDS", "Chances", "compared", "kinds_of", "link_chances"]

# What a link can be, the surest first. A pair is of the kind that explains it best; "unresolved" is
# one that "the same" explains best, but not by the ratio against full sibs that a match needs.
KINDS = {
    "match": RELATIONSHIPS["same"].name,
    "parent": RELATIONSHIPS["parent"].name,
    "full_sibs": RELATIONSHIPS["full_sibs"].name,
    "half_sibs": RELATIONSHIPS["half_sibs"].name,
    "unresolved": N_("one individual or close kin, not told apart"),
}
_PLACES = {kind: place for place, kind in enumerate(KINDS)}
# The relationship whose ratio a kind is stated by.
SOURCE_OF = {
    "match": "same",
    "parent": "parent",
    "full_sibs": "full_sibs",
    "half_sibs": "half_sibs",
    "unresolved": "same",
}
# Shares of loci that are drawn as related: from hardly so, as false links are, to wholly.
SHARES = (0.2, 0.4, 0.6, 0.8, 1.0)
# Draws of each relationship and share: rates then differ by a few per cent between seeds.
DRAWS = 4000
_TOTAL = len(SHARES) * DRAWS
# At 95 % confidence at most 3 in n where none of n was seen (Hanley & Lippman-Hand 1983,
# Journal of the American Medical Association 249:1743-1745).
_RULE_OF_THREE = 3.0
# Natural logarithm that stands for a likelihood ratio of 0, so that it can be multiplied by 0.
_IMPOSSIBLE = -1e6
_LN10 = float(np.log(10.0))
_CELLS = 1 << 19  # of an array that is worked on at a time: 4 MB; ten are held


def compared(kinds: Sequence[str]) -> tuple[str, ...]:
    """Return the relationships that a pair is compared for: keys of `RELATIONSHIPS`.

    Half sibs are among them only where they are one of the `kinds` that are asked for: nothing
    tells them from more distant kin.
    """
    return ("same", "parent", "full_sibs") + (("half_sibs",) if "half_sibs" in kinds else ())


def kinds_of(
    log10: Mapping[str, np.ndarray], *, limit: float, match_limit: float = LEAST_LOG10
) -> np.ndarray:
    """Return what is stated of each pair.

    Parameters
    ----------
    log10 : mapping of str to numpy.ndarray of float64, shape (k,)
        Of each relationship that is compared, its likelihood ratio against unrelated.
    limit : float
        log10 that the best of them must reach.
    match_limit : float
        log10 that a match must reach against full sibs.

    Returns
    -------
    numpy.ndarray of int64, shape (k,)
        Place in `KINDS`; -1 where nothing is stated.

    Examples
    --------
    >>> ratios = {"same": [9.0, 4.0, -2.0], "parent": [4.0, 3.5, 3.1], "full_sibs": [5.0, 3.0, 3.2]}
    >>> kinds_of({name: np.array(one) for name, one in ratios.items()}, limit=3)
    array([0, 4, 2])
    """
    names = list(log10)
    held = np.stack([np.asarray(log10[name]) for name in names])
    # The kinds that relationships make come in the order of `KINDS`; the last is "unresolved".
    found = np.array([_PLACES["match" if name == "same" else name] for name in names])[
        held.argmax(axis=0)
    ]
    unsure = ~(held[names.index("same")] >= held[names.index("full_sibs")] + match_limit)
    found = np.where((found == _PLACES["match"]) & unsure, _PLACES["unresolved"], found)
    return np.where(held.max(axis=0) >= limit, found, -1)


@dataclass(frozen=True, eq=False)
class Chances:
    """How often pairs of known truth are stated as linked.

    Attributes
    ----------
    kinds : tuple of str
        Keys of `KINDS` that can be stated.
    limit : float
    log10 : dict of str to list of numpy.ndarray, length B
        Of each kind and class of pairs, ratios of the draws of which it was stated, descending.
    summed : dict of str to list of numpy.ndarray, length B
        Probability among unrelated pairs of such a ratio or a greater one.
    stated : dict of str to dict of str to numpy.ndarray of float64, shape (B,)
        Of each truth (key of `RELATIONSHIPS`) and kind, the share of pairs of which it is stated.
    """

    kinds: tuple[str, ...]
    limit: float
    log10: Mapping[str, list[np.ndarray]]
    summed: Mapping[str, list[np.ndarray]]
    stated: Mapping[str, Mapping[str, np.ndarray]]

    def rates(self, kind: str, least: float | None = None) -> np.ndarray:
        """Return the share of unrelated pairs that are stated as `kind`.

        Parameters
        ----------
        kind : str
        least : float, optional
            log10 of the ratio that they must reach; else the limit.

        Returns
        -------
        numpy.ndarray of float64, shape (B,)
            Never 0: where no draw reached it, an upper bound stands.
        """
        least = self.limit if least is None else max(least, self.limit)
        rates = np.empty(len(self.log10[kind]))
        for place, (log10, summed) in enumerate(zip(self.log10[kind], self.summed[kind])):
            reached = int(np.searchsorted(-log10, -least, side="right"))
            # A ratio of x comes up at most 1 / x times as often among unrelated pairs.
            bound = _RULE_OF_THREE / DRAWS * 10.0**-least
            rates[place] = summed[reached - 1] if reached else bound
        return np.maximum(rates, np.finfo(float).tiny)


def link_chances(
    frequencies: Frequencies,
    patterns: Sequence[np.ndarray],
    *,
    kinds: Sequence[str],
    limit: float,
    match_limit: float = LEAST_LOG10,
    seed: int,
    theta: float = 0.0,
    mutation: float = 0.0,
    errors: LaboratoryErrors | tuple[LaboratoryErrors, ...] = LaboratoryErrors(),  # noqa: B008
    truth: tuple[Sequence[np.ndarray], float] | None = None,
) -> Chances:
    """Return how often simulated pairs are stated as linked.

    Parameters
    ----------
    frequencies : Frequencies
        L loci.
    patterns : sequence of numpy.ndarray of bool, shape (m, L), length B
        Of each class of pairs, which loci are typed in both; a draw takes one of the rows. Of a
        class without any locus nothing is stated, which holds for limits above 0.
    kinds : sequence of str
        As in `compared`.
    limit, match_limit : float
        As in `kinds_of`.
    seed : int
    theta, mutation, errors
        As in `forensics.individual.pairs.ratio_tables`; also of the simulation.
    truth : tuple of frequencies and float, optional
        Frequencies, a locus each with the alleles of `frequencies`, and theta of the animals that are
        simulated, where these are others than those of the ratios.
    """
    rates = errors if isinstance(errors, tuple) else (errors,) * len(frequencies.loci)

    def tables_of(values: Sequence[np.ndarray], theta: float) -> tuple[dict, dict]:
        """Return joint probabilities, and log ratios against unrelated, by relationship and locus."""
        joints = {
            name: [
                joint_table(p, relation, theta=theta, mutation=mutation, first=rate, second=rate)
                for p, rate in zip(values, rates)
            ]
            for name, relation in RELATIONSHIPS.items()
        }
        with np.errstate(divide="ignore"):
            logs = {
                name: [
                    np.maximum(np.log(table) - np.log(base), _IMPOSSIBLE).ravel()
                    for table, base in zip(tables, joints["unrelated"])
                ]
                for name, tables in joints.items()
            }
        return joints, logs

    joints, logs = tables_of(frequencies.values, theta)
    stating = None
    if truth is not None:
        stating, (joints, logs) = logs, tables_of(*truth)
    sources = compared(kinds)
    stated_kinds = tuple(kind for kind in KINDS if SOURCE_OF[kind] in sources)
    classes = range(len(patterns))
    log10 = {kind: [[] for _class in classes] for kind in stated_kinds}
    weights = {kind: [[] for _class in classes] for kind in stated_kinds}
    stated = {name: {kind: np.zeros(len(patterns)) for kind in stated_kinds} for name in logs}
    for number, source in enumerate(sources):
        random = np.random.default_rng([seed, number])
        for drawn, parts, by in _drawn(joints, logs, source, random, stating):
            for place, known in enumerate(patterns):
                if not known.any():
                    continue  # without a locus nothing is stated
                mask = known[random.integers(len(known), size=len(drawn[source]))].astype(float)
                ratios = {name: np.einsum("ij,ij->i", mask, one) for name, one in drawn.items()}
                # What a laboratory calculates, with the stated theta.
                calculated = ratios if by is None else {
                    name: np.einsum("ij,ij->i", mask, by[name]) for name in sources
                }  # fmt: skip
                mixture = np.logaddexp.reduce(
                    [np.einsum("ij,ij->i", mask, part) for part in parts], axis=0
                ) - np.log(len(SHARES))
                found = kinds_of(
                    {name: calculated[name] / _LN10 for name in sources},
                    limit=limit,
                    match_limit=match_limit,
                )
                for kind in stated_kinds:
                    if SOURCE_OF[kind] != source:
                        continue
                    rows = found == _PLACES[kind]
                    log10[kind][place].append(calculated[source][rows] / _LN10)
                    weights[kind][place].append(np.exp(-mixture[rows]) / _TOTAL)
                    for name in logs:
                        share = np.exp(ratios[name][rows] - mixture[rows]).sum() / _TOTAL
                        stated[name][kind][place] += share
    summed: dict[str, list[np.ndarray]] = {kind: [] for kind in stated_kinds}
    ordered: dict[str, list[np.ndarray]] = {kind: [] for kind in stated_kinds}
    for kind in stated_kinds:
        for place in classes:
            ratios, weight = (np.concatenate([*one[kind][place], []]) for one in (log10, weights))
            order = np.argsort(-ratios, kind="stable")
            ordered[kind].append(ratios[order])
            summed[kind].append(np.cumsum(weight[order]))
    return Chances(stated_kinds, limit, ordered, summed, stated)


def _drawn(
    joints: Mapping,
    logs: Mapping,
    source: str,
    random: np.random.Generator,
    stating: Mapping | None = None,
) -> Iterator[tuple[dict[str, np.ndarray], list[np.ndarray], dict[str, np.ndarray] | None]]:
    """Yield draws, some at a time: log ratios by locus, of each relationship and of each share.

    The third are those of the tables `stating`, None where there are none.
    """
    base, other = joints["unrelated"], joints[source]
    most = max(1, min(DRAWS, _CELLS // len(base)))
    for share in SHARES:
        for start in range(0, DRAWS, most):
            size = min(most, DRAWS - start)
            held = {name: np.empty((size, len(base))) for name in logs}
            by = None if stating is None else {name: np.empty((size, len(base))) for name in logs}
            for locus, (plain, related) in enumerate(zip(base, other)):
                chosen = np.empty(size, dtype=np.int64)
                is_related = random.random(size) < share
                for table, rows in ((plain, ~is_related), (related, is_related)):
                    summed = np.cumsum(table)
                    place = np.searchsorted(
                        summed, random.random(int(rows.sum())) * summed[-1], side="right"
                    )
                    chosen[rows] = np.minimum(place, table.size - 1)
                for name, tables in logs.items():
                    held[name][:, locus] = tables[locus][chosen]
                    if by is not None:
                        by[name][:, locus] = stating[name][locus][chosen]
            ratio = np.exp(held[source])
            with np.errstate(divide="ignore"):
                parts = [
                    np.maximum(np.log(1 - part + part * ratio), _IMPOSSIBLE) for part in SHARES
                ]
            yield held, parts, by
