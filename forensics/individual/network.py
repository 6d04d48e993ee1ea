"""A network of seizures, joined by animals that are in both, and by kin.

Samples are sorted into individuals first, so that a tusk that was sampled ten times is one animal.
Then

- an individual with samples in two seizures is compared with itself: the samples of the one with
  those of the other, and joins the two as a match where that reaches the limit against full sibs;
- every two individuals are compared, with all samples of each, and join every seizure of the one
  with every one of the other. Where one of them is itself in both seizures, it joins these already,
  and its kin adds nothing.

Beside what is found stands what chance makes: rates from simulated unrelated pairs with as many loci
(`forensics.individual.links`), times the pairs that were compared for these two seizures.
Everything is worked on in the order of names: the order of rows in a file changes nothing.

A network is written as pairs (CSV), as seizures and links (GraphML: Brandes et al. 2002,
doi:10.1007/3-540-45848-4_59; read by Gephi, Cytoscape, yEd, igraph and NetworkX, which writes it here), or
as a picture: a circle of seizures, and lines between those joined.
"""

import io
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from forensics.core.grouping import gathered, grouped
from forensics.core.notice import Notice
from forensics.core.result import Result
from forensics.core.stored import reported, stored
from forensics.drawing import DRAWN, check_figure_file, draw_file, open_axes, shorten
from forensics.errors import InputError, UsageError, importing
from forensics.fit import Fit
from forensics.genetics.counts import Differentiation
from forensics.genetics.genotypes import Genotypes, require_one_each
from forensics.individual.frequencies import Frequencies, Theta, choose_theta
from forensics.individual.kinship import RELATIONSHIPS, log10_ratio, pairs_above
from forensics.individual.links import (
    KINDS,
    RELATIONSHIP_OF,
    LinkRates,
    Pooled,
    compared_relationships,
    pooled,
    simulate_link_rates,
    state_kinds,
)
from forensics.individual.matching import MIN_LOCI, Group, components, group_samples
from forensics.individual.options import NetworkOptions
from forensics.individual.reference_fit import (
    Heterozygotes,
    ReferenceFit,
    check_reference,
    count_heterozygotes,
)
from forensics.individual.results import provenance_of
from forensics.individual.robust import RobustKin, indicate_kin
from forensics.io.files import AnyPath, check_new, write_new
from forensics.io.numbers import RowWriter
from forensics.messages import N_, _, name_some, ngettext, numeral, thousands
from forensics.notices import individual as notices
from forensics.stats import ranked

if TYPE_CHECKING:
    import networkx


# Chance that one pair of seizures or more, of all that were compared, is joined where nothing joins
# any: the usual convention. The numbers themselves are always given.
SIGNIFICANCE = 0.05


@dataclass(frozen=True)
class Seizure:
    """A node of the network.

    Attributes
    ----------
    individuals : int or None
        None where the reference does not describe the animals, so that they were not sorted.
    """

    name: str
    samples: int
    individuals: int | None


@dataclass(frozen=True)
class Member:
    """An individual, as the samples tell it.

    Attributes
    ----------
    number : int
        From 1.
    seizures : tuple of str
        Those in which it was found.
    weakest : float or None
        As in `forensics.individual.matching.Group`.
    doubtful : tuple of (str, str)
    """

    number: int
    samples: tuple[str, ...]
    seizures: tuple[str, ...]
    weakest: float | None = field(metadata=stored(null=-math.inf))
    doubtful: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class LinkedPair:
    """Two individuals, or one found twice, that join two seizures.

    Attributes
    ----------
    kind : str
        Key of `forensics.individual.links.KINDS`.
    first, second : int
        Numbers of the individuals in the first and the second seizure; equal for a match.
    first_samples, second_samples : tuple of str
        Their samples in that seizure.
    loci : int
        Loci that both have.
    log10 : dict of str to float
        Of each relationship that was compared, its likelihood ratio against unrelated.
    """

    kind: str
    first: int
    second: int
    first_samples: tuple[str, ...]
    second_samples: tuple[str, ...]
    loci: int
    log10: Mapping[str, float] = field(metadata=stored(null=-math.inf))

    @property
    def best(self) -> float:
        """log10 of the ratio of the relationship that explains the pair best."""
        return max(self.log10.values())


@dataclass(frozen=True)
class Evidence:
    """What joins two seizures by one kind of link, beside what chance makes.

    Attributes
    ----------
    pairs : int
        Pairs of individuals.
    expected : float
        So many would be stated if all animals were unrelated.
    p : float
        Probability of so many pairs or more, if so (Poisson).
    best_log10 : float or None
        Of the best pair.
    expected_best : float or None
        So many pairs would reach the best ratio by chance.
    p_best : float
        Probability of one such pair or more (Poisson).
    """

    pairs: int
    expected: float
    p: float
    best_log10: float | None
    expected_best: float | None
    p_best: float


@dataclass(frozen=True)
class Link:
    """Two seizures that one pair of individuals or more joins.

    Attributes
    ----------
    first, second : str
        Names of the seizures, in order.
    compared : int
        Pairs of individuals that were compared.
    evidence : dict of str to Evidence
        By kind.
    pairs : tuple of LinkedPair
        The surest first.
    p : float
        The least of all `p` and `p_best`.
    p_corrected : float
        `p` times the number of tests of the network (Bonferroni), at most 1.
    """

    KEYS: ClassVar = (
        "first", "second", "compared", "evidence", "p", "p_corrected", "beyond_chance", "pairs",
    )  # fmt: skip

    first: str
    second: str
    compared: int
    evidence: Mapping[str, Evidence]
    pairs: tuple[LinkedPair, ...]
    p: float
    p_corrected: float

    @property
    @reported("beyond_chance")
    def beyond_chance(self) -> bool:
        """Whether chance makes it with a probability below `SIGNIFICANCE`, corrected."""
        return self.p_corrected < SIGNIFICANCE

    def to_row(self) -> dict[str, Any]:
        """Return the link as one row of a table."""
        row: dict[str, Any] = {
            "first_seizure": self.first,
            "second_seizure": self.second,
            "compared": self.compared,
        }
        for kind, evidence in self.evidence.items():
            row |= {
                f"{kind}_pairs": evidence.pairs,
                f"{kind}_expected": _short(evidence.expected),
                f"{kind}_p": _short(evidence.p),
                f"{kind}_best_log10_lr": None
                if evidence.best_log10 is None
                else round(evidence.best_log10, 3),
                f"{kind}_p_best": _short(evidence.p_best),
            }
        return row | {
            "p": _short(self.p),
            "p_corrected": _short(self.p_corrected),
            "beyond_chance": self.beyond_chance,
        }


def _short(value: float) -> float:
    return float(f"{value:.4g}")


def in_words(link: Link) -> str:
    """Return what joins two seizures, and what chance makes."""
    parts = [
        _(
            "{kind}: {pairs} (by chance {expected:.2g}), best log10 LR {best:.1f} (as good by "
            "chance: {best_expected:.2g})"
        ).format(
            kind=_(KINDS[kind]),
            pairs=evidence.pairs,
            expected=evidence.expected,
            best=evidence.best_log10,
            best_expected=evidence.expected_best,
        )
        for kind, evidence in link.evidence.items()
        if evidence.pairs
    ]
    parts.append(
        _(
            "probability by chance {p:.2g}, corrected {corrected:.2g}; {compared} pairs compared"
        ).format(p=link.p, corrected=link.p_corrected, compared=thousands(link.compared))
    )
    return _("; ").join(parts)


# Pairs differ in the loci that both have; so many classes of them are distinguished,
_CLASSES = 16
# by so many patterns of loci each, of so many pairs that are drawn.
_PATTERNS = 512
_DRAWN = 50_000
_ROWS = 256  # profiles that are compared with all others at a time, when loci are counted


@dataclass(frozen=True)
class Individuals:
    """Individuals and where they are: places of samples, of seizures and of individuals."""

    samples: Genotypes
    names: list[str]  # of the seizures, sorted
    wholes: list[list[int]]  # samples of each individual
    seizures: list[list[int]]  # of each individual, ascending
    parts: list[tuple[int, int, list[int]]]  # seizure, individual, samples; sorted

    @classmethod
    def of(
        cls, samples: Genotypes, seizures: Sequence[str], groups: Sequence[Group]
    ) -> "Individuals":
        """Return the individuals of samples, by the groups that they were joined to."""
        row_of = {name: row for row, name in enumerate(samples.animals)}
        names = sorted(set(seizures))
        place_of = {name: place for place, name in enumerate(names)}
        wholes = [[row_of[name] for name in group.samples] for group in groups]
        rows_of = gathered(
            ((place_of[seizures[row]], number), row)
            for number, rows in enumerate(wholes)
            for row in rows
        )
        of_individual: list[list[int]] = [[] for _whole in wholes]
        for seizure, number in sorted(rows_of):
            of_individual[number].append(seizure)
        parts = [(*key, rows_of[key]) for key in sorted(rows_of)]
        return cls(samples, names, wholes, of_individual, parts)


def find_near_pairs(
    pool: Pooled,
    tables: Mapping[str, Sequence[np.ndarray]],
    individuals: int,
    limit: float,
    progress: Callable[[int], None] | None,
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


def link_individuals(
    individuals: Individuals,
    pool: Pooled,
    tables: Mapping[str, Sequence[np.ndarray]],
    kinds: Sequence[str],
    stating: Mapping[str, float],
    near: tuple[np.ndarray, np.ndarray],
) -> dict[tuple[int, int], list[LinkedPair]]:
    """Return the pairs of individuals that join each two seizures."""
    samples_of = {
        (seizure, number): tuple(individuals.samples.animals[row] for row in rows)
        for seizure, number, rows in individuals.parts
    }
    result: dict[tuple[int, int], list[LinkedPair]] = {}

    def add(
        a: int, first: int, b: int, second: int, kind: str, loci: int, ratios: Mapping[str, float]
    ) -> None:
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
    places = gathered(
        (number, place) for place, (_seizure, number, _rows) in enumerate(individuals.parts)
    )
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


def _stated(
    pool: Pooled,
    tables: Mapping[str, Sequence[np.ndarray]],
    first: np.ndarray,
    second: np.ndarray,
    stating: Mapping[str, float],
) -> Iterator[tuple[int, str, int, dict[str, float]]]:
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


def class_by_loci(loci: int) -> np.ndarray:
    """Return the class of each number of loci in common, 0 to `loci`; -1 for too few."""
    most = loci - MIN_LOCI + 1
    count = min(most, _CLASSES)
    above = np.arange(most) * count // most
    return np.concatenate([np.full(MIN_LOCI, -1), above])


def count_compared(
    typed: np.ndarray,
    place_of: np.ndarray,
    seizures: int,
    classes: np.ndarray,
    linked: set[tuple[int, int]],
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


def sample_patterns(
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


_NAMED = 10  # names in one line

LIMITS = N_(
    "By chance means: if all animals were unrelated. Animals of one population have relatives, "
    "so kin may link seizures that have nothing else in common; only a match shows that parts of "
    "one animal are in both. Pairs share animals, so numbers by chance scatter somewhat more "
    "than calculated here."
)


@dataclass(frozen=True, kw_only=True)
class Network(Result):
    """Seizures, and what joins them.

    Attributes
    ----------
    sample : str
        What the result is recorded on in a ledger; "" where it is not.
    links : tuple of Link
        Least probable by chance first.
    seizure_pairs, compared : int
        Pairs of seizures, and of individuals of two seizures, that were compared.
    tests : int
        Probabilities that were looked at: the factor of the correction.
    pairs, expected : dict of str to int, of str to float
        Of each kind, pairs that are stated in the whole network, and by chance.
    rates : dict of str to dict of str to float
        Of pairs whose true relationship is the first key, the share that is stated as the second.
    too_few_loci : tuple of str
        Samples that were compared with none.
    heterozygotes : Heterozygotes
        Whether the frequencies fit the samples.
    fit : Fit
        Whether the frequencies describe the animals. Where they do not, there are no links.
    differentiation : Differentiation or None
        Of the animals and the reference; None where there is no other reference than they.
    theta : float or None
        By which chance was simulated; None where nothing is stated.
    robust : RobustKin or None
        What can be indicated without frequencies, where these do not describe the animals; else None.
    provenance : Provenance
    """

    KEYS: ClassVar = (
        "sample", "result", "explanation", "warnings", "fit", "differentiation", "robust", "seizures",
        "individuals", "links", "chance.seizure_pairs", "chance.compared", "chance.tests",
        "chance.significance", "chance.theta", "chance.pairs", "chance.expected", "chance.rates",
        "too_few_loci", "heterozygotes", "limits", "provenance",
    )  # fmt: skip
    NOTICE_KINDS: ClassVar = notices

    seizures: tuple[Seizure, ...]
    members: tuple[Member, ...] = field(metadata=stored("individuals"))
    links: tuple[Link, ...]
    seizure_pairs: int = field(metadata=stored("chance.seizure_pairs"))
    compared: int = field(metadata=stored("chance.compared"))
    tests: int = field(metadata=stored("chance.tests"))
    pairs: Mapping[str, int] = field(metadata=stored("chance.pairs"))
    expected: Mapping[str, float] = field(metadata=stored("chance.expected"))
    rates: Mapping[str, Mapping[str, float]] = field(metadata=stored("chance.rates"))
    too_few_loci: tuple[str, ...]
    heterozygotes: Heterozygotes
    fit: Fit
    differentiation: Differentiation | None = None
    theta: float | None = field(default=None, metadata=stored("chance.theta"))
    robust: RobustKin | None = field(default=None, metadata=stored(omit_none=True))

    @property
    def is_stated(self) -> bool:
        """Whether anything is said of links: the reference describes the animals."""
        return self.fit.passed

    @property
    @reported("chance.significance")
    def significance(self) -> float:
        """The probability by chance, corrected, below which a link is called beyond chance."""
        return SIGNIFICANCE

    @property
    def unfit_reason(self) -> str:
        """Why the frequencies do not describe the animals; "" where they do."""
        unfit = (notice for notice in self.notices if notice.code == notices.NO_FIT.code)
        return next((notice.message for notice in unfit), "")

    @property
    def found(self) -> tuple[Link, ...]:
        """Links that chance does not explain."""
        return tuple(link for link in self.links if link.beyond_chance)

    @property
    def groups(self) -> list[np.ndarray]:
        """Places of the seizures that are joined beyond chance, through others or not; the largest group first."""
        place = {seizure.name: number for number, seizure in enumerate(self.seizures)}
        joined = [(place[link.first], place[link.second]) for link in self.found]
        first, second = np.array(joined, dtype=np.intp).reshape(-1, 2).T
        return sorted(components(len(place), first, second), key=lambda part: (-len(part), part[0]))

    def plot(self, axes: Any = None) -> Any:
        """Draw the seizures on a circle, and lines between those that are joined.

        Parameters
        ----------
        axes : matplotlib.axes.Axes, optional
            Default: those of a new figure.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        ForensicsError
            If matplotlib is not installed.
        """
        axes = open_axes(axes)
        draw_circle(axes, self)
        return axes

    def headline(self) -> str:
        """Return the result in one sentence."""
        if not self.is_stated:
            return _("no network: the allele frequencies do not describe these animals")
        return ngettext(
            "{found} of {all} pair of seizures is linked beyond chance",
            "{found} of {all} pairs of seizures are linked beyond chance",
            self.seizure_pairs,
        ).format(found=len(self.found), all=thousands(self.seizure_pairs))

    @reported("limits")
    def limits(self) -> list[str]:
        """Return what a network cannot say."""
        return [_(LIMITS)]

    def lines(self) -> list[tuple[str, str]]:
        """Return label and text of everything a person should read: notices come first."""
        return [
            (_("Result"), self.headline()),
            *((_("Warning"), notice.message) for notice in self.notices),
            *self.details(),
            *((_("Limits"), text) for text in self.limits()),
        ]

    def details(self) -> list[tuple[str, str]]:
        """Return label and text of what a person should read after the headline."""
        if self.is_stated:
            return list(self._details())
        return [] if self.robust is None else list(self.robust.lines())

    def _details(self) -> Iterator[tuple[str, str]]:
        yield _("Fit"), self._fit_text()
        yield from self._groups_in_words()
        if other := len(self.links) - len(self.found):
            text = ngettext(
                "{count} further pair of seizures has links that chance explains; it is in the "
                "CSV and JSON",
                "{count} further pairs of seizures have links that chance explains; they are in "
                "the CSV and JSON",
                other,
            )
            yield _("Others"), text.format(count=thousands(other))
        twice = [member for member in self.members if len(member.samples) > 1]
        text = ngettext(
            "{individuals} individuals in {samples} samples of {seizures} seizures; "
            "{several} has several samples",
            "{individuals} individuals in {samples} samples of {seizures} seizures; "
            "{several} have several samples",
            len(twice),
        )
        yield (
            _("Individuals"),
            text.format(
                individuals=thousands(len(self.members)),
                samples=thousands(sum(seizure.samples for seizure in self.seizures)),
                seizures=thousands(len(self.seizures)),
                several=thousands(len(twice)),
            ),
        )
        if doubtful := [f"{a} – {b}" for member in twice for a, b in member.doubtful]:
            text = _(
                "taken as one individual, although some samples contradict each other: {pairs}"
            )
            yield _("Look at"), text.format(pairs=name_some(doubtful, _NAMED))
        if self.too_few_loci:
            text = _("too few loci typed: {samples}")
            yield _("Not compared"), text.format(samples=name_some(self.too_few_loci, _NAMED))
        for kind, found in self.pairs.items():
            text = _("{kind}: {found} pairs link seizures; {expected:.3g} expected by chance")
            yield (
                _("By chance"),
                text.format(
                    kind=_(KINDS[kind]), found=thousands(found), expected=self.expected[kind]
                ),
            )
        shares = [
            _("{kind}: {share:.1%}").format(
                kind=_(KINDS[kind]), share=self.rates[RELATIONSHIP_OF[kind]][kind]
            )
            for kind in self.pairs
            if kind != "unresolved"
        ]
        if shares:
            text = _("share of simulated pairs that is stated correctly: {shares}")
            yield _("True pairs"), text.format(shares=_("; ").join(shares))
        if "match" in self.pairs:
            text = _("{share:.2g} of the simulated pairs are stated as the same individual")
            yield _("Full sibs"), text.format(share=self.rates["full_sibs"]["match"])
        text = _(
            "Each probability was multiplied by {tests}: {seizures} pairs of seizures, {kinds} "
            "kinds of links, and two tests (the number of pairs and the best pair). Beyond "
            "chance means below {significance:g} after that."
        )
        yield (
            _("Correction"),
            text.format(
                tests=thousands(self.tests),
                seizures=thousands(self.seizure_pairs),
                kinds=len(self.pairs),
                significance=SIGNIFICANCE,
            ),
        )

    def _groups_in_words(self) -> Iterator[tuple[str, str]]:
        """Yield a line a group of seizures that are joined beyond chance: the table holds their pairs."""
        for group in self.groups:
            names = [self.seizures[place].name for place in group]
            links = [link for link in self.found if link.first in names]
            if len(links) == 1:
                yield f"{links[0].first} – {links[0].second}", in_words(links[0])
            elif links:
                counts = {
                    kind: sum(link.evidence[kind].pairs for link in links) for kind in self.pairs
                }
                text = _(
                    "{pairs} pairs of these {count} seizures are linked beyond chance ({kinds}); "
                    "the surest: {first} – {second}, probability by chance {p:.2g}, corrected "
                    "{corrected:.2g}. A row a pair: CSV and JSON"
                )
                yield (
                    name_some(names, _NAMED),
                    text.format(
                        pairs=thousands(len(links)), count=thousands(len(names)),
                        kinds=_("; ").join(
                            _("{kind}: {count}").format(kind=_(KINDS[kind]), count=thousands(count))
                            for kind, count in counts.items() if count
                        ),
                        first=links[0].first, second=links[0].second, p=links[0].p,
                        corrected=links[0].p_corrected,
                    ),
                )  # fmt: skip

    def _fit_text(self) -> str:
        apart = self.differentiation
        if apart is None:
            text = _(
                "the animals fit the prediction of their own frequencies (p = {p}, must be above "
                "{level}); without a reference no more can be checked; chance is simulated with "
                "theta {theta}"
            )
        else:
            text = _(
                "the reference describes the animals (p = {p}, must be above {level}): FST between both "
                "{fst}; chance is simulated with theta {theta}"
            )
        return text.format(
            **self.fit.shown(),
            fst="" if apart is None else numeral(apart.fst, ".4f"),
            theta="" if self.theta is None else numeral(self.theta, ".4f"),
        )

    def rows(self) -> list[dict[str, Any]]:
        """Return the links as rows of a table."""
        return [link.to_row() for link in self.links]

    def pair_rows(self) -> list[dict[str, Any]]:
        """Return a row a pair of individuals, with the probabilities of its link."""
        return [
            {
                "first_seizure": link.first,
                "second_seizure": link.second,
                "relationship": pair.kind,
                "first_individual": pair.first,
                "second_individual": pair.second,
                "first_samples": "; ".join(pair.first_samples),
                "second_samples": "; ".join(pair.second_samples),
                "loci": pair.loci,
                **{
                    f"log10_lr_{name}": round(log10, 3) if math.isfinite(log10) else None
                    for name, log10 in pair.log10.items()
                },
                "link_pairs": link.evidence[pair.kind].pairs,
                "link_expected": _short(link.evidence[pair.kind].expected),
                "link_p": _short(link.p),
                "link_p_corrected": _short(link.p_corrected),
                "link_beyond_chance": link.beyond_chance,
            }
            for link in self.links
            for pair in link.pairs
        ]

    def to_frame(self) -> Any:
        """Return the links as a `pandas.DataFrame`."""
        import pandas

        return pandas.DataFrame(self.rows())


def _notices_of(
    seizures: Sequence[Seizure], described: ReferenceFit, heterozygotes: Heterozygotes, theta: float
) -> tuple[Notice, ...]:
    """Return what may make the numbers of a network untrue; heterozygotes were counted with `theta`."""
    noted = []
    if alike := _names_alike(seizures):
        names = name_some([" – ".join(map(repr, group)) for group in alike], _NAMED)
        noted.append(notices.NAMES_ALIKE(names=names))
    if (unfit := described.notice()) is not None:
        noted.append(unfit)
    if (few := heterozygotes.notice(theta)) is not None:
        noted.append(few)
    return tuple(noted)


def _names_alike(seizures: Sequence[Seizure]) -> tuple[tuple[str, ...], ...]:
    """Return names that differ in case or blanks alone: one seizure, perhaps."""
    names = (seizure.name for seizure in seizures)
    spelt = grouped(names, lambda name: "".join(name.casefold().split()))
    return tuple(tuple(alike) for alike in spelt.values() if len(alike) > 1)


WRITTEN = (".csv", ".json", ".graphml", *DRAWN)
# XML 1.0, production 2: no other character may stand in a file, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def check_network_files(paths: Sequence[AnyPath]) -> None:
    """Check, before any work, that a network can be written to new files of these names.

    Raises
    ------
    UsageError
        If a name ends in none of `WRITTEN`, stands twice, the file exists, or its folder does not.
    ForensicsError
        If a library that is needed is not installed.
    """
    known = set()
    for path in map(Path, paths):
        kind = path.suffix.lower()
        if kind not in WRITTEN:
            raise UsageError(
                _("A network is written as {known}; {path} ends in none of them.").format(
                    known=", ".join(WRITTEN), path=path
                )
            )
        check_new(path)
        if path in known:
            raise UsageError(_("{file} is given twice.").format(file=path))
        known.add(path)
        if kind in DRAWN:
            check_figure_file(path)
        if kind == ".graphml":
            with importing("network"):
                import networkx  # noqa: F401


def save_network(network: Network, path: AnyPath) -> None:
    """Write a network to a new file; the end of its name says in which form.

    Raises
    ------
    UsageError, ForensicsError
        As `check_network_files`.
    InputError
        If the frequencies do not describe the animals, so that there is no network; as JSON, which says
        so, the result is written nevertheless.
    """
    check_network_files([path])
    kind = Path(path).suffix.lower()
    if kind == ".json":
        write_new(path, network.to_json().encode())
        return
    if not network.is_stated:
        raise InputError(_("no network to write: {reason}").format(reason=network.unfit_reason))
    if kind in DRAWN:
        side = 6.5 + len(network.seizures) * _SIGN_COST * 3
        draw_file(path, lambda axes: draw_circle(axes, network), size=(side, side))
    else:
        write_new(path, pairs_csv(network) if kind == ".csv" else _graphml(network))


def pairs_csv(network: Network) -> bytes:
    """Return the pairs that join seizures as CSV in UTF-8, a row a pair; no cell is a formula."""
    out = io.StringIO()
    columns = [
        "first_seizure", "second_seizure", "relationship", "first_individual", "second_individual",
        "first_samples", "second_samples", "loci",
    ]  # fmt: skip
    rows = network.pair_rows()
    RowWriter(out, list(rows[0]) if rows else columns).write(rows)
    return out.getvalue().encode()


def graph_of(network: Network) -> "networkx.Graph":
    """Return the network as a `networkx.Graph`: a node a seizure, an edge a link.

    Nodes have the attributes samples and individuals; edges those of `Link.to_row`, ``pairs`` (the
    best log10 ratio and the samples of each pair, one a line) and ``label``. Characters that XML
    does not know are U+FFFD; where that makes two names one, a number is put behind the later.
    """
    import networkx

    graph = networkx.Graph()
    names: dict[str, str] = {}
    for seizure in network.seizures:
        name, number = _xml(seizure.name), 2
        while name in graph:
            name, number = f"{_xml(seizure.name)} ({number})", number + 1
        names[seizure.name] = name
        graph.add_node(name, samples=seizure.samples, individuals=seizure.individuals)
    for link in network.links:
        row = {name: value for name, value in link.to_row().items() if value is not None}
        del row["first_seizure"], row["second_seizure"]
        pairs = "\n".join(
            f"{pair.kind} {pair.best:.2f}: {', '.join(pair.first_samples)} – "
            f"{', '.join(pair.second_samples)}"
            for pair in link.pairs
        )
        graph.add_edge(
            names[link.first],
            names[link.second],
            **row,
            label=_xml(in_words(link)),
            pairs=_xml(pairs),
        )
    return graph


def _graphml(network: Network) -> bytes:
    from networkx.readwrite.graphml import write_graphml_xml

    out = io.BytesIO()
    write_graphml_xml(graph_of(network), out)
    return out.getvalue()


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


# Of the surest kind of a link. Colours of Okabe & Ito, distinguished by people who see fewer colours.
_COLOURS = {
    "match": "#0072B2",
    "parent": "#D55E00",
    "full_sibs": "#009E73",
    "half_sibs": "#CC79A7",
    "unresolved": "#E69F00",
}
_CHANCE, _NODE = "#c8c8c8", "#333333"
_NAME = 24  # characters of a seizure's name that are shown
_SIGN_COST = 1 / 45  # inches a character, by node, that the circle must be larger


def draw_circle(axes: Any, network: Network) -> None:
    """Draw a network on axes.

    Seizures that are joined beyond chance stand side by side; links as chance makes them are thin
    and grey. Widths grow with the number of pairs, dots with the number of individuals.
    """
    from matplotlib.lines import Line2D

    place = {seizure.name: number for number, seizure in enumerate(network.seizures)}
    count = len(place)
    order = np.concatenate(network.groups)
    angle = np.empty(count)
    angle[order] = np.pi / 2 - 2 * np.pi * np.arange(count) / count
    x, y = np.cos(angle), np.sin(angle)

    shown_kinds: set[str] = set()
    has_chance = False  # links as chance makes them
    for link in reversed(network.links):  # the surest last, on top
        ends = [place[link.first], place[link.second]]
        kind = link.pairs[0].kind
        pairs = sum(evidence.pairs for evidence in link.evidence.values())
        if link.beyond_chance:
            shown_kinds.add(kind)
            axes.plot(
                x[ends], y[ends], color=_COLOURS[kind], linewidth=1.2 + np.log2(pairs), zorder=2
            )
        else:
            has_chance = True
            axes.plot(x[ends], y[ends], color=_CHANCE, linewidth=0.5, zorder=1)
    sizes = np.sqrt([float(seizure.individuals or 0) for seizure in network.seizures])
    axes.scatter(x, y, s=25 + 120 * sizes / max(float(sizes.max()), 1.0), color=_NODE, zorder=3)
    for seizure, turn in zip(network.seizures, angle):
        left = np.cos(turn) < -1e-9
        axes.annotate(
            shorten(seizure.name, _NAME, unseen="\ufffd"),
            (1.06 * np.cos(turn), 1.06 * np.sin(turn)),
            rotation=np.degrees(turn) + (180 if left else 0),
            rotation_mode="anchor",
            ha="right" if left else "left",
            va="center",
            fontsize=8,
            annotation_clip=False,
            parse_math=False,  # a name such as $x$ is a name
        )
    handles = [
        Line2D([], [], color=_COLOURS[kind], linewidth=2, label=_(KINDS[kind]))
        for kind in KINDS
        if kind in shown_kinds
    ]
    if has_chance:
        handles.append(
            Line2D([], [], color=_CHANCE, linewidth=0.8, label=_("no more than expected by chance"))
        )
    axes.set(xlim=(-1.4, 1.4), ylim=(-1.4, 1.4), aspect="equal", title=network.headline())
    axes.axis("off")
    if handles:
        axes.legend(handles=handles, loc="lower left", frameon=False, fontsize=8)


_MIN_P = float(np.finfo(float).tiny)  # stands for what is too small for a number; never 0
_FIELD = "field:"
# log10 of the ratio against full sibs from which on samples are one individual: what is more probable counts.
GROUP_LIMIT = 0.0
_STATISTICS = 2  # tests of a kind: the number of pairs, and the best one


def seizure_network(
    samples: Genotypes,
    seizures: Sequence[str],
    frequencies: Frequencies,
    options: NetworkOptions,
    *,
    reference: Genotypes,
    theta: Theta | None = None,
    sample: str = "",
    progress: Callable[[int], None] | None = None,
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
    theta : Theta, optional
        By default `forensics.individual.frequencies.choose_theta` finds it in the reference.
    sample : str
        What the result is recorded on in a ledger.
    progress : callable, optional
        Is given the number of individuals that are compared.

    Returns
    -------
    Network
        The frequencies are checked first: where they do not describe the animals, nothing is joined.
        Chance is simulated with the theta that the animals show.

    Raises
    ------
    UsageError
        If there are fewer than two seizures.
    InputError
        If a sample has no seizure, or there are too few loci.
    """
    theta = theta or choose_theta(reference, options.theta)
    # Where the samples name their seizures, as `seizures_of` takes it; None for nowhere.
    places = ["populations", *(_FIELD + name for name in samples.fields)]
    given = list(seizures)
    named = next((place for place in places if seizures_of(samples, place) == given), None)
    _check(samples, seizures, frequencies)
    kinds = tuple(kind for kind in KINDS if kind in options.kinds)
    order = sorted(range(len(samples)), key=lambda row: samples.animals[row])
    samples, seizures = samples.take(order), [seizures[row] for row in order]
    known_errors: dict[str, Any] = {"theta": theta.value, "errors": options.errors}
    rates: dict[str, Any] = {**known_errors, "mutation": options.mutation}
    groups = group_samples(samples, frequencies, limit=GROUP_LIMIT, **known_errors)
    individuals = Individuals.of(samples, seizures, groups)
    codes = frequencies.genotypes_of(samples)
    pool = pooled(
        frequencies, codes, [*individuals.wholes, *(rows for _at, _number, rows in individuals.parts)],
        errors=options.errors,
    )  # fmt: skip
    stating: dict[str, Any] = {"limit": options.limit, "match_limit": options.match_limit}
    tables = {
        name: pool.ratio_tables(RELATIONSHIPS[name], theta=theta.value, mutation=options.mutation)
        for name in compared_relationships(kinds)
    }
    near = find_near_pairs(pool, tables, len(individuals.wholes), options.limit, progress)
    # Of each individual the sample with the most loci, the first of several.
    known = (codes >= 0).sum(axis=1)
    chosen = [max(rows, key=lambda row: (known[row], -row)) for rows in individuals.wholes]
    described = check_reference(
        frequencies, codes[chosen], [seizures[row] for row in chosen], seed=options.seed, related=near,
        **known_errors,
    )  # fmt: skip
    heterozygotes = count_heterozygotes(frequencies, codes, **known_errors)
    sizes = Counter(seizures)
    nodes = tuple(Seizure(name, sizes[name], None) for name in individuals.names)
    result = Network(
        sample=sample,
        seizures=nodes,
        too_few_loci=tuple(
            name for name, count in zip(samples.animals, known) if count < MIN_LOCI
        ),
        heterozygotes=heterozygotes,
        fit=described.fit,
        differentiation=described.differentiation,
        members=(), links=(), seizure_pairs=0, compared=0, tests=0, pairs={}, expected={}, rates={},
        notices=_notices_of(nodes, described, heterozygotes, theta.value),
        provenance=provenance_of(
            reference, [samples], theta, replace(options, kinds=kinds),
            group_limit=GROUP_LIMIT, least_loci=MIN_LOCI, seizures=named,
        ),
    )  # fmt: skip
    if not result.is_stated:
        return replace(result, robust=indicate_kin(samples, seizures))
    pairs = link_individuals(individuals, pool, tables, kinds, stating, near)
    typed = pool.codes[len(individuals.wholes) :] >= 0
    seizure_of = np.array([seizure for seizure, _number, _rows in individuals.parts])
    classes = class_by_loci(len(frequencies.loci))
    numbers, total, joined = count_compared(
        typed, seizure_of, len(individuals.names), classes, set(pairs)
    )
    link_rates = simulate_link_rates(
        frequencies, sample_patterns(typed, seizure_of, classes, total, options.seed), kinds=kinds,
        seed=options.seed, truth=(described.values, described.theta), **rates, **stating,
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
    individual_counts = np.bincount(seizure_of).tolist()
    return replace(
        result,
        seizures=tuple(
            replace(node, individuals=count) for node, count in zip(nodes, individual_counts)
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
        theta=described.theta,
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


def _check(samples: Genotypes, seizures: Sequence[str], frequencies: Frequencies) -> None:
    """Refuse samples that no network can be made of."""
    source = samples.source or None
    require_one_each(seizures, samples)
    for name, seizure in zip(samples.animals, seizures):
        if not seizure.strip():
            raise InputError(
                _(
                    "sample {sample} has no seizure; every row needs one. Fill it in, or take the "
                    "sample out"
                ).format(sample=name),
                source=source,
            )
    if len(set(seizures)) < 2:
        raise UsageError(
            _("{count} seizures in {file}; a network joins two or more. Check --seizure.").format(
                count=len(set(seizures)), file=source or _("the samples")
            )
        )
    if len(frequencies.loci) < MIN_LOCI:
        raise InputError(
            _("{count} loci; at least {least} must be compared").format(
                count=len(frequencies.loci), least=MIN_LOCI
            ),
            source=source,
        )


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
