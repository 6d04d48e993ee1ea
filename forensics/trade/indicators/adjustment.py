"""EXPERIMENTAL: an index of trade behind seizures, adjusted for effort and for reporting.

Numbers of seizures mix how much is traded, how much of it is seized and how much of that is reported.
With proxies of the two rates (figures by country and year that move with them) the model takes them
apart, in the way of the published analysis of ivory seizures, but simpler:

``n ~ NegativeBinomial(mean = phi theta lambda, size r)`` for each country and year, with
``log lambda = level + country + year`` (years a random walk),
``logit phi = b x`` (rate of seizure) and ``logit theta = g z`` (rate of reporting), x and z
standardised. Only ratios of lambda mean anything: hence an index.

It is not the published index: one class of seizures instead of five, another time curve, and whatever
proxies the user chose. Drawn from by Hamiltonian Monte Carlo.

References
----------
Underwood FM, Burn RW, Milliken T 2013, Dissecting the illegal ivory trade.
doi:10.1371/journal.pone.0076539. Neal RM 2011, MCMC using Hamiltonian dynamics,
doi:10.1201/b10905-6.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import digamma, gammaln, log_expit

from forensics.errors import InputError, UsageError
from forensics.messages import N_, _
from forensics.trade.indicators.diagnostics import (
    LARGEST_RHAT,
    SMALLEST_ESS,
    effective_draws,
    r_hat,
)
from forensics.trade.indicators.resampling import quantiles
from forensics.trade.indicators.results import Indicator, provenance_of
from forensics.trade.indicators.seizures import Seizures, frame_of, is_country, number_of
from forensics.trade.sheets import read_sheet

__all__ = ["Proxies", "adjusted_index", "read_proxies"]

CHAINS, WARM_UP, DRAWS, SEED = 4, 500, 1000, 1
# Normal priors, their deviations on the log or logit scale. A standardised proxy may take a rate from a
# half to four fifths in a step of one; countries differ up to fifty-fold, years from one to the next
# up to threefold. They are weak beside data, but for years: they hold a curve together.
RATE_SD = 1.5
COUNTRY_SD, YEAR_STEP_SD = 2.0, 0.5
LEVEL_SD, SIZE_SD = 3.0, 1.5
_STEPS = 12  # leapfrog steps of a proposal, at most
_ACCEPT = 0.8  # aimed at (Neal 2011 has 0.65 as best, more is safer)
_FEWEST = 3  # countries, and years

_WARNING = N_(
    "Experimental, and not the ETIS index. What the proxies do not measure of effort and reporting is "
    "taken for trade; with other proxies it is another index. Do not report it as a finding."
)


@dataclass(frozen=True, eq=False)
class Proxies:
    """Figures by country and year that stand for rates of seizure and of reporting.

    Attributes
    ----------
    keys : tuple of (str, int)
        Country and year of each row.
    seizing : numpy.ndarray of float64, shape (n, p)
    reporting : numpy.ndarray of float64, shape (n, q)
    names : tuple of tuple of str
        Of both.
    source, sha256 : str
    """

    keys: tuple[tuple[str, int], ...]
    seizing: np.ndarray
    reporting: np.ndarray
    names: tuple[tuple[str, ...], tuple[str, ...]]
    source: str = ""
    sha256: str = ""


def read_proxies(
    path: str | os.PathLike, *, seizing: Sequence[str], reporting: Sequence[str]
) -> Proxies:
    """Read a table with country, year and the columns of both rates.

    Raises
    ------
    InputError
        If a column is missing, a cell is no number, or a country has a year twice.
    """
    sheet = read_sheet(path)
    frame = frame_of(sheet)
    wanted = ["country", "year", *(name.casefold() for name in (*seizing, *reporting))]
    if any(list(frame.columns).count(name) != 1 for name in wanted) or not len(frame):
        raise InputError(
            _("found {rows} rows with the columns {found}; expected each once: {needed}").format(
                rows=len(frame), found=", ".join(frame.columns)[:300], needed=", ".join(wanted)
            ),
            source=sheet.name,
        )
    keys, values = [], []
    for row, cells in zip(sheet.rows, frame[wanted].itertuples(index=False, name=None)):
        country, year, *figures = cells
        try:
            numbers = [number_of(one) for one in figures]
            key = (country.upper(), int(year))
            if not np.isfinite(numbers).all() or not is_country(key[0]) or key in set(keys):
                raise ValueError
        except ValueError as error:
            raise InputError(
                _(
                    "found {found}; expected the code of a country, a year, both together once, and "
                    "numbers"
                ).format(found=", ".join(cells)[:200]),
                source=sheet.name,
                line=row.number,
            ) from error
        keys.append(key)
        values.append(numbers)
    table = np.array(values, dtype=np.float64)
    return Proxies(
        tuple(keys),
        table[:, : len(seizing)],
        table[:, len(seizing) :],
        (tuple(seizing), tuple(reporting)),
        sheet.name,
        sheet.sha256,
    )


def adjusted_index(
    seizures: Seizures,
    proxies: Proxies,
    *,
    base: int | None = None,
    chains: int = CHAINS,
    warm_up: int = WARM_UP,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Indicator:
    """Return the index by year; the base year (default: the first) is 100.

    Country-years that the proxies have and the seizures do not count as no seizure; those that only
    the seizures have are left out, and told.

    Returns
    -------
    Indicator
        Its table has ``year``, ``seizures``, ``unadjusted`` (index of the counts), ``index`` (median)
        with ``index_low`` and ``index_high``.

    Raises
    ------
    UsageError
        If there are too few countries or years, or a proxy does not vary.
    """
    import pandas

    made = seizures.whole().groupby(["country", "year"]).size().to_dict()
    years = sorted({year for _country, year in proxies.keys})
    countries = sorted({country for country, _year in proxies.keys})
    base = years[0] if base is None else base
    if len(years) < _FEWEST or len(countries) < _FEWEST or base not in years:
        raise UsageError(
            _(
                "{source} has {countries} countries in the years {years}; expected {least} or more "
                "of each, and {base} among the years."
            ).format(
                source=proxies.source, countries=len(countries), least=_FEWEST, base=base,
                years=", ".join(str(one) for one in (years[0], years[-1])),
            )
        )  # fmt: skip
    count = np.array([made.get(key, 0) for key in proxies.keys], dtype=np.float64)
    posterior = _Posterior(
        count,
        np.array([countries.index(country) for country, _year in proxies.keys]),
        np.array([years.index(year) for _country, year in proxies.keys]),
        _standardised(proxies.seizing, proxies.names[0]),
        _standardised(proxies.reporting, proxies.names[1]),
    )
    drawn, accepted = _draw(posterior, chains=chains, warm_up=warm_up, draws=draws, seed=seed)
    log_years = posterior.log_years(drawn)  # (draws, chains, years); country effects cancel
    place = years.index(base)
    index = 100.0 * np.exp(log_years - log_years[:, :, [place]])
    varying = [one for one in range(len(years)) if one != place]
    quality = [
        *((r_hat(log), effective_draws(log)) for log in index[:, :, varying].transpose(2, 0, 1)),
        *((r_hat(one), effective_draws(one)) for one in drawn.transpose(2, 0, 1)),
    ]
    low, high = quantiles(index.reshape(-1, len(years)))
    total = np.bincount(posterior.year, count, len(years))
    with np.errstate(divide="ignore", invalid="ignore"):
        unadjusted = 100.0 * total / total[place]
    table = pandas.DataFrame(
        {
            "year": years,
            "seizures": total.astype(np.int64),
            "unadjusted": unadjusted,
            "index": np.median(index, axis=(0, 1)),
            "index_low": low,
            "index_high": high,
        }
    )
    notes = [(_("Experimental"), _(_WARNING)), *seizures.notes]
    for name, place_of in zip((*proxies.names[0], *proxies.names[1]), posterior.rates):
        effect = drawn[:, :, place_of]
        limits = np.quantile(effect, [0.025, 0.975])
        notes.append(
            (
                name,
                _(
                    "effect on the logit of its rate {mean:+.2f} (95 % {low:+.2f} to {high:+.2f})"
                ).format(mean=effect.mean(), low=limits[0], high=limits[1]),
            )
        )
    worst, fewest = max(one for one, _ess in quality), min(ess for _r_hat, ess in quality)
    sound = worst <= LARGEST_RHAT and fewest >= SMALLEST_ESS
    notes.append(
        (
            _("Sampler") if sound else _("Not converged"),
            _(
                "largest R-hat {r_hat:.4f} ({most} at most), fewest effective draws {ess:.0f} "
                "({least} at least), {accepted:.0%} of proposals accepted"
            ).format(
                r_hat=worst, most=LARGEST_RHAT, ess=fewest, least=SMALLEST_ESS, accepted=accepted
            ),
        )
    )
    left = sum(number for key, number in made.items() if key not in set(proxies.keys))
    if left:
        notes.append(
            (
                _("Left out"),
                _("{count} of {all} seizures are of a country and year without proxies").format(
                    count=left, all=len(seizures)
                ),
            )
        )
    parameters = {
        "base": base, "chains": chains, "warm_up": warm_up, "draws": draws, "seed": seed,
        "seizing": list(proxies.names[0]), "reporting": list(proxies.names[1]),
    }  # fmt: skip
    return Indicator(
        _("Adjusted index (EXPERIMENTAL), {base} = 100").format(base=base),
        table,
        tuple(notes),
        provenance_of(
            parameters,
            [*seizures.files, (proxies.source, proxies.sha256)],
            dependencies=["scipy"],
        ),
    )


def _standardised(values: np.ndarray, names: Sequence[str]) -> np.ndarray:
    deviation = values.std(axis=0)
    if (deviation == 0).any():
        raise UsageError(
            _("{name} is the same everywhere; it cannot tell rates apart.").format(
                name=names[int(np.argmin(deviation))]
            )
        )
    return (values - values.mean(axis=0)) / deviation if values.size else values


class _Posterior:
    """Log density and gradient of points, of shape (chains, size).

    A point holds: log size, level, countries (C), steps from year to year (T - 1), effects of
    proxies of seizing (p) and of reporting (q).
    """

    def __init__(self, count, country, year, seizing, reporting) -> None:
        self.count, self.year = count, year
        self.countries, self.years = int(country.max()) + 1, int(year.max()) + 1
        rows = len(count)
        belongs = np.zeros((rows, self.countries))
        belongs[np.arange(rows), country] = 1.0
        passed = (year[:, None] > np.arange(self.years - 1)).astype(np.float64)
        self.design = np.concatenate([np.ones((rows, 1)), belongs, passed], axis=1)
        self.rates_of = (seizing, reporting)
        ends = np.cumsum([1, self.design.shape[1], seizing.shape[1], reporting.shape[1]])
        self.size = int(ends[-1])
        self.linear = slice(ends[0], ends[1])
        self.steps = slice(ends[1] - (self.years - 1), ends[1])
        self.effects = (slice(ends[1], ends[2]), slice(ends[2], ends[3]))
        self.rates = range(ends[1], ends[3])
        # Half of what is traded seized, and half of that reported, where proxies are average.
        level = np.log(count.mean() + 0.5) + 2 * np.log(2.0)
        self.start = np.zeros(self.size)
        self.start[1] = level
        scale = np.full(self.size, RATE_SD)
        scale[0], scale[1] = SIZE_SD, LEVEL_SD
        scale[2 : 2 + self.countries], scale[self.steps] = COUNTRY_SD, YEAR_STEP_SD
        self.scale = scale

    def log_years(self, points: np.ndarray) -> np.ndarray:
        steps = points[..., self.steps]
        return np.concatenate([np.zeros((*steps.shape[:-1], 1)), np.cumsum(steps, -1)], axis=-1)

    def density(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the log posterior, but for a constant, of each point, and its gradient."""
        # Far proposals of a first, too large step must not overflow; they are not accepted.
        log_size = np.clip(points[:, :1], -20.0, 20.0)
        size, n = np.exp(log_size), self.count
        mean_log = points[:, self.linear] @ self.design.T
        missed = []
        for proxies, place in zip(self.rates_of, self.effects):
            if proxies.shape[1]:  # a rate without proxies is constant, and part of the level
                logit = points[:, place] @ proxies.T
                mean_log = mean_log + log_expit(logit)
                missed.append(np.exp(log_expit(-logit)))
            else:
                missed.append(None)
        mean = np.exp(np.clip(mean_log, -50.0, 50.0))
        value = gammaln(n + size) - gammaln(size) + size * log_size + n * mean_log
        value = (value - (n + size) * np.log(size + mean)).sum(axis=1)
        slope = size * (n - mean) / (size + mean)
        gradient = -(points - self.start) / self.scale**2
        value = value - 0.5 * (((points - self.start) / self.scale) ** 2).sum(axis=1)
        by_size = digamma(n + size) - digamma(size) + log_size + 1.0 - np.log(size + mean)
        by_size = by_size - (n + size) / (size + mean)
        gradient[:, 0] += size[:, 0] * by_size.sum(axis=1)
        gradient[:, self.linear] += slope @ self.design
        for proxies, place, share in zip(self.rates_of, self.effects, missed):
            if share is not None:
                gradient[:, place] += (slope * share) @ proxies
        return value, gradient


def _draw(posterior: _Posterior, *, chains: int, warm_up: int, draws: int, seed: int):
    """Return draws of shape (draws, chains, size), and the share of proposals accepted."""
    generator = np.random.default_rng(seed)

    def negative(point):
        value, gradient = posterior.density(point[None])
        return -value[0], -gradient[0]

    mode = minimize(negative, posterior.start, jac=True, method="L-BFGS-B").x
    root = _metric(posterior, mode)
    points = mode + generator.standard_normal((chains, posterior.size)) @ root.T
    value, gradient = posterior.density(points)
    kept, accepted = np.empty((draws, chains, posterior.size)), 0.0
    log_step, later = np.log(0.5), []
    for turn in range(-warm_up, draws):
        step = np.exp(log_step)
        velocity = generator.standard_normal(points.shape)
        other, slope, speed, height = points, gradient, velocity, value
        for _leap in range(generator.integers(1, _STEPS + 1)):
            speed = speed + 0.5 * step * (slope @ root)
            other = other + step * (speed @ root.T)
            height, slope = posterior.density(other)
            speed = speed + 0.5 * step * (slope @ root)
        gain = height - value + 0.5 * ((velocity**2).sum(axis=1) - (speed**2).sum(axis=1))
        probability = np.exp(np.minimum(0.0, gain))
        taken = generator.random(chains) < probability
        points = np.where(taken[:, None], other, points)
        gradient = np.where(taken[:, None], slope, gradient)
        value = np.where(taken, height, value)
        if turn < 0:  # nearer to the share aimed at, by ever smaller steps; then it stands still
            log_step += (probability.mean() - _ACCEPT) / (turn + warm_up + 1) ** 0.6
            if turn >= -(warm_up // 2):
                later.append(log_step)
            if turn == -1 and later:
                log_step = float(np.mean(later))
        else:
            kept[turn] = points
            accepted += taken.mean() / draws
    return kept, accepted


def _metric(posterior: _Posterior, mode: np.ndarray) -> np.ndarray:
    """Return a root of the inverse curvature at the mode: directions in which to step alike."""
    width = 1e-4
    aside = width * np.eye(posterior.size)
    curvature = posterior.density(mode - aside)[1] - posterior.density(mode + aside)[1]
    values, vectors = np.linalg.eigh((curvature + curvature.T) / (4 * width))
    return vectors / np.sqrt(np.maximum(values, 1.0 / posterior.scale.max() ** 2))
