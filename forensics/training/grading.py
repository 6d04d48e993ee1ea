"""Answers into the categories of a proficiency test.

The assigned value of a sample has two parts: its species, which is known because the sample was
made of deposited records, and the most that the library of the round supports, which is the
reference result. An answer is compared with both:

===================  ==========================================================  ======
category             the answer                                                  points
===================  ==========================================================  ======
``correct``          is true and says as much as the evidence supports           1
``higher_rank``      is true and says less: a family where the genus is shown    1/2
``inconclusive``     gives no name where one could be given                      0
``unsupported``      is true, but says more than the evidence supports           0
``false_exclusion``  says that the library lacks a species that it holds         0
``false_name``       names what the sample is not                                0
``unanswered``                                                                   0
===================  ==========================================================  ======

A name that was forced and happens to be right earns nothing: in casework nobody knows that it was.

References
----------
ISO/IEC 17043:2023, Conformity assessment: general requirements for the competence of proficiency
testing providers. The three words of the evaluation are those that it knows for scores.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from forensics.barcode.identification import RANKS
from forensics.messages import N_, _
from forensics.taxonomy.names import parse_name
from forensics.taxonomy.spelling import epithet_stem
from forensics.training.answers import Answer
from forensics.training.rounds import Truth
from forensics.training.sampling import SHORT, Kind

__all__ = ["PASS", "POINTS", "Category", "Evaluation", "Grade", "evaluate", "grade"]


class Category(StrEnum):
    """What became of an answer."""

    CORRECT = "correct"
    HIGHER_RANK = "higher_rank"
    INCONCLUSIVE = "inconclusive"
    UNSUPPORTED = "unsupported"
    FALSE_EXCLUSION = "false_exclusion"
    FALSE_NAME = "false_name"
    UNANSWERED = "unanswered"


class Evaluation(StrEnum):
    """What became of a round."""

    SATISFACTORY = "satisfactory"
    QUESTIONABLE = "questionable"
    UNSATISFACTORY = "unsatisfactory"


POINTS = MappingProxyType({Category.CORRECT: 1.0, Category.HIGHER_RANK: 0.5})
PASS = 0.8
"""Share of the points from which a round without fault is satisfactory: 80 %, the score that United
States law asks of a clinical laboratory in most specialties (42 CFR part 493, subpart I)."""
_FAILS = (Category.FALSE_NAME, Category.FALSE_EXCLUSION)
_DOUBTS = (Category.UNSUPPORTED, Category.UNANSWERED)
# From the narrowest; a set of species stands between species and genus.
_RANKS = ("species", "set", "genus", "family", "order")

_WHAT = {
    Kind.KNOWN: N_("The library has other records of the species."),
    Kind.EXCHANGED: N_("The labels of two samples were exchanged: this bag bore the other's name."),
    Kind.SHORT: N_("A piece of {bases} bases, as degraded tissue gives (cut out by the exercise)."),
    Kind.TWIN: N_("A species that shares next to the same sequence with others of its genus."),
    Kind.SPECIES_MISSING: N_("All records of the species were taken out of the library."),
    Kind.GENUS_MISSING: N_("All records of the genus were taken out of the library."),
    Kind.DOUBLE: N_("Two species read as one, double bases where they differ (SIMULATED)."),
    Kind.CHIMERA: N_("The first half of one species, the second of another (SIMULATED)."),
    Kind.HUMAN: N_("Human DNA, of whoever handled the exhibit."),
}


@dataclass(frozen=True)
class Grade:
    """What became of the answer to one sample.

    Attributes
    ----------
    feedback : str
        What there was to be seen, for the trainee.
    """

    truth: Truth
    answer: Answer
    category: Category
    feedback: str

    @property
    def points(self) -> float:
        """0, 1/2 or 1."""
        return POINTS.get(self.category, 0.0)


def grade(truth: Truth, answer: Answer, known: Collection[str] = frozenset()) -> Grade:
    """Hold an answer against what is known of its sample.

    Parameters
    ----------
    known : collection of str
        Names that the source of the round holds. A species that is not among them, with the epithet
        of one that is in question, is taken for its synonym in another genus.
    """
    names = [_in_library(name, truth, known) for name in answer.taxa]
    category = _category(truth, answer.conclusion, names)
    return Grade(truth, answer, category, _feedback(truth, answer, names, category))


def evaluate(grades: Sequence[Grade]) -> Evaluation:
    """Return what became of a round.

    One false name or false exclusion makes it unsatisfactory, whatever the points. A name that
    says more than the evidence, a sample without an answer, or less than `PASS` of the points
    makes it questionable.
    """
    counts = Counter(entry.category for entry in grades)
    if any(counts[category] for category in _FAILS):
        return Evaluation.UNSATISFACTORY
    if any(counts[category] for category in _DOUBTS):
        return Evaluation.QUESTIONABLE
    enough = sum(entry.points for entry in grades) >= PASS * len(grades)
    return Evaluation.SATISFACTORY if enough else Evaluation.QUESTIONABLE


def _category(truth: Truth, conclusion: str, names: Sequence[str]) -> Category:
    if not conclusion:
        return Category.UNANSWERED
    if conclusion == "identified":
        return _of_name(truth, names)
    if truth.kind is Kind.HUMAN:
        return Category.CORRECT if conclusion == "unusable" else Category.INCONCLUSIVE
    if conclusion == "nothing_near":
        if not truth.missing:
            return Category.FALSE_EXCLUSION
        # True; where the genus or the family is shown it says less than it could.
        return Category.HIGHER_RANK if truth.status == "identified" else Category.CORRECT
    if truth.components != (truth.species,):  # of two species: neither can be named
        return Category.CORRECT
    if conclusion == "inconclusive" and truth.status != "identified":
        return Category.CORRECT
    return Category.INCONCLUSIVE


def _of_name(truth: Truth, names: Sequence[str]) -> Category:
    """Return the category of an answer that names something."""
    given = _rank_of(truth, names)
    if given is None:
        return Category.FALSE_NAME
    if truth.kind is Kind.HUMAN:  # it was recognised, at whatever rank
        return Category.CORRECT
    supported = _supported(truth)
    if supported is None:
        return Category.UNSUPPORTED
    if given == "set" and supported in ("species", "set"):
        if supported == "species":
            return Category.HIGHER_RANK
        whole = set(names) >= set(truth.not_excluded)
        return Category.CORRECT if whole else Category.UNSUPPORTED
    if given == supported or (given, supported) == ("genus", "set"):
        return Category.CORRECT
    narrower = _RANKS.index(given) < _RANKS.index(supported)
    return Category.UNSUPPORTED if narrower else Category.HIGHER_RANK


def _rank_of(truth: Truth, names: Sequence[str]) -> str | None:
    """Return the rank at which an answer is true; None where it is false."""
    if len(names) > 1:
        return "set" if truth.species in names else None
    if names[0] in truth.components:
        return "species"
    for rank in ("genus", "family", "order"):
        if getattr(truth, rank) and names[0] == getattr(truth, rank):
            return rank
    return None


def _supported(truth: Truth) -> str | None:
    """Return the narrowest rank that the evidence supports; None where it supports no name."""
    if truth.status != "identified":
        return None
    # The species that a genus leaves open may be named together, the true one being among them.
    if truth.rank in ("unit", "genus") and truth.species in truth.not_excluded:
        return "set"
    return truth.rank


def _in_library(name: str, truth: Truth, known: Collection[str]) -> str:
    """Return a name as the library has it, without what follows the species, or ``sp.``"""
    parsed = parse_name(name)
    given = parsed.species or parsed.genus or name
    if not parsed.species or given in known:
        return given
    stem = epithet_stem(given)
    expected = (*truth.components, *truth.not_excluded)
    return next((species for species in expected if epithet_stem(species) == stem), given)


def _feedback(truth: Truth, answer: Answer, names: Sequence[str], category: Category) -> str:
    parts = [_(_WHAT[truth.kind]).format(bases=SHORT)]
    for written, name in zip(answer.taxa, names):
        if not written.startswith(name):
            parts.append(
                _("{written} was taken for {name}, as the library has it.").format(
                    written=written, name=name
                )
            )
    if truth.kind in (Kind.DOUBLE, Kind.CHIMERA):
        parts.append(_("In it: {species}.").format(species=", ".join(truth.components)))
    if category is Category.FALSE_NAME and truth.label in names:
        parts.append(_("The answer is what the label said. A label is no evidence."))
    if category is Category.UNSUPPORTED:
        parts.append(
            _(
                "The name is true, and the evidence does not show it: here it was luck, or the label."
            )
        )
    if category is Category.FALSE_EXCLUSION:
        parts.append(_("The library holds the species."))
    if truth.kind is Kind.HUMAN:
        parts.append(_("Personal data: lock or delete the file, and look for the way it took."))
    elif truth.status == "identified":
        parts.append(
            _("The library supports {taxon} ({rank}).").format(
                taxon=truth.taxon, rank=_(RANKS[truth.rank])
            )
        )
        if truth.not_excluded:
            parts.append(
                _("Not excluded there: {names}.").format(names=", ".join(truth.not_excluded))
            )
    else:
        parts.append(_("The evidence supports no name."))
    return " ".join(parts)
