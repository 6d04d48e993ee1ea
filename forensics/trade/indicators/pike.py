"""PIKE: the proportion of illegally killed elephants among carcasses, observed and as a trend.

The observed proportion adds up carcasses of all sites, so that sites which find many carcasses weigh
most. The trend gives each site the same weight and fills in what sites did not report, by the model
of `forensics.trade.indicators.sampler`. It is MIKE's unweighted marginal mean (MM.p.uw).

References
----------
CITES MIKE Programme 2020, PIKE trend analysis: methodology and results,
https://github.com/CITESmike2020/MIKE-GLMM. Burn RW, Underwood FM, Blanc J 2011, Global trends and
factors associated with the illegal killing of elephants. doi:10.1371/journal.pone.0024165.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from forensics.core.plain import PlainResult
from forensics.core.provenance import Provenance
from forensics.errors import UsageError
from forensics.messages import N_, _
from forensics.result import shown_probability
from forensics.stats.convergence import (
    MAX_R_HAT,
    MIN_EFFECTIVE_DRAWS,
    effective_draws,
    folded_r_hat,
)
from forensics.stats.intervals import LEVEL
from forensics.trade.indicators.carcasses import Carcasses
from forensics.trade.indicators.defaults import PIKE_CHAINS, PIKE_DRAWS, PIKE_WARM_UP
from forensics.trade.indicators.results import plain_rows, provenance_of
from forensics.trade.indicators.sampler import draw

if TYPE_CHECKING:
    import pandas

__all__ = ["CHAINS", "DRAWS", "SEED", "WARM_UP", "Trend", "observed", "trend"]

# West Africa, the hardest of the published areas, then has 1,000 effective draws or so of every
# quantity, so that its means are known to a thirtieth of their posterior sd.
CHAINS, WARM_UP, DRAWS = PIKE_CHAINS, PIKE_WARM_UP, PIKE_DRAWS
SEED = 1
_MIN_DRAWS = 4  # less cannot be split in halves and looked at
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
    import pandas

    rows = []
    for year in np.unique(carcasses.year):
        inside = carcasses.year == year
        total, illegal = carcasses.total[inside].sum(), carcasses.illegal[inside].sum()
        rows.append(
            {
                "year": int(year),
                "sites": int((carcasses.total[inside] > 0).sum()),
                "found": int(total),
                "illegal": int(illegal),
                "observed": illegal / total if total else np.nan,
            }
        )
    return pandas.DataFrame(rows)


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
    *,
    first: int | None = None,
    last: int | None = None,
    chains: int = CHAINS,
    warm_up: int = WARM_UP,
    draws: int = DRAWS,
    seed: int = SEED,
    progress: Callable[[int], None] = lambda _turns: None,
) -> Trend:
    """Fit the trend of one area by itself.

    Parameters
    ----------
    carcasses : Carcasses
    area : str
        A region or subregion.
    first, last : int, optional
        Years; default all. Years without a carcass anywhere are left out, as are sites without one.
    chains, warm_up, draws, seed : int
        Of the sampler.
    progress : callable
        As in `forensics.trade.indicators.sampler.draw`.

    Raises
    ------
    UsageError
        If the area is not known, or has too few sites.
    """
    if chains < 2 or draws < _MIN_DRAWS or warm_up < 0:
        raise UsageError(
            _("Expected 2 chains or more and {draws} draws or more.").format(draws=_MIN_DRAWS)
        )
    chosen = carcasses.select(area, first=first, last=last)
    table = observed(chosen)
    table = table[table["found"] > 0].reset_index(drop=True)
    inside = chosen.total > 0
    _years, year = np.unique(chosen.year[inside], return_inverse=True)
    sites, site = np.unique(chosen.site[inside].astype(str), return_inverse=True)
    if len(sites) < _MIN_SITES:
        raise UsageError(
            _("{area} has one site with carcasses; a trend needs {least} or more.").format(
                area=area, least=_MIN_SITES
            )
        )
    posterior = draw(
        chosen.total[inside],
        chosen.illegal[inside],
        year,
        site,
        draws=draws,
        warm_up=warm_up,
        chains=chains,
        seed=seed,
        progress=progress,
    )
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
    parameters = {
        "area": area,
        "first": first,
        "last": last,
        "chains": chains,
        "warm_up": warm_up,
        "draws": draws,
        "seed": seed,
    }
    return Trend(
        sample=area,
        table=table,
        draws=flat,
        site_sd=site_sd,
        site_year_sd=site_year_sd,
        sites=len(sites),
        worst_r_hat=max(value for value, _ess in quality),
        fewest_draws=min(ess for _r_hat, ess in quality),
        accepted=posterior.accepted,
        provenance=provenance_of(
            parameters, [(chosen.source, chosen.sha256)], dependencies=["scipy"]
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
