"""Answers to a round: read, put into the categories of a proficiency test, and evaluated.

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

import os
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from forensics.barcode.identification import RANK_NAMES
from forensics.core.stored import PlainResult
from forensics.errors import InputError
from forensics.io.tables import TEXT, Column, Record, read_table
from forensics.messages import N_, _
from forensics.stats import wilson
from forensics.taxonomy.names import parse_name
from forensics.taxonomy.spelling import epithet_stem, one_letter
from forensics.training.rounds import ANSWER_COLUMNS, CONCLUSIONS, SHORT, Kind, Round, Truth

if TYPE_CHECKING:
    import pandas


SAMPLE, CONCLUSION, TAXON = (Column(name, TEXT) for name in ANSWER_COLUMNS[:3])
REMARKS = Column("remarks", TEXT, required=False)
_SEPARATORS = re.compile(r"\s*[;/|]\s*")


@dataclass(frozen=True)
class Answer:
    """What a trainee says of a sample.

    Attributes
    ----------
    conclusion : str
        One of `CONCLUSIONS`; empty where nothing was answered.
    taxa : tuple of str
        Names, as written: one, or several species none of which is excluded.
    """

    sample: str
    conclusion: str = ""
    taxa: tuple[str, ...] = ()
    remarks: str = ""


def read_answers(
    path: str | os.PathLike[str], samples: Sequence[str], names: Collection[str]
) -> list[Answer]:
    """Read the answers to a round.

    Parameters
    ----------
    path : path
        CSV or XLSX with the columns sample, conclusion, taxon and, if wanted, remarks.
    samples : sequence of str
        Numbers of the samples of the round.
    names : collection of str
        Known names; one that is a letter from one of them is taken for misspelt.

    Returns
    -------
    list of Answer
        One a sample, in the order of `samples`; without a row it has no conclusion.

    Raises
    ------
    InputError
        If a column is missing, or a row names no sample of the round or one that had its row,
        gives a conclusion that there is not, a taxon where none belongs, none where one belongs,
        or one that is misspelt; with the line.
    """
    found: dict[str, Answer] = {}
    table = read_table(path, narrow_rows=True, no_rows=True)
    for record in table.records(SAMPLE, CONCLUSION, TAXON, REMARKS, pass_blank=True):
        try:
            answer = _answer(record, samples, names)
            if answer.sample in found:
                raise ValueError(
                    _("Sample {sample} has a row already.").format(sample=answer.sample)
                )
        except ValueError as error:
            raise InputError(str(error), source=str(path), line=record.line) from error
        found[answer.sample] = answer
    return [found.get(sample, Answer(sample)) for sample in samples]


def _answer(record: Record, samples: Sequence[str], names: Collection[str]) -> Answer:
    sample = record[SAMPLE].upper()
    if sample not in samples:
        raise ValueError(
            _("This round has no sample {found!r}; expected {first} to {last}.").format(
                found=record[SAMPLE], first=samples[0], last=samples[-1]
            )
        )
    conclusion = re.sub(r"[\s-]+", "_", record[CONCLUSION].casefold())
    if conclusion and conclusion not in CONCLUSIONS:
        raise ValueError(
            _("{found!r} is not a conclusion; write one of {expected}.").format(
                found=record[CONCLUSION], expected=", ".join(CONCLUSIONS)
            )
        )
    taxa = tuple(name[0].upper() + name[1:] for name in _SEPARATORS.split(record[TAXON]) if name)
    if conclusion == "identified" and not taxa:
        raise ValueError(_("Identified as what? Write the taxon."))
    if conclusion != "identified" and taxa:
        raise ValueError(
            _(
                "{taxon!r} is given with {conclusion!r}, but only the conclusion 'identified' "
                "takes a taxon. Move it to the remarks, or change the conclusion."
            ).format(taxon=record[TAXON], conclusion=conclusion)
        )
    for name in taxa:
        if near := _misspelt(name, names):
            raise ValueError(
                _("{found!r} is not a known name; is it {near}? Correct it.").format(
                    found=name, near=near
                )
            )
    return Answer(sample, conclusion, taxa, record[REMARKS])


def _misspelt(name: str, names: Collection[str]) -> str:
    """Return the known name that is meant; empty where the name is known, or next to none."""
    parsed = parse_name(name)
    given = parsed.species or parsed.genus or name
    if given in names:
        return ""
    return next((known for known in sorted(names) if one_letter(given, known)), "")


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

    SATISFACTORY = N_("satisfactory")
    QUESTIONABLE = N_("questionable")
    UNSATISFACTORY = N_("unsatisfactory")


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
    Kind.HUMAN: N_("Human DNA, from a person who handled the exhibit."),
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
        parts.append(_("The answer repeats the label. A label is not evidence."))
    if category is Category.UNSUPPORTED:
        parts.append(
            _(
                "The name is true, but the evidence does not show it; the answer was luck, or "
                "the label."
            )
        )
    if category is Category.FALSE_EXCLUSION:
        parts.append(_("The library holds the species."))
    if truth.kind is Kind.HUMAN:
        parts.append(_("Personal data: lock or delete the file, and find out how it got there."))
    elif truth.status == "identified":
        parts.append(
            _("The library supports {taxon} ({rank}).").format(
                taxon=truth.taxon, rank=_(RANK_NAMES[truth.rank])
            )
        )
        if truth.not_excluded:
            parts.append(
                _("Not excluded there: {names}.").format(names=", ".join(truth.not_excluded))
            )
    else:
        parts.append(_("The evidence supports no name."))
    return " ".join(parts)


_CATEGORIES = {
    Category.CORRECT: N_("correct"),
    Category.HIGHER_RANK: N_("correct at a higher rank"),
    Category.INCONCLUSIVE: N_("inconclusive"),
    Category.UNSUPPORTED: N_("true but not supported"),
    Category.FALSE_EXCLUSION: N_("FALSE EXCLUSION"),
    Category.FALSE_NAME: N_("FALSE NAME"),
    Category.UNANSWERED: N_("not answered"),
}


def category_text(category: Category) -> str:
    """Return a category in the language of the reader."""
    return _(_CATEGORIES[category])


class Graded(PlainResult):
    """The evaluation of a round.

    Parameters
    ----------
    grades : sequence of Grade
        One a sample, in their order.
    """

    def __init__(self, opened: Round, grades: Sequence[Grade]) -> None:
        self.round, self.grades = opened, tuple(grades)
        self.evaluation = evaluate(self.grades)
        self.counts = Counter(grade.category for grade in self.grades)
        self.points = sum(grade.points for grade in self.grades)

    def __repr__(self) -> str:
        return f"<Graded {self.evaluation}, {self.points:g} of {len(self.grades)}>"

    def rows(self) -> list[dict[str, Any]]:
        """Return a row a sample, for tables."""
        return [
            {
                "sample": grade.truth.sample,
                "category": str(grade.category),
                "points": grade.points,
                "conclusion": grade.answer.conclusion,
                "answer": "; ".join(grade.answer.taxa),
                "truth": " + ".join(grade.truth.components),
                "kind": str(grade.truth.kind),
                "label": grade.truth.label,
                "supported_status": grade.truth.status,
                "supported_rank": grade.truth.rank,
                "supported_taxon": grade.truth.taxon,
                "not_excluded": "; ".join(grade.truth.not_excluded),
                "remarks": grade.answer.remarks,
                "feedback": grade.feedback,
            }
            for grade in self.grades
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "evaluation": str(self.evaluation),
            "points": self.points,
            "most_points": len(self.grades),
            "counts": {str(category): self.counts[category] for category in Category},
            "seed": self.round.seed,
            "made": self.round.made,
            "version": self.round.version,
            "sealed_sha256": self.round.sealed_sha256,
            "library_sha256": self.round.library_sha256,
            "samples": self.rows(),
        }

    def to_frame(self) -> "pandas.DataFrame":
        """Return `rows` as a pandas.DataFrame."""
        import pandas

        return pandas.DataFrame(self.rows())

    def sample_lines(self, grade: Grade) -> list[tuple[str, str]]:
        """Return label and text of what is said of one sample."""
        answer = "; ".join(grade.answer.taxa) or grade.answer.conclusion or "-"
        lines = [
            (grade.truth.sample, category_text(grade.category)),
            (_("Answer"), answer),
            (_("Truth"), " + ".join(grade.truth.components)),
            (_("Label"), grade.truth.label),
            (_("Feedback"), grade.feedback),
        ]
        if grade.answer.remarks:
            lines.append((_("Remarks"), grade.answer.remarks))
        return lines

    def lines(self) -> list[tuple[str, str]]:
        """Return label and text of the round as a whole."""
        answered = len(self.grades) - self.counts[Category.UNANSWERED]
        false = sum(self.counts[category] for category in _FAILS)
        _low, high = wilson(false / max(answered, 1), answered)
        counted = [
            f"{self.counts[category]} {category_text(category)}"
            for category in Category
            if self.counts[category]
        ]
        return [
            (_("Evaluation"), _(self.evaluation)),
            (
                _("Points"),
                _("{points:g} of {most}; {share:.0%} are asked for").format(
                    points=self.points, most=len(self.grades), share=PASS
                ),
            ),
            (_("Answers"), ", ".join(counted)),
            (
                _("What it shows"),
                _(
                    "{false} false of {answered} answers. With this few samples, an error rate "
                    "of {high:.0%} is not excluded (95% interval, Wilson)."
                ).format(false=false, answered=answered, high=high),
            ),
            (
                _("Round"),
                _("seed {seed}; sealed file SHA-256 {sha256}").format(
                    seed=self.round.seed, sha256=self.round.sealed_sha256
                ),
            ),
        ]

    def _repr_html_(self) -> str:
        import pandas

        names = {
            "sample": _("Sample"), "category": _("Category"), "answer": _("Answer"), "truth": _("Truth"),
            "label": _("Label"), "feedback": _("Feedback"),
        }  # fmt: skip
        shown = [
            {
                **row,
                "category": category_text(Category(row["category"])),
                "answer": row["answer"] or row["conclusion"] or "-",
            }
            for row in self.rows()
        ]
        table = pandas.DataFrame(shown)[list(names)].rename(columns=names)
        return f"{table.to_html(index=False)}{super()._repr_html_()}"
