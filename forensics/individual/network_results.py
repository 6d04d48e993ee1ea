"""A network of seizures, as values and in words."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from forensics.core.notice import Notice
from forensics.core.result import Result
from forensics.core.stored import reported, stored
from forensics.fit import Fit
from forensics.genetics.differentiation import Differentiation
from forensics.individual.false_links import KINDS, RELATIONSHIP_OF
from forensics.individual.heterozygotes import Heterozygotes
from forensics.individual.network_links import SIGNIFICANCE, Link, Member, Seizure, in_words
from forensics.individual.reference_fit import ReferenceFit
from forensics.messages import N_, _, ngettext, numeral
from forensics.notices import individual as notices
from forensics.result import thousands

__all__ = ["LIMITS", "Network", "network_notices"]

LIMITS = N_(
    "By chance means: if all animals were unrelated. Animals of one population have relatives, so "
    "that kin may join seizures that have nothing else in common; only a match says that parts of "
    "one animal are in both. Pairs share animals, and numbers by chance scatter somewhat more than "
    "is reckoned here."
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
    fit : Fit or None
        Whether the frequencies describe the animals. Where they do not, there are no links. None of a
        finding of a version that made no such check.
    differentiation : Differentiation or None
        Of the animals and the reference; None where there is no other reference than they.
    theta : float or None
        By which chance was simulated; None where nothing is stated.
    provenance : Provenance
    """

    KEYS: ClassVar = (
        "sample", "result", "explanation", "warnings", "fit", "differentiation", "seizures",
        "individuals", "links", "chance.seizure_pairs", "chance.compared", "chance.tests",
        "chance.significance", "chance.theta", "chance.pairs", "chance.expected", "chance.rates",
        "too_few_loci", "heterozygotes", "limits", "provenance",
    )  # fmt: skip
    NOTICE_KINDS: ClassVar = notices.KINDS

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
    fit: Fit | None = field(metadata=stored(omit_none=True))
    differentiation: Differentiation | None = None
    theta: float | None = field(default=None, metadata=stored("chance.theta"))

    @property
    def is_stated(self) -> bool:
        """Whether anything is said of links: the reference describes the animals, or nobody checked."""
        return self.fit is None or self.fit.passed

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
    def alike(self) -> tuple[tuple[str, ...], ...]:
        """Names of seizures that differ in case or blanks alone: one seizure, perhaps."""
        return _names_alike(self.seizures)

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
        from forensics.drawing import open_axes
        from forensics.individual.network_figures import draw_circle  # it imports this module

        axes = open_axes(axes)
        draw_circle(axes, self)
        return axes

    def headline(self) -> str:
        """Return the result in one sentence."""
        if not self.is_stated:
            return _("no network: the allele frequencies do not describe these animals")
        return ngettext(
            "{found} of {all} pair of seizures is joined by more than chance explains",
            "{found} of {all} pairs of seizures are joined by more than chance explains",
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
        lines: list[tuple[str, str]] = []
        if not self.is_stated:
            return lines
        if self.fit is not None:
            lines.append((_("Fit"), self._fit_text(self.fit)))
        for link in self.found:
            lines.append((f"{link.first} – {link.second}", in_words(link)))
        other = len(self.links) - len(self.found)
        if other:
            lines.append(
                (
                    _("Others"),
                    ngettext(
                        "{count} further pair of seizures has links as chance makes them; it is in "
                        "the CSV and JSON",
                        "{count} further pairs of seizures have links as chance makes them; they "
                        "are in the CSV and JSON",
                        other,
                    ).format(count=thousands(other)),
                )
            )
        twice = [member for member in self.members if len(member.samples) > 1]
        lines.append(
            (
                _("Individuals"),
                ngettext(
                    "{individuals} individuals in {samples} samples of {seizures} seizures; "
                    "{several} has several samples",
                    "{individuals} individuals in {samples} samples of {seizures} seizures; "
                    "{several} have several samples",
                    len(twice),
                ).format(
                    individuals=thousands(len(self.members)),
                    samples=thousands(sum(seizure.samples for seizure in self.seizures)),
                    seizures=thousands(len(self.seizures)),
                    several=thousands(len(twice)),
                ),
            )
        )
        doubtful = [pair for member in twice for pair in member.doubtful]
        if doubtful:
            lines.append(
                (
                    _("Look at"),
                    _(
                        "taken as one individual, though they speak against each other: {pairs}"
                    ).format(pairs=_some([f"{a} – {b}" for a, b in doubtful])),
                )
            )
        if self.too_few_loci:
            lines.append(
                (
                    _("Not compared"),
                    _("too few loci typed: {samples}").format(samples=_some(self.too_few_loci)),
                )
            )
        for kind in self.pairs:
            lines.append(
                (
                    _("By chance"),
                    _("{kind}: {found} pairs join seizures; {expected:.3g} would by chance").format(
                        kind=_(KINDS[kind]),
                        found=thousands(self.pairs[kind]),
                        expected=self.expected[kind],
                    ),
                )
            )
        shares = [
            _("{kind}: {share:.1%}").format(
                kind=_(KINDS[kind]), share=self.rates[RELATIONSHIP_OF[kind]][kind]
            )
            for kind in self.pairs
            if kind != "unresolved"
        ]
        if shares:
            lines.append(
                (
                    _("True pairs"),
                    _("of simulated ones so many are stated as what they are: {shares}").format(
                        shares=_("; ").join(shares)
                    ),
                )
            )
        if "match" in self.pairs:
            lines.append(
                (
                    _("Full sibs"),
                    _("{share:.2g} of simulated ones are stated as the same individual").format(
                        share=self.rates["full_sibs"]["match"]
                    ),
                )
            )
        lines.append(
            (
                _("Correction"),
                _(
                    "Each probability was multiplied by {tests}: {seizures} pairs of seizures, "
                    "{kinds} kinds of links, and the number of pairs as well as the best one. Beyond "
                    "chance means below {significance:g} after that."
                ).format(
                    tests=thousands(self.tests),
                    seizures=thousands(self.seizure_pairs),
                    kinds=len(self.pairs),
                    significance=SIGNIFICANCE,
                ),
            )
        )
        return lines

    def _fit_text(self, fit: Fit) -> str:
        apart = self.differentiation
        if apart is None:
            text = _(
                "the animals look as their own frequencies predict (p = {p}, must be above {level}); "
                "without a reference nothing more can be checked; chance is simulated with theta {theta}"
            )
        else:
            text = _(
                "the reference describes the animals (p = {p}, must be above {level}): FST between both "
                "{fst}; chance is simulated with theta {theta}"
            )
        return text.format(
            **fit.shown(),
            fst="" if apart is None else numeral(apart.fst, ".4f"),
            theta="" if self.theta is None else numeral(self.theta, ".4f"),
        )

    def rows(self) -> list[dict[str, Any]]:
        """Return the links as rows of a table."""
        return self.link_rows()

    def link_rows(self) -> list[dict[str, Any]]:
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
                    f"log10_lr_{name}": round(log10, 3)
                    if log10 is not None and math.isfinite(log10)
                    else None
                    for name, log10 in pair.log10.items()
                },
                "link_pairs": link.evidence[pair.kind].pairs,
                "link_expected": float(f"{link.evidence[pair.kind].expected:.4g}"),
                "link_p": float(f"{link.p:.4g}"),
                "link_p_corrected": float(f"{link.p_corrected:.4g}"),
                "link_beyond_chance": link.beyond_chance,
            }
            for link in self.links
            for pair in link.pairs
        ]

    def to_frame(self) -> Any:
        """Return the links as a `pandas.DataFrame`."""
        import pandas

        return pandas.DataFrame(self.link_rows())


def network_notices(
    seizures: Sequence[Seizure],
    described: ReferenceFit,
    heterozygotes: Heterozygotes,
    *,
    theta: float,
    is_checked: bool,
) -> tuple[Notice, ...]:
    """Return what may make the numbers of a network untrue.

    Parameters
    ----------
    theta : float
        With which heterozygotes were counted.
    is_checked : bool
        False where a finding of a version that made no check of fit is computed again.
    """
    noted = []
    if alike := _names_alike(seizures):
        names = _some([" – ".join(map(repr, group)) for group in alike])
        noted.append(notices.NAMES_ALIKE(names=names))
    if (unfit := described.notice()) is not None:
        noted.append(unfit if is_checked else notices.NO_FIT("unchecked", reason=unfit))
    if (few := heterozygotes.notice(theta)) is not None:
        noted.append(few)
    return tuple(noted)


def _names_alike(seizures: Sequence[Seizure]) -> tuple[tuple[str, ...], ...]:
    """Return names that differ in case or blanks alone: one seizure, perhaps."""
    spelt: dict[str, list[str]] = {}
    for seizure in seizures:
        spelt.setdefault("".join(seizure.name.casefold().split()), []).append(seizure.name)
    return tuple(tuple(names) for names in spelt.values() if len(names) > 1)


def _some(texts: Sequence[str], most: int = 10) -> str:
    return ", ".join(texts[:most]) + (" …" if len(texts) > most else "")
