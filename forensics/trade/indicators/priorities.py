"""Targets in order: taxa, routes and places, with the reasons for each and how sure its rank is.

Each target is looked at by criteria, over a recent window of years and the years before it:

- ``seizures``: seizures in the window;
- ``amount``: kilograms, pieces or animals in the window, whichever most rows have (or as asked); rows
  without it add none;
- ``growth``: yearly rate of seizures in the window over the rate before it (half a seizure is added to
  both counts, so that few do not make much of it);
- ``reach``: countries in whose trade chains it was in the window.

Within each kind of target a criterion gives the share of targets that it exceeds (ties half), 0-1; the
score is their mean by the user's weights. It orders attention, no more: it has no unit, and a target
that nobody seizes is at its end. The whole reckoning is repeated on seizures drawn again, which shows
how far score and rank are a matter of chance.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy import sparse

from forensics.errors import UsageError
from forensics.messages import N_, _, numeral
from forensics.trade.indicators.counts import keys_of
from forensics.trade.indicators.defaults import CRITERIA, MEASURES, TARGETS, TOP, WINDOW
from forensics.trade.indicators.resampling import DRAWS, SEED, frequencies, quantiles
from forensics.trade.indicators.results import Indicator, provenance_of
from forensics.trade.indicators.seizures import Seizures, is_country

__all__ = ["CRITERIA", "KINDS", "MEASURES", "TOP", "WINDOW", "priorities"]

KINDS = TARGETS
MOST = 500  # targets of a kind; draws of all of a large store would not fit into memory
_ADDED = 0.5  # to both counts of a ratio (Haldane-Anscombe)
_UNKNOWN = "?"

_LIMITS = N_(
    "The order rests on what was seized and reported, and on the weights of the criteria, which are a "
    "choice. Ranks whose intervals overlap are not told apart."
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
        (share of draws that have it among the first `top`), ``score`` with ``_low`` and ``_high``,
        the criteria with theirs, and ``reasons`` in words.

    Raises
    ------
    UsageError
        If a kind or criterion is not known, no weight is above 0, or nothing lies before the window.
    """
    import pandas

    weights = dict.fromkeys(CRITERIA, 1.0) if weights is None else dict(weights)
    strange = [one for one in (*kinds, *weights) if one not in (*KINDS, *CRITERIA)]
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
    held = seizures.rows[list(MEASURES)].notna().sum()
    measure = measure or str(held.idxmax())
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
        (
            _("Reckoned"),
            _(
                "window {first}-{last}, before it {years} years; amounts in {measure} (of {known} of "
                "{all} rows; the others add none); weights {weights}; {draws} bootstrap draws over "
                "whole seizures, intervals of 95 %"
            ).format(
                known=int(held[measure]), all=len(seizures.rows),
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
                        count=count, most=MOST
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
        held = keys.map(lambda key: key.count(_UNKNOWN) <= (1 if kind == "route" else 0)).to_numpy()
        number = rows["number"].to_numpy()
        often = keys[held].groupby(keys[held]).size().sort_values(ascending=False, kind="stable")
        self.left_out = max(len(often) - MOST, 0)
        if self.left_out:
            held = held & keys.isin(often.index[:MOST]).to_numpy()
        cell, names = pandas.factorize(keys[held], sort=True)
        number = number[held]
        recent = rows["year"].to_numpy()[held] > seizures.years[-1] - window
        self.names, self.size = list(names), len(seizures)
        shape = (self.size, len(names))
        one = np.ones(len(cell))

        def table(chosen, values):
            return sparse.csr_matrix((values[chosen], (number[chosen], cell[chosen])), shape=shape)

        self.recent = table(recent, one).sign()
        self.before = table(~recent, one).sign()
        self.amount = table(recent, rows[measure].fillna(0.0).to_numpy()[held])
        pairs: dict[tuple[int, str], int] = {}  # of a target and a country in its chains
        found = set()
        for at, row in zip(np.flatnonzero(recent), rows[held][recent].itertuples(index=False)):
            for country in self._countries(row):
                found.add((number[at], pairs.setdefault((cell[at], country), len(pairs))))
        index = np.array(sorted(found), dtype=np.int64).reshape(-1, 2)
        self.reached = sparse.csr_matrix(
            (np.ones(len(index)), (index[:, 0], index[:, 1])), shape=(self.size, len(pairs))
        )
        self.target_of = sparse.csr_matrix(
            (np.ones(len(pairs)), ([target for target, _country in pairs], range(len(pairs)))),
            shape=(len(names), len(pairs)),
        )

    @staticmethod
    def _countries(row) -> set[str]:
        held = {row.origin, row.country, row.destination, *row.departure, *row.transit}
        return {country for country in held if is_country(country)}

    def criteria(self, taken: np.ndarray, window: int, before: int) -> np.ndarray:
        """Return the criteria of each target in each draw, shape (draws, targets, criteria)."""
        recent = (self.recent.T @ taken.T).T
        earlier = (self.before.T @ taken.T).T
        amount = (self.amount.T @ taken.T).T
        reached = (self.target_of @ ((self.reached.T @ taken.T) > 0).astype(np.float64)).T
        growth = ((recent + _ADDED) / window) / ((earlier + _ADDED) / before)
        return np.stack([recent, amount, growth, reached], axis=2)


def _of_kind(seizures, kind, weights, measure, window, before, top, draws, seed):
    import pandas

    held = _Incidence(seizures, kind, measure, window)
    found = held.criteria(np.ones((1, held.size)), window, before)
    parts = [held.criteria(taken, window, before) for taken in frequencies(held.size, draws, seed)]
    drawn = np.concatenate(parts)
    score, rank = _ranked(found, weights)
    scores, ranks = _ranked(drawn, weights)
    table = pandas.DataFrame({"kind": kind, "target": held.names, "rank": rank[0]})
    table["rank_low"], table["rank_high"] = quantiles(ranks)
    table["p_top"] = (ranks <= top).mean(axis=0)
    table["score"] = score[0]
    table["score_low"], table["score_high"] = quantiles(scores)
    for place, name in enumerate(CRITERIA):
        table[name] = found[0, :, place]
        table[f"{name}_low"], table[f"{name}_high"] = quantiles(drawn[:, :, place])
    table["reasons"] = [
        _reasons(row, seizures.years[-window], seizures.years[-1], measure)
        for row in table.itertuples(index=False)
    ]
    return table.sort_values(["rank", "target"], kind="stable"), held.left_out


def _ranked(criteria: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return score and rank (1 is first, ties share the middle) of each target in each draw."""
    from scipy.stats import rankdata

    others = max(criteria.shape[1] - 1, 1)
    share = (rankdata(criteria, axis=1) - 1) / others
    score = share @ weights
    return score, rankdata(-np.round(score, 12), axis=1)


def _reasons(row, first: int, last: int, measure: str) -> str:
    text = _(
        "seizures in {first}-{last}: {seizures:.0f} (95 % {s_low:.0f}-{s_high:.0f}); {measure}: "
        "{amount:.4g} ({a_low:.3g}-{a_high:.3g}); rate {growth:.2f} times that before "
        "({g_low:.2f}-{g_high:.2f}); countries in its chains: {reach:.0f}"
    )
    return text.format(
        seizures=row.seizures, first=first, last=last, s_low=row.seizures_low,
        s_high=row.seizures_high, amount=row.amount, measure=measure, a_low=row.amount_low,
        a_high=row.amount_high, growth=row.growth, g_low=row.growth_low, g_high=row.growth_high,
        reach=row.reach,
    )  # fmt: skip
