"""A network of seizures, as values and in words."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from forensics.core.provenance import Provenance
from forensics.individual.chance import KINDS, SOURCE_OF
from forensics.individual.heterozygotes import Heterozygotes
from forensics.individual.network_links import SIGNIFICANCE, Link, Member, Seizure, in_words
from forensics.individual.reference_fit import ReferenceFit
from forensics.messages import N_, _, ngettext, numeral
from forensics.result import Result, thousands

__all__ = ["LIMITS", "Network"]

LIMITS = N_(
    "By chance means: if all animals were unrelated. Animals of one population have relatives, so "
    "that kin may join seizures that have nothing else in common; only a match says that parts of "
    "one animal are in both. Pairs share animals, and numbers by chance scatter somewhat more than "
    "is reckoned here."
)


@dataclass(frozen=True)
class Network(Result):
    """Seizures, and what joins them.

    Attributes
    ----------
    sample : str
        What the result is recorded on in a ledger; "" where it is not.
    seizures : tuple of Seizure
    members : tuple of Member
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
    provenance : Provenance
    described : ReferenceFit
        Whether the frequencies describe the animals. Where they do not, there are no links.
    checked : bool
        False where a finding of a version that made no such check is computed again.
    """

    sample: str
    seizures: tuple[Seizure, ...]
    members: tuple[Member, ...]
    links: tuple[Link, ...]
    seizure_pairs: int
    compared: int
    tests: int
    pairs: Mapping[str, int]
    expected: Mapping[str, float]
    rates: Mapping[str, Mapping[str, float]]
    too_few_loci: tuple[str, ...]
    heterozygotes: Heterozygotes
    provenance: Provenance
    described: ReferenceFit
    checked: bool = True

    @property
    def is_stated(self) -> bool:
        """Whether anything is said of links: the reference describes the animals, or nobody checked."""
        return not self.checked or self.described.fit.passed

    @property
    def found(self) -> tuple[Link, ...]:
        """Links that chance does not explain."""
        return tuple(link for link in self.links if link.beyond_chance)

    @property
    def alike(self) -> tuple[tuple[str, ...], ...]:
        """Names of seizures that differ in case or blanks alone: one seizure, perhaps."""
        held: dict[str, list[str]] = {}
        for seizure in self.seizures:
            held.setdefault("".join(seizure.name.casefold().split()), []).append(seizure.name)
        return tuple(tuple(names) for names in held.values() if len(names) > 1)

    def headline(self) -> str:
        """Return the result in one sentence."""
        if not self.is_stated:
            return _("no network: the allele frequencies do not describe these animals")
        return ngettext(
            "{found} of {all} pair of seizures is joined by more than chance explains",
            "{found} of {all} pairs of seizures are joined by more than chance explains",
            self.seizure_pairs,
        ).format(found=len(self.found), all=thousands(self.seizure_pairs))

    def warnings(self) -> list[dict[str, str]]:
        """Return what may make the numbers untrue: ``code`` and ``message`` of each."""
        found = []
        if self.alike:
            found.append(
                {
                    "code": "NAMES_ALIKE",
                    "message": _(
                        "Counted as different seizures, though the names differ in case or blanks "
                        "alone: {names}. Where they are one, write them alike."
                    ).format(names=_some([" – ".join(map(repr, one)) for one in self.alike])),
                }
            )
        if not self.described.fit.passed:
            message = self.described.in_words()
            if not self.checked:
                message = _(
                    "This finding was made without a check of fit. Made now, it fails: {reason}"
                ).format(reason=message)
            found.append({"code": "NO_FIT", "message": message})
        if self.heterozygotes.too_few:
            theta = self.provenance.parameters["theta"]
            found.append(
                {"code": "FEW_HETEROZYGOTES", "message": self.heterozygotes.in_words(theta)}
            )
        return found

    def to_dict(self) -> dict:
        """Return plain values; a likelihood ratio of 0 is null."""
        described = self.described
        checked = {}
        if self.checked:
            apart = described.differentiation
            checked = {
                "fit": described.fit.to_dict(),
                "differentiation": None if apart is None else asdict(apart),
            }
        return {
            "sample": self.sample,
            "result": self.headline(),
            "explanation": self.explanation(),
            "warnings": self.warnings(),
            **checked,
            "seizures": [vars(seizure) for seizure in self.seizures],
            "individuals": [
                {
                    **vars(member),
                    "samples": list(member.samples),
                    "seizures": list(member.seizures),
                    "weakest": _finite(member.weakest),
                    "doubtful": [list(pair) for pair in member.doubtful],
                }
                for member in self.members
            ],
            "links": [
                {
                    "first": link.first,
                    "second": link.second,
                    "compared": link.compared,
                    "evidence": {kind: vars(one) for kind, one in link.evidence.items()},
                    "p": link.p,
                    "p_corrected": link.p_corrected,
                    "beyond_chance": link.beyond_chance,
                    "pairs": [
                        {
                            **vars(pair),
                            "first_samples": list(pair.first_samples),
                            "second_samples": list(pair.second_samples),
                            "log10": {name: _finite(one) for name, one in pair.log10.items()},
                        }
                        for pair in link.pairs
                    ],
                }
                for link in self.links
            ],
            "chance": {
                "seizure_pairs": self.seizure_pairs,
                "compared": self.compared,
                "tests": self.tests,
                "significance": SIGNIFICANCE,
                **({"theta": described.theta if self.is_stated else None} if self.checked else {}),
                "pairs": dict(self.pairs),
                "expected": dict(self.expected),
                "rates": {truth: dict(of) for truth, of in self.rates.items()},
            },
            "too_few_loci": list(self.too_few_loci),
            "heterozygotes": vars(self.heterozygotes),
            "limits": [_(LIMITS)],
            "provenance": self.provenance.to_dict(),
        }

    def lines(self) -> list[tuple[str, str]]:
        """Return label and text of everything a person should read, in order."""
        lines = [
            (_("Result"), self.headline()),
            *((_("Warning"), one["message"]) for one in self.warnings()),
        ]
        if not self.is_stated:
            return [*lines, (_("Limits"), _(LIMITS))]
        if self.checked:
            lines.append((_("Fit"), self._fit_text()))
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
                kind=_(KINDS[kind]), share=self.rates[SOURCE_OF[kind]][kind]
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
        lines.append((_("Limits"), _(LIMITS)))
        return lines

    def _fit_text(self) -> str:
        fit, apart = self.described.fit, self.described.differentiation
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
            theta=numeral(self.described.theta, ".4f"),
        )

    def link_rows(self) -> list[dict]:
        """Return the links as rows of a table."""
        return [link.to_row() for link in self.links]

    def pair_rows(self) -> list[dict]:
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
                    f"log10_lr_{name}": None if _finite(one) is None else round(one, 3)
                    for name, one in pair.log10.items()
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

    def to_frame(self):
        """Return the links as a `pandas.DataFrame`."""
        import pandas

        return pandas.DataFrame(self.link_rows())


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _some(texts, most: int = 10) -> str:
    return ", ".join(texts[:most]) + (" …" if len(texts) > most else "")
