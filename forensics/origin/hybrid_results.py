"""The result of a comparison of the classes of cross of two reference populations."""

import math
from dataclasses import dataclass, field
from typing import ClassVar

from forensics.core.stored import stored
from forensics.messages import N_, _, numeral
from forensics.origin.population_results import ExclusionTest
from forensics.origin.results import FIRST_KEYS, LAST_KEYS, Origin
from forensics.result import shown_probability
from forensics.stats.choice import by_value

__all__ = ["CROSS", "HybridOrigin", "class_in_words"]

CROSS = "cross"
"""What is said to be assigned where the sample is a cross, and its class is not settled."""

_CLASSES = {
    "parent_1": N_("an animal of {first}"),
    "parent_2": N_("an animal of {second}"),
    "f1": N_("a first-generation cross of {first} and {second}"),
    "f2": N_("a second-generation cross of {first} and {second}"),
    "backcross_1": N_("a backcross to {first}"),
    "backcross_2": N_("a backcross to {second}"),
    CROSS: N_("a cross of {first} and {second}; the class is not settled"),
}


@dataclass(frozen=True, kw_only=True, repr=False)
class HybridOrigin(Origin):
    """Whether one sample is of one of two populations, or a cross of them, and which.

    `origin` is the class: one of `forensics.origin.crosses.CLASSES`, or `CROSS`; `rank` is "class".

    Attributes
    ----------
    parents : tuple of str
        The two populations or reporting units.
    classes : dict of str to float
        Posterior of each class, the most probable first.
    cross : float
        Posterior of all classes of cross together.
    share : float
        Expected share of the first population in the animal's ancestry.
    cross_prior : float
        Prior of a cross of any class; the classes share it equally, and the two populations the rest.
    log_likelihoods : dict of str to float
        Natural logarithms, of each class.
    exclusion : ExclusionTest
        Of "of one of these classes"; its p-values are by class.
    """

    KIND: ClassVar = "hybrids"
    KEYS: ClassVar = (
        *FIRST_KEYS, "parents", "classes", "cross", "share", "cross_prior", "log_likelihoods",
        "exclusion", *LAST_KEYS,
    )  # fmt: skip

    parents: tuple[str, str]
    classes: dict[str, float]
    cross: float
    share: float
    cross_prior: float
    log_likelihoods: dict[str, float] = field(metadata=stored(null=-math.inf))
    exclusion: ExclusionTest

    def headline(self) -> str:
        """Return the result in one sentence."""
        if self.status == "assigned":
            return class_in_words(self.origin or "", self.parents)
        if self.status == "none_of_the_reference":
            return _("fits none of the classes of cross of {first} and {second}").format(
                first=self.parents[0], second=self.parents[1]
            )
        if self.status == "inconclusive":
            return _("inconclusive: no class of cross reaches the confidence")
        return super().headline()

    def answer(self) -> str:
        """Return the class that was assigned, for people; "" where none was."""
        return class_in_words(self.origin, self.parents) if self.origin else ""

    def likeliest_origins(self) -> dict[str, float]:
        """Return the two likeliest classes, for people, with their posteriors."""
        classes = by_value(self.classes)
        return {class_in_words(name, self.parents): value for name, value in classes[:2]}

    def details(self) -> list[tuple[str, str]]:
        """Return label and text of what a person should read after the headline."""
        if self.status == "unusable":
            return []
        lines = []
        if self.status == "assigned" and self.probability is not None:
            text = _(
                "posterior {probability}, with a prior of {prior} for a cross, and if it is of one of "
                "these classes"
            ).format(
                probability=shown_probability(self.probability),
                prior=numeral(self.cross_prior, ".3g"),
            )
            lines.append((_("How sure"), text))
        classes = by_value(self.classes)
        text = "; ".join(
            f"{class_in_words(name, self.parents)} {shown_probability(value)}"
            for name, value in classes
        )
        lines.append((_("Classes"), text))
        lines.append(
            (
                _("Ancestry"),
                _("{share} of {first} expected; a cross of any class {cross}").format(
                    share=numeral(self.share, ".0%"),
                    first=self.parents[0],
                    cross=shown_probability(self.cross),
                ),
            )
        )
        lines.append(
            (
                _("Test of fit"),
                _("p = {p} in the class that fits best, {how} {level}").format(
                    p=numeral(self.exclusion.p_any, ".3g"),
                    how=_("at most") if self.exclusion.excluded else _("above"),
                    level=numeral(self.exclusion.level, "g"),
                ),
            )
        )
        return lines


def class_in_words(name: str, parents: tuple[str, str]) -> str:
    """Return a class of cross in words."""
    return _(_CLASSES[name]).format(first=parents[0], second=parents[1])
