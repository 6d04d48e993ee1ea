"""Targets in order: taxa, routes and places, with the reasons for each and how sure its rank is.

Each target is looked at by criteria, over a recent window of years and the years before it:

- ``seizures``: seizures in the window;
- ``amount``: kilograms, pieces or animals in the window, whichever most rows have (or as asked); of a
  target with seizures of which none states it, it is not known, which is not 0;
- ``growth``: yearly rate of seizures in the window over the rate before it (half a seizure is added to
  both counts, so that few do not make much of it);
- ``reach``: countries in whose trade chains it was in the window.

Within each kind of target a criterion gives the share of targets that it exceeds (ties half), 0-1, among
those of which it is known; the score is the mean of the known ones by the user's weights. It orders attention,
no more: it has no unit, and a target that nobody seizes is at its end. The whole reckoning is repeated on seizures
drawn again, which shows how far score and rank hang on single seizures. That is not a confidence interval: the
largest shipment may be the one that was not seized (see `resampling`).
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from forensics.errors import UsageError
from forensics.messages import N_, _, numeral
from forensics.stats.intervals import poisson_interval, poisson_ratio_interval
from forensics.trade.indicators.counts import keys_of
from forensics.trade.indicators.defaults import CRITERIA, MEASURES, TARGETS, TOP, WINDOW
from forensics.trade.indicators.resampling import (
    DRAWS,
    SEED,
    frequencies,
    quantiles,
    sum_lower_limit,
)
from forensics.trade.indicators.results import Indicator, provenance_of
from forensics.trade.indicators.seizures import Seizures, is_country

if TYPE_CHECKING:
    import pandas

__all__ = ["CRITERIA", "KINDS", "MEASURES", "TOP", "WINDOW", "priorities"]

KINDS = TARGETS
MAX_TARGETS = 500  # targets of a kind; draws of all of a large store would not fit into memory
_ADDED = 0.5  # to both counts of a ratio (Haldane-Anscombe)
_UNKNOWN = "?"

_LIMITS = N_(
    "The order rests on what was seized and reported, and on the weights of the criteria, which are a "
    "choice. The ranges of ranks and scores show how far the order hangs on single seizures; they are no "
    "confidence intervals, and where they overlap ranks are not told apart."
)
_INTERVALS = N_(
    "Counts of seizures have exact Poisson intervals, rates the exact interval of a ratio of two counts (95 %), "
    "amounts a lower limit alone (97.5 %): no upper limit of such uneven amounts holds. Of the countries in the "
    "chains there is no interval: nobody knows of those that were never recorded."
)


def priorities(
    seizures: Seizures,
    *,
    kinds: Sequence[str] = KINDS,
    weights: Mapping[str, float] | None = None,
    window: int = WINDOW,
    top: int = TOP,
    measure: str | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Indicator:
    """Return the targets of each kind, first the one to look at first.

    Parameters
    ----------
    seizures : Seizures
    kinds : sequence of str
        Of `KINDS`.
    weights : dict of str to float, optional
        Of `CRITERIA`; what is not named weighs 0. Default: all alike.
    window : int
        Years up to the last one.
    top : int
    measure : {"kg", "pieces", "animals"}, optional
        Of amounts.
    draws, seed : int
        Of the bootstrap.

    Returns
    -------
    Indicator
        Its table has ``kind``, ``target``, ``rank`` with ``rank_low`` and ``rank_high``, ``p_top``
        (share of draws that have it among the first `top`), ``score`` with ``_low`` and ``_high``, the
        middle 95 % of draws; the criteria with their limits, NaN where there is none (see `_INTERVALS`);
        ``amount_known``, the seizures in the window that state the amount; ``unknown``, the criteria of which
        nothing is known, separated by ``;``; and ``reasons`` in words. A target of which no criterion with a
        weight is known has neither score nor rank.

    Raises
    ------
    UsageError
        If a kind or criterion is not known, no weight is above 0, or nothing lies before the window.
    """
    import pandas

    weights = dict.fromkeys(CRITERIA, 1.0) if weights is None else dict(weights)
    strange = [word for word in (*kinds, *weights) if word not in (*KINDS, *CRITERIA)]
    values = np.array([weights.get(name, 0.0) for name in CRITERIA], dtype=np.float64)
    if strange or not (np.isfinite(values).all() and (values >= 0).all() and values.sum() > 0):
        raise UsageError(
            _(
                "Found {found}; expected kinds of {kinds}, and criteria of {criteria} with weights of "
                "0 or more, one of them above 0."
            ).format(
                found=", ".join(strange) or ", ".join(f"{k}={v}" for k, v in weights.items()),
                kinds=", ".join(KINDS),
                criteria=", ".join(CRITERIA),
            )
        )
    years = seizures.years
    before = len(years) - window
    if window < 1 or before < 1:
        raise UsageError(
            _(
                "The seizures are of {years} years; the window must be shorter (found {window})."
            ).format(years=len(years), window=window)
        )
    recorded = seizures.rows[list(MEASURES)].notna().sum()
    measure = measure or str(recorded.idxmax())
    if measure not in MEASURES:
        raise UsageError(
            _("Amounts in {found}; expected one of {known}.").format(
                found=measure, known=", ".join(MEASURES)
            )
        )
    parts = [
        _of_kind(seizures, kind, values / values.sum(), measure, window, before, top, draws, seed)
        for kind in dict.fromkeys(kinds)
    ]
    notes = [
        *seizures.notes,
        (_("Limits"), _(_LIMITS)),
        (_("Intervals"), _(_INTERVALS)),
        (
            _("Reckoned"),
            _(
                "window {first}-{last}, before it {years} years; amounts in {measure} (known of {known} of "
                "{all} rows); weights {weights}; {draws} bootstrap draws over whole seizures, of which the "
                "middle 95 % are shown"
            ).format(
                known=int(recorded[measure]), all=len(seizures.rows),
                first=years[-window], last=years[-1], years=before, measure=measure, draws=draws,
                weights=", ".join(f"{name} {numeral(value, 'g')}" for name, value in zip(CRITERIA, values)),
            ),
        ),
    ]  # fmt: skip
    for kind, (_table, count) in zip(dict.fromkeys(kinds), parts):
        if count:
            notes.append(
                (
                    kind,
                    _("targets with the fewest rows, left out: {count}; ranked: {most}").format(
                        count=count, most=MAX_TARGETS
                    ),
                )
            )
    parameters = {
        "kinds": list(kinds), "weights": dict(zip(CRITERIA, values.tolist())), "window": window,
        "top": top, "measure": measure, "draws": draws, "seed": seed,
    }  # fmt: skip
    return Indicator(
        _("Priorities"),
        pandas.concat([table for table, _count in parts], ignore_index=True),
        tuple(notes),
        provenance_of(parameters, seizures.files, dependencies=["scipy"]),
    )


class _Incidence:
    """Which seizure belongs to which target, when, with what amount and which countries."""

    def __init__(self, seizures: Seizures, kind: str, measure: str, window: int) -> None:
        import pandas

        rows = seizures.rows
        keys = keys_of(seizures, [kind])[kind]
        if kind == "place":
            country = rows["country"].replace("", _UNKNOWN)
            keys = keys.where(keys != _UNKNOWN, "").str.cat(country, sep=", ").str.lstrip(", ")
        # A target must be something: a taxon, a place, a way of which two ends are known.
        kept = keys.map(lambda key: key.count(_UNKNOWN) <= (1 if kind == "route" else 0)).to_numpy()
        number = rows["number"].to_numpy()
        often = keys[kept].groupby(keys[kept]).size().sort_values(ascending=False, kind="stable")
        self.left_out = max(len(often) - MAX_TARGETS, 0)
        if self.left_out:
            kept = kept & keys.isin(often.index[:MAX_TARGETS]).to_numpy()
        cell, names = pandas.factorize(keys[kept], sort=True)
        number = number[kept]
        recent = rows["year"].to_numpy()[kept] > seizures.years[-1] - window
        self.names, self.size = list(names), len(seizures)
        shape = (self.size, len(names))
        ones = np.ones(len(cell))

        def table(chosen: np.ndarray, values: np.ndarray) -> sparse.csr_matrix:
            return sparse.csr_matrix((values[chosen], (number[chosen], cell[chosen])), shape=shape)

        self.recent = table(recent, ones).sign()
        self.before = table(~recent, ones).sign()
        amounts = rows[measure].to_numpy()[kept]
        stated = recent & ~np.isnan(amounts)
        self.known = table(stated, ones).sign()
        self.amount = table(stated, amounts)
        self.amount_low = sum_lower_limit(number[stated], cell[stated], amounts[stated], len(names))
        pairs: dict[tuple[int, str], int] = {}  # of a target and a country in its chains
        entries = set()
        for at, row in zip(np.flatnonzero(recent), rows[kept][recent].itertuples(index=False)):
            for country in self._countries(row):
                entries.add((number[at], pairs.setdefault((cell[at], country), len(pairs))))
        index = np.array(sorted(entries), dtype=np.int64).reshape(-1, 2)
        self.reached = sparse.csr_matrix(
            (np.ones(len(index)), (index[:, 0], index[:, 1])), shape=(self.size, len(pairs))
        )
        self.target_of = sparse.csr_matrix(
            (np.ones(len(pairs)), ([target for target, _country in pairs], range(len(pairs)))),
            shape=(len(names), len(pairs)),
        )

    @staticmethod
    def _countries(row: Any) -> set[str]:
        countries = {row.origin, row.country, row.destination, *row.departure, *row.transit}
        return {country for country in countries if is_country(country)}

    def criteria(self, taken: np.ndarray, window: int, before: int) -> np.ndarray:
        """Return the criteria of each target in each draw, shape (draws, targets, criteria).

        An amount is NaN where the target has seizures in the draw and none of them states it.
        """
        recent = (self.recent.T @ taken.T).T
        earlier = (self.before.T @ taken.T).T
        amount = (self.amount.T @ taken.T).T
        amount = np.where((recent > 0) & ((self.known.T @ taken.T).T == 0), np.nan, amount)
        reached = (self.target_of @ ((self.reached.T @ taken.T) > 0).astype(np.float64)).T
        growth = ((recent + _ADDED) / window) / ((earlier + _ADDED) / before)
        return np.stack([recent, amount, growth, reached], axis=2)


def _of_kind(
    seizures: Seizures,
    kind: str,
    weights: np.ndarray,
    measure: str,
    window: int,
    before: int,
    top: int,
    draws: int,
    seed: int,
) -> "tuple[pandas.DataFrame, int]":
    import pandas

    incidence = _Incidence(seizures, kind, measure, window)
    criteria = incidence.criteria(np.ones((1, incidence.size)), window, before)
    parts = [
        incidence.criteria(taken, window, before)
        for taken in frequencies(incidence.size, draws, seed)
    ]
    drawn = np.concatenate(parts)
    score, rank = _ranked(criteria, weights)
    scores, ranks = _ranked(drawn, weights)
    table = pandas.DataFrame({"kind": kind, "target": incidence.names, "rank": rank[0]})
    table["rank_low"], table["rank_high"] = quantiles(ranks)
    table["p_top"] = (ranks <= top).mean(axis=0)
    table["score"] = score[0]
    table["score_low"], table["score_high"] = quantiles(scores)
    table.loc[table["rank"].isna(), ["rank_low", "rank_high", "p_top"]] = np.nan
    everything = np.ones((1, incidence.size))
    recent, earlier = (
        np.ravel(part.T @ everything.T) for part in (incidence.recent, incidence.before)
    )
    limits = {
        "seizures": poisson_interval(recent),
        "amount": (np.where(np.isnan(criteria[0, :, 1]), np.nan, incidence.amount_low), np.nan),
        "growth": poisson_ratio_interval(recent, earlier, window, before),
        "reach": (np.nan, np.nan),
    }
    for place, name in enumerate(CRITERIA):
        table[name] = criteria[0, :, place]
        table[f"{name}_low"], table[f"{name}_high"] = limits[name]
    table["amount_known"] = np.ravel(incidence.known.T @ everything.T).astype(np.int64)
    table["unknown"] = [
        tuple(name for name, value in zip(CRITERIA, values) if np.isnan(value))
        for values in criteria[0]
    ]
    table["reasons"] = [
        _reasons(row, seizures.years[-window], seizures.years[-1], measure)
        for row in table.itertuples(index=False)
    ]
    return table.sort_values(["rank", "target"], kind="stable"), incidence.left_out


def _ranked(criteria: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return score and rank (1 is first, ties share the middle) of each target in each draw.

    Criteria that are NaN are not known: the others make the score, and NaN is the score of a target with none.
    """
    from scipy.stats import rankdata

    known = ~np.isnan(criteria)
    count = known.sum(axis=1, keepdims=True)
    # What is not known is put last, and so moves the ranks of all others by as many.
    order = rankdata(np.where(known, criteria, -np.inf), axis=1)
    share = (order - (criteria.shape[1] - count) - 1) / np.maximum(count - 1, 1)
    # One that is known among others that are not exceeds none, and is exceeded by none.
    known &= (count > 1) | (criteria.shape[1] == 1)
    given = known * weights
    total = given.sum(axis=2)
    with np.errstate(invalid="ignore"):
        score = np.where(
            total > 0, (np.where(known, share, 0.0) * given).sum(axis=2) / total, np.nan
        )
    unranked = np.isnan(score)
    rank = rankdata(np.where(unranked, np.inf, -np.round(score, 12)), axis=1)
    return score, np.where(unranked, np.nan, rank)


def _reasons(row: Any, first: int, last: int, measure: str) -> str:
    text = _(
        "seizures in {first}-{last}: {seizures:.0f} (95 % {s_low:.1f}-{s_high:.1f}); {measure}: {amount}; rate "
        "{growth:.2f} times that before ({growth_range}); countries in its chains: {reach:.0f}"
    )
    if "amount" in row.unknown:
        amount = _("not known")
    elif row.amount_known:
        amount = _(
            "{amount:.4g} (at least {low:.3g}, 97.5 %; stated by {known} of {all} seizures)"
        ).format(
            amount=row.amount, low=row.amount_low, known=row.amount_known, all=int(row.seizures)
        )
    else:
        amount = "0"  # nothing was seized
    if np.isinf(row.growth_high):
        growth_range = _("{low:.2f} or more").format(low=row.growth_low)
    else:
        growth_range = f"{numeral(row.growth_low, '.2f')}-{numeral(row.growth_high, '.2f')}"
    return text.format(
        seizures=row.seizures, first=first, last=last, s_low=row.seizures_low,
        s_high=row.seizures_high, measure=measure, amount=amount, growth=row.growth,
        growth_range=growth_range, reach=row.reach,
    )  # fmt: skip
