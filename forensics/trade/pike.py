"""PIKE: the proportion of illegally killed elephants among carcasses, observed and as a trend.

The observed proportion adds up carcasses of all sites, so that sites which find many carcasses weigh
most. The trend gives each site the same weight and fills in what sites did not report, by a model. It is MIKE's
unweighted marginal mean (MM.p.uw).

The model is binomial with effects of year, of site and of each site-year:
``illegal ~ Binomial(found, p)``, ``logit p = year + site + site-year``. Years are free
(normal prior of variance 1000), sites and site-years are normal about 0 with variances that are
learnt (inverse-gamma priors, shape and rate 0.001). This is the model and the priors of the
published trend. It is drawn from by Gibbs steps, here in place of JAGS:

1. logit p of each site-year, by itself, from a t distribution near its mode, accepted or not
   (Metropolis-Hastings; nine in ten are accepted);
2. all years and sites together, which are normal given step 1: years first with the sites
   integrated out, then each site;
3. both variances, given the effects (conjugate), and again given the effects in units of their
   standard deviation, which moves them where the data say little (interweaving); that of sites a
   third time, with site-years giving way, so that p stays as it is.

References
----------
CITES MIKE Programme, https://cites.org/eng/prog/mike (carcass data, table by site and year).
CITES MIKE Programme 2020, PIKE trend analysis: methodology and results,
https://github.com/CITESmike2020/MIKE-GLMM (model, priors).
Burn RW, Underwood FM, Blanc J 2011, Global trends and factors associated with the illegal killing of elephants.
doi:10.1371/journal.pone.0024165.
Yu Y, Meng X-L 2011, To center or not to center. doi:10.1198/jcgs.2011.203main (interweaving).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.special import expit

from forensics.core.provenance import Provenance
from forensics.core.stored import PlainResult
from forensics.errors import InputError, UsageError
from forensics.io.files import AnyPath
from forensics.io.tables import TEXT, Column, Kind, read_table
from forensics.messages import N_, _, shown_probability
from forensics.stats import (
    LEVEL,
    MAX_R_HAT,
    MIN_EFFECTIVE_DRAWS,
    effective_draws,
    folded_r_hat,
)
from forensics.trade.choices import PikeOptions
from forensics.trade.counts import plain_rows, provenance_of

if TYPE_CHECKING:
    import pandas


_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_MAX_CARCASSES = 10**6  # carcasses at a site in a year; far above the largest number reported


def _whole(least: int, most: int, expected: str) -> Kind[int]:
    def read(text: str, _decimal: str) -> int:
        # int() would take "1_000" and digits of other scripts for a number
        if text.isascii() and text.isdigit() and least <= int(text[:12]) <= most:
            return int(text)
        raise ValueError(text)

    return Kind(expected, read, 0)


_COUNT = _whole(0, _MAX_CARCASSES, N_("a whole number up to a million"))
_YEAR = _whole(_FIRST_YEAR, _LAST_YEAR, N_("a year from 1900 to 2100"))
_COLUMNS: dict[str, Column[Any]] = {
    "region": Column("UNRegion", TEXT, filled=True),
    "subregion": Column("SubregionName", TEXT, filled=True),
    "site": Column("MIKEsiteID", TEXT, filled=True),
    "year": Column("year", _YEAR, filled=True),
    "total": Column("TotalNumberOfCarcasses", _COUNT, filled=True),
    "illegal": Column("NumberOfIllegalCarcasses", _COUNT, filled=True),
}
"""Columns of MIKE's own table, by what they are called here."""


@dataclass(frozen=True, eq=False)
class Carcasses:
    """Carcasses of site-years; several rows of one site and year are added up.

    Attributes
    ----------
    rows : pandas.DataFrame
        A row a site-year: ``region``, ``subregion``, ``site``, ``year``, ``total`` (carcasses found),
        ``illegal`` (of these, illegally killed).
    source, sha256 : str
        The file.
    repeated : tuple of str
        Site-years that stood in several rows.
    """

    rows: "pandas.DataFrame"
    source: str
    sha256: str
    repeated: tuple[str, ...] = ()

    def areas(self) -> tuple[str, ...]:
        """Return the names of regions and subregions, regions first."""
        return tuple(
            name for level in ("region", "subregion") for name in sorted(set(self.rows[level]))
        )

    def select(
        self, area: str, *, first: int | None = None, last: int | None = None
    ) -> "Carcasses":
        """Return the site-years of a region or subregion, from `first` to `last` year.

        Raises
        ------
        UsageError
            If there is no such area, or nothing was found there in these years.
        """
        inside = (self.rows["region"] == area) | (self.rows["subregion"] == area)
        if not inside.any():
            raise UsageError(
                _("{source} has no area {area!r}; it has {known}.").format(
                    source=self.source, area=area, known=", ".join(self.areas())
                )
            )
        inside &= self.rows["year"].between(first or _FIRST_YEAR, last or _LAST_YEAR)
        kept = self.rows[inside]
        if not kept["total"].any():
            raise UsageError(
                _("No carcass was found in {area} from {first} to {last}.").format(
                    area=area, first=first or "…", last=last or "…"
                )
            )
        return replace(self, rows=kept)


def read_carcasses(path: AnyPath) -> Carcasses:
    """Read MIKE's table; other columns than those needed are left alone.

    Raises
    ------
    InputError
        If a column is missing, a cell is not a whole number, or more were killed illegally than found.
    """
    import pandas

    table = read_table(path, narrow_rows=True)
    area_of: dict[str, tuple[str, str]] = {}
    rows: list[dict[str, Any]] = []
    for record in table.records(*_COLUMNS.values()):
        row = {name: record[column] for name, column in _COLUMNS.items()}
        region, subregion, site = row["region"], row["subregion"], row["site"]
        if row["illegal"] > row["total"]:
            raise InputError(
                _(
                    "{illegal} carcasses illegally killed of {found} found; at most as many as were "
                    "found are expected"
                ).format(illegal=row["illegal"], found=row["total"]),
                source=table.source,
                line=record.line,
            )
        if area_of.setdefault(site, (region, subregion)) != (region, subregion):
            raise InputError(
                _("site {site} is in {here} here and in {there} above; expected one area").format(
                    site=site, here=f"{region}, {subregion}", there=", ".join(area_of[site])
                ),
                source=table.source,
                line=record.line,
            )
        rows.append(row)
    frame, keys = pandas.DataFrame(rows), ["region", "subregion", "site", "year"]
    twice = frame[frame.duplicated(keys)]
    repeated = dict.fromkeys(f"{site} {year}" for site, year in zip(twice["site"], twice["year"]))
    frame = frame.groupby(keys, as_index=False, sort=False).sum()
    return Carcasses(frame, str(table.source), table.sha256, tuple(repeated))


# Priors of the published model, in JAGS: dnorm(0, 0.001), and dgamma(0.001, 0.001) of precisions.
YEAR_PRECISION = 0.001
GAMMA_SHAPE = GAMMA_RATE = 0.001
# Of our own steps; they change speed, not the distribution.
_FREEDOM = 5.0  # of the t proposal: heavier tails than the target has
_NEWTON = 3
_REPORT_EVERY = 100  # draws between two words to whoever waits
_LOG_STEPS = (0.6, 0.3)  # standard deviation of the step of log sd, of sites and of site-years


class _Draws(NamedTuple):
    """Draws of the posterior, with D draws of each of C chains.

    Attributes
    ----------
    mean : numpy.ndarray of float64, shape (D, C, Y)
        Mean of p over all sites, those that did not report in a year filled in by the model.
    typical : numpy.ndarray of float64, shape (D, C, Y)
        p of a site whose effects are 0: back-transformed effect of the year.
    sd : numpy.ndarray of float64, shape (D, C, 2)
        Standard deviations of sites, and of site-years, on the logit scale.
    accepted : float
        Share of proposals in step 1 that were accepted.
    """

    mean: np.ndarray
    typical: np.ndarray
    sd: np.ndarray
    accepted: float


def _draw(
    rows: "pandas.DataFrame", options: PikeOptions, progress: Callable[[int], None]
) -> _Draws:
    """Draw from the posterior; all chains advance together.

    Parameters
    ----------
    rows : pandas.DataFrame
        Of `Carcasses`: site-years with at least one carcass, each once.
    options : PikeOptions
    progress : callable
        Gets the number of draws of each chain that were made since it was called last.
    """
    draws, warm_up, chains = options.draws, options.warm_up, options.chains
    year, site = (np.unique(rows[name], return_inverse=True)[1] for name in ("year", "site"))
    n, k = (rows[name].to_numpy(dtype=np.float64) for name in ("total", "illegal"))
    years, sites = int(year.max()) + 1, int(site.max()) + 1
    generator = np.random.default_rng(options.seed)
    design = np.zeros((sites, years))
    design[site, year] = 1.0
    state = _State(chains, years, sites, generator)
    empirical = np.log((k + 0.5) / (n - k + 0.5))
    theta = np.tile(empirical, (chains, 1))
    weight = (k + 0.5) * (n - k + 0.5) / (n + 1.0)

    def likelihood(value: np.ndarray) -> np.ndarray:
        result: np.ndarray = k * value - n * np.logaddexp(0.0, value)
        return result

    height = likelihood(theta)  # kept beside theta: it is what costs time
    means, typical = np.empty((draws, chains, years)), np.empty((draws, chains, years))
    sds, accepted = np.empty((draws, chains, 2)), 0.0
    for turn in range(-warm_up, draws):
        # 1: each site-year
        centre, precision = state.linear(year, site), state.sd[:, 1, None] ** -2.0
        mode = (weight * empirical + precision * centre) / (weight + precision)
        for _step in range(_NEWTON):
            p = expit(mode)
            slope = k - n * p - precision * (mode - centre)
            mode += np.clip(slope / (n * p * (1 - p) + precision), -1.0, 1.0)
        p = expit(mode)
        scale = (n * p * (1 - p) + precision) ** -0.5
        step, was = generator.standard_t(_FREEDOM, theta.shape), (theta - mode) / scale
        other = mode + scale * step
        height_there = likelihood(other)
        gain = height_there - height
        gain -= 0.5 * precision * ((other - centre) ** 2 - (theta - centre) ** 2)
        gain += (_FREEDOM + 1) / 2 * (np.log1p(step**2 / _FREEDOM) - np.log1p(was**2 / _FREEDOM))
        taken = np.log(generator.random(theta.shape)) < gain
        theta, height = np.where(taken, other, theta), np.where(taken, height_there, height)
        accepted += taken.mean() / (warm_up + draws)
        # 2 and 3
        state.draw_effects(theta, design, year, site)
        theta, height = state.draw_deviations(theta, height, likelihood, year, site)
        if (turn + warm_up + 1) % _REPORT_EVERY == 0:
            progress(_REPORT_EVERY)
        if turn >= 0:
            shape = (chains, sites, years)
            full = state.site[:, :, None] + state.year[:, None, :]
            full += state.sd[:, 1, None, None] * generator.standard_normal(shape)
            full[:, site, year] = theta
            means[turn] = expit(full).mean(axis=1)
            typical[turn] = expit(state.year)
            sds[turn] = state.sd
    return _Draws(means, typical, sds, float(accepted))


class _State:
    """Effects and deviations of all chains: year (C, Y), site (C, S), sd of sites and site-years."""

    def __init__(self, chains: int, years: int, sites: int, generator: np.random.Generator) -> None:
        self.generator = generator
        self.year: np.ndarray = generator.normal(0.0, 1.0, (chains, years))
        self.site: np.ndarray = np.zeros((chains, sites))
        self.sd = np.exp(generator.normal(0.0, 0.5, (chains, 2)))

    def linear(self, year: np.ndarray, site: np.ndarray) -> np.ndarray:
        sums: np.ndarray = self.year[:, year] + self.site[:, site]
        return sums

    def draw_effects(
        self, theta: np.ndarray, design: np.ndarray, year: np.ndarray, site: np.ndarray
    ) -> None:
        """Draw years with the sites integrated out, then sites given years."""
        sites, years = design.shape
        chains = len(theta)
        precision = self.sd[:, 1] ** -2.0
        by_site, by_year = np.zeros((chains, sites)), np.zeros((chains, years))
        for chain in range(chains):
            by_site[chain] = np.bincount(site, theta[chain], sites) * precision[chain]
            by_year[chain] = np.bincount(year, theta[chain], years) * precision[chain]
        own = precision[:, None] * design.sum(axis=1) + self.sd[:, 0, None] ** -2.0
        cross = precision[:, None, None] * design  # (C, S, Y)
        shared = np.swapaxes(cross, 1, 2) @ (cross / own[:, :, None])
        total = -shared
        diagonal = np.arange(years)
        total[:, diagonal, diagonal] += precision[:, None] * design.sum(axis=0) + YEAR_PRECISION
        right = by_year - (np.swapaxes(cross, 1, 2) @ (by_site / own)[:, :, None])[:, :, 0]
        root = np.linalg.cholesky(total)
        noise = self.generator.standard_normal((chains, years, 1))
        half = np.linalg.solve(root, right[:, :, None]) + noise
        self.year = np.linalg.solve(np.swapaxes(root, 1, 2), half)[:, :, 0]
        mean = (by_site - (cross @ self.year[:, :, None])[:, :, 0]) / own
        self.site = mean + self.generator.standard_normal((chains, sites)) * own**-0.5

    def draw_deviations(
        self,
        theta: np.ndarray,
        height: np.ndarray,
        likelihood: Callable[[np.ndarray], np.ndarray],
        year: np.ndarray,
        site: np.ndarray,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Draw both standard deviations, given the effects and given the effects in their units."""
        chains, generator = len(theta), self.generator
        for place, effects in ((0, self.site), (1, theta - self.linear(year, site))):
            shape = GAMMA_SHAPE + effects.shape[1] / 2.0
            rate = GAMMA_RATE + 0.5 * (effects**2).sum(axis=1)
            self.sd[:, place] = (generator.gamma(shape, size=chains) / rate) ** -0.5
        self._stretch_sites(theta, year, site)
        for place in (0, 1):
            change = generator.normal(0.0, _LOG_STEPS[place], chains)
            old = np.log(self.sd[:, place])
            factor = np.exp(change)[:, None]
            effects = self.site[:, site] if place == 0 else theta - self.linear(year, site)
            moved = theta + (factor - 1.0) * effects
            height_there = likelihood(moved)
            gain = (height_there - height).sum(axis=1)
            gain += _log_prior(old + change) - _log_prior(old)
            taken = np.log(generator.random(chains)) < gain
            theta = np.where(taken[:, None], moved, theta)
            height = np.where(taken[:, None], height_there, height)
            self.sd[:, place] = np.where(taken, np.exp(old + change), self.sd[:, place])
            if place == 0:
                self.site = np.where(taken[:, None], self.site * factor, self.site)
        return theta, height

    def _stretch_sites(self, theta: np.ndarray, year: np.ndarray, site: np.ndarray) -> None:
        """Draw the sd of sites given the sites in its units, while p stays: site-years give way."""
        change = self.generator.normal(0.0, _LOG_STEPS[0], len(theta))
        old, before = np.log(self.sd[:, 0]), theta - self.linear(year, site)
        factor = np.exp(change)[:, None]
        after = before - (factor - 1.0) * self.site[:, site]
        gain = 0.5 * (before**2 - after**2).sum(axis=1) * self.sd[:, 1] ** -2.0
        gain += _log_prior(old + change) - _log_prior(old)
        taken = np.log(self.generator.random(len(theta))) < gain
        self.sd[:, 0] = np.where(taken, np.exp(old + change), self.sd[:, 0])
        self.site = np.where(taken[:, None], self.site * factor, self.site)


def _log_prior(log_sd: np.ndarray) -> np.ndarray:
    """Return the log density of log sd, where the precision is gamma distributed."""
    return -2.0 * GAMMA_SHAPE * log_sd - GAMMA_RATE * np.exp(-2.0 * log_sd)


_MIN_SITES = 2  # with one site its effect and those of the years cannot be distinguished

LIMITS = N_(
    "PIKE is a proportion of carcasses that were found, not of elephants: it rises with illegal "
    "killing and falls with other deaths, and both change what patrols find. The interval covers "
    "what few carcasses and silent sites leave open, not the choice of sites."
)


def observed(carcasses: Carcasses) -> "pandas.DataFrame":
    """Return the observed series: all carcasses of a year added up.

    Returns
    -------
    pandas.DataFrame
        Columns ``year``, ``sites`` (that found a carcass), ``found``, ``illegal``, ``observed``
        (NaN where nothing was found).
    """
    rows = carcasses.rows.assign(sites=carcasses.rows["total"] > 0)
    table = rows.groupby("year", as_index=False)[["sites", "total", "illegal"]].sum()
    table["observed"] = table["illegal"] / table["total"]
    return table.rename(columns={"total": "found"})


@dataclass(frozen=True, eq=False)
class Trend(PlainResult):
    """The trend of an area, with draws of its posterior.

    Attributes
    ----------
    sample : str
        The area.
    table : pandas.DataFrame
        A row a year: the columns of `observed`, and ``mean``, ``sd``, ``low``, ``high`` (of the
        posterior of the mean over sites; interval of 95 %), ``typical`` (posterior mean for a site
        without effects of its own), ``r_hat``, ``effective_draws``.
    draws : numpy.ndarray of float64, shape (draws, years)
        Of the mean over sites; chains one after the other.
    site_sd, site_year_sd : tuple of float
        Posterior mean, lower and upper limit of the deviations, on the logit scale.
    sites : int
    worst_r_hat, fewest_draws : float
        Of the years and of both deviations.
    accepted : float
        Share of proposals that were accepted.
    provenance : Provenance
    """

    sample: str
    table: "pandas.DataFrame" = field(repr=False)
    draws: np.ndarray = field(repr=False)
    site_sd: tuple[float, float, float]
    site_year_sd: tuple[float, float, float]
    sites: int
    worst_r_hat: float
    fewest_draws: float
    accepted: float
    provenance: Provenance = field(repr=False)

    @property
    def converged(self) -> bool:
        """Whether the diagnostics are as they should be."""
        return self.worst_r_hat <= MAX_R_HAT and self.fewest_draws >= MIN_EFFECTIVE_DRAWS

    def change(self, first: int, last: int) -> tuple[float, float, float, float]:
        """Return the change of the mean between two years, its interval, and how probably it fell.

        Raises
        ------
        UsageError
            If the trend has no such year.
        """
        years = self.table["year"].tolist()
        if first not in years or last not in years:
            raise UsageError(
                _("The trend has the years {years}; it has none of {asked}.").format(
                    years=f"{years[0]}-{years[-1]}", asked=f"{first}, {last}"
                )
            )
        change = self.draws[:, years.index(last)] - self.draws[:, years.index(first)]
        low, high = _interval(change)
        return float(change.mean()), float(low), float(high), float((change < 0).mean())

    def to_frame(self) -> "pandas.DataFrame":
        """Return the table with the area in front."""
        frame = self.table.copy()
        frame.insert(0, "area", self.sample)
        return frame

    def to_dict(self) -> dict[str, Any]:
        return {
            "area": self.sample,
            "years": plain_rows(self.table),
            "site_sd": list(self.site_sd),
            "site_year_sd": list(self.site_year_sd),
            "sites": self.sites,
            "r_hat": self.worst_r_hat if math.isfinite(self.worst_r_hat) else None,
            "effective_draws": self.fewest_draws,
            "converged": self.converged,
            "accepted": self.accepted,
            "limits": [_(LIMITS)],
            "provenance": self.provenance.to_dict(),
        }

    def lines(self) -> list[tuple[str, str]]:
        last = self.table.iloc[-1]
        years = self.table["year"].tolist()
        lines = [
            (
                _("Last year"),
                _(
                    "{year}: {mean:.3f} (95 % {low:.3f}-{high:.3f}); observed {observed:.3f} of "
                    "{found} carcasses at {sites} of {all} sites"
                ).format(
                    year=int(last["year"]),
                    mean=last["mean"],
                    low=last["low"],
                    high=last["high"],
                    observed=last["observed"],
                    found=int(last["found"]),
                    sites=int(last["sites"]),
                    all=self.sites,
                ),
            )
        ]
        for back in (1, 5):  # since the year before, and over five years, as MIKE reports it
            if len(years) > back:
                change, low, high, fell = self.change(years[-1 - back], years[-1])
                lines.append(
                    (
                        _("Since {year}").format(year=years[-1 - back]),
                        _("{change:+.3f} (95 % {low:+.3f} to {high:+.3f}); fell: {p}").format(
                            change=change, low=low, high=high, p=shown_probability(fell)
                        ),
                    )
                )
        lines.append(
            (
                _("Sampler"),
                _(
                    "largest R-hat {r_hat:.4f}, fewest effective draws {ess:.0f}, {accepted:.0%} of "
                    "proposals accepted"
                ).format(r_hat=self.worst_r_hat, ess=self.fewest_draws, accepted=self.accepted),
            )
        )
        if not self.converged:
            lines.append(
                (
                    _("Not converged"),
                    _(
                        "R-hat should be {r_hat} at most and effective draws {ess} at least: do not "
                        "use these figures; ask for more draws (--draws)."
                    ).format(r_hat=MAX_R_HAT, ess=MIN_EFFECTIVE_DRAWS),
                )
            )
        lines.append((_("Limits"), _(LIMITS)))
        return lines


def trend(
    carcasses: Carcasses,
    area: str,
    options: PikeOptions | None = None,
    *,
    progress: Callable[[int], None] = lambda _turns: None,
) -> Trend:
    """Fit the trend of one area by itself.

    Parameters
    ----------
    carcasses : Carcasses
    area : str
        A region or subregion.
    options : PikeOptions
        Years without a carcass anywhere are left out, as are sites without one.
    progress : callable
        Gets the number of draws of each chain that were made since it was called last.

    Raises
    ------
    UsageError
        If the area is not known, or has too few sites.
    """
    options = options or PikeOptions()
    chosen = carcasses.select(area, first=options.first, last=options.last)
    table = observed(chosen)
    table = table[table["found"] > 0].reset_index(drop=True)
    rows = chosen.rows[chosen.rows["total"] > 0]
    sites = rows["site"].nunique()
    if sites < _MIN_SITES:
        raise UsageError(
            _("{area} has one site with carcasses; a trend needs {least} or more.").format(
                area=area, least=_MIN_SITES
            )
        )
    posterior = _draw(rows, options, progress)
    quality = [
        (folded_r_hat(values), effective_draws(values))
        for values in np.concatenate([posterior.mean, posterior.sd], axis=2).transpose(2, 0, 1)
    ]
    flat = posterior.mean.transpose(1, 0, 2).reshape(-1, len(table))
    low, high = _interval(flat)
    table = table.assign(
        mean=flat.mean(axis=0),
        sd=flat.std(axis=0, ddof=1),
        low=low,
        high=high,
        typical=posterior.typical.mean(axis=(0, 1)),
        r_hat=[value for value, _ess in quality[: len(table)]],
        effective_draws=[ess for _r_hat, ess in quality[: len(table)]],
    )
    site_sd, site_year_sd = (_summary(draws) for draws in posterior.sd.reshape(-1, 2).T)
    return Trend(
        sample=area,
        table=table,
        draws=flat,
        site_sd=site_sd,
        site_year_sd=site_year_sd,
        sites=sites,
        worst_r_hat=max(value for value, _ess in quality),
        fewest_draws=min(ess for _r_hat, ess in quality),
        accepted=posterior.accepted,
        provenance=provenance_of(
            {"area": area, **options.parameters()}, [(chosen.source, chosen.sha256)]
        ),
    )


def _summary(draws: np.ndarray) -> tuple[float, float, float]:
    """Return the mean of draws and the limits of their interval."""
    low, high = _interval(draws)
    return float(draws.mean()), float(low), float(high)


def _interval(values: np.ndarray) -> np.ndarray:
    tail = (1.0 - LEVEL) / 2.0
    ends: np.ndarray = np.quantile(values, [tail, 1.0 - tail], axis=0)
    return ends
