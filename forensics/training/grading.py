"""Answers to a round: read, put into the categories of a proficiency test, and evaluated.

What is true of a sample is known from how it was made. An answer is compared with it:

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

Half a point more each is for what is said of the record of custody, and of what is to be done
next. A sample of which what is false, or may not be reported, would go out earns nothing at all.

A name that was forced and happens to be right earns nothing: in casework nobody knows that it was.

References
----------
ISO/IEC 17043:2023, Conformity assessment: general requirements for the competence of proficiency
testing providers. The three words of the evaluation are those that it knows for scores.
"""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from forensics.barcode.identification import RANK_NAMES
from forensics.barcode.reference.library import unit_members
from forensics.core.stored import PlainResult
from forensics.custody.keys import PassphraseSource
from forensics.errors import InputError, UsageError
from forensics.io.files import AnyPath
from forensics.io.tables import TEXT, Column, Record, read_table
from forensics.messages import N_, _
from forensics.stats import wilson
from forensics.taxonomy.names import parse_name
from forensics.taxonomy.spelling import epithet_stem, one_letter
from forensics.training.rounds import (
    ANSWER_COLUMNS,
    CONCLUSIONS,
    KINDS,
    NEXT,
    RECORDS,
    SHORT,
    Round,
    Truth,
    open_round,
)

if TYPE_CHECKING:
    import pandas


SAMPLE, CONCLUSION, TAXON = (Column(name, TEXT) for name in ANSWER_COLUMNS[:3])
RECORD, NEXT_STEP, REMARKS = (Column(name, TEXT, required=False) for name in ANSWER_COLUMNS[3:])
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
    record, next : str
        One of `RECORDS` and of `NEXT`; empty where nothing was answered.
    """

    sample: str
    conclusion: str = ""
    taxa: tuple[str, ...] = ()
    record: str = ""
    next: str = ""
    remarks: str = ""


def read_answers(path: AnyPath, samples: Sequence[str], names: Collection[str]) -> list[Answer]:
    """Read the answers to a round.

    Parameters
    ----------
    path : path
        CSV or XLSX with the columns sample, conclusion, taxon and, if wanted, record, next and
        remarks.
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
        gives a choice that there is not, a taxon where none belongs, none where one belongs,
        or one that is misspelt; with the line.
    """
    found: dict[str, Answer] = {}
    table = read_table(path, narrow_rows=True, no_rows=True)
    for record in table.records(
        SAMPLE, CONCLUSION, TAXON, RECORD, NEXT_STEP, REMARKS, pass_blank=True
    ):
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
    conclusion, about, then = (
        _choice(record[column], choices)
        for column, choices in ((CONCLUSION, CONCLUSIONS), (RECORD, RECORDS), (NEXT_STEP, NEXT))
    )
    # "Larus fuscus / cachinnans", as a result writes it, is two species.
    written = unit_members(_SEPARATORS.sub(" / ", record[TAXON].strip(";/| ")))
    taxa = tuple(name[0].upper() + name[1:] for name in map(str.strip, written) if name)
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
    return Answer(sample, conclusion, taxa, about, then, record[REMARKS])


def _choice(text: str, choices: Sequence[str]) -> str:
    found = re.sub(r"[\s-]+", "_", text.casefold())
    if found and found not in choices:
        raise ValueError(
            _("{found!r} is not a choice; write one of {expected}.").format(
                found=text, expected=", ".join(choices)
            )
        )
    return found


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
JUDGEMENT = 0.5
"""Points of what is said of the record, and of what is said to be done next."""
MOST = 1 + 2 * JUDGEMENT
"""Points of a sample at most."""
PASS = 0.8
"""Share of the points from which a round without fault is satisfactory: 80 %, the score that United
States law asks of a clinical laboratory in most specialties (42 CFR part 493, subpart I)."""
_FAILS = (Category.FALSE_NAME, Category.FALSE_EXCLUSION)
_DOUBTS = (Category.UNSUPPORTED, Category.UNANSWERED)
# From the narrowest; a set of species stands between species and genus.
_RANKS = ("species", "set", "genus", "family", "order")


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
    def is_unsafe(self) -> bool:
        """Whether what is false, or may not be reported, would go out."""
        reported = self.answer.next == "report" and "report" not in self.truth.next
        return self.category in _FAILS or reported

    @property
    def points(self) -> float:
        """0 to `MOST`."""
        if self.is_unsafe:
            return 0.0
        judged = (self.answer.record == self.truth.record) + (self.answer.next in self.truth.next)
        return POINTS.get(self.category, 0.0) + JUDGEMENT * judged


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

    One false name or false exclusion, or a result reported that may not be, makes it
    unsatisfactory, whatever the points. A name that says more than the evidence, a sample without
    an answer, or less than `PASS` of the points makes it questionable.
    """
    counts = Counter(entry.category for entry in grades)
    if any(entry.is_unsafe for entry in grades):
        return Evaluation.UNSATISFACTORY
    if any(counts[category] for category in _DOUBTS):
        return Evaluation.QUESTIONABLE
    enough = sum(entry.points for entry in grades) >= PASS * MOST * len(grades)
    return Evaluation.SATISFACTORY if enough else Evaluation.QUESTIONABLE


def _category(truth: Truth, conclusion: str, names: Sequence[str]) -> Category:
    if not conclusion:
        return Category.UNANSWERED
    if conclusion == "identified":
        return _of_name(truth, names)
    if truth.kind == "human":
        return Category.CORRECT if conclusion == "unusable" else Category.INCONCLUSIVE
    if conclusion == "nothing_near" and not truth.missing:
        return Category.FALSE_EXCLUSION
    if not truth.supported:
        return Category.CORRECT
    if conclusion == "unusable" or not truth.missing:
        return Category.INCONCLUSIVE
    # True; of the genus it says less than could be said. The family alone is no answer to miss.
    return Category.CORRECT if truth.supported == "family" else Category.HIGHER_RANK


def _of_name(truth: Truth, names: Sequence[str]) -> Category:
    """Return the category of an answer that names something."""
    given = _rank_of(truth, names)
    if given is None:
        return Category.FALSE_NAME
    if truth.kind == "human":  # it was recognised, at whatever rank
        return Category.CORRECT
    supported = truth.supported
    if not supported:
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
    parts = [kind_text(truth.kind)]
    for written, name in zip(answer.taxa, names):
        if not written.startswith(name):
            parts.append(
                _("{written} was taken for {name}, as the library has it.").format(
                    written=written, name=name
                )
            )
    if len(truth.components) > 1:
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
    if truth.kind == "human":
        parts.append(_("Personal data: lock or delete the file, and find out how it got there."))
    elif truth.not_excluded:
        parts.append(_("Not excluded: {names}.").format(names=", ".join(truth.not_excluded)))
    elif truth.supported:
        parts.append(
            _("The evidence supports {taxon} ({rank}).").format(
                taxon=getattr(truth, truth.supported), rank=_(RANK_NAMES[truth.supported])
            )
        )
    else:
        parts.append(_("The evidence supports no name."))
    parts.append(
        _("The record is {record}. Next: {next}.").format(
            record=_(_CHOICES[truth.record]),
            next=_(" or ").join(_(_CHOICES[n]) for n in truth.next),
        )
    )
    return " ".join(parts)


_CHOICES = {
    "whole": N_("whole"),
    "broken": N_("broken"),
    "report": N_("report it"),
    "other_locus": N_("sequence another locus"),
    "references": N_("get or check reference records"),
    "repeat": N_("repeat from the extraction"),
    "clarify": N_("clarify the custody"),
}
_CATEGORIES = {
    Category.CORRECT: N_("correct"),
    Category.HIGHER_RANK: N_("correct at a higher rank"),
    Category.INCONCLUSIVE: N_("inconclusive"),
    Category.UNSUPPORTED: N_("true but not supported"),
    Category.FALSE_EXCLUSION: N_("FALSE EXCLUSION"),
    Category.FALSE_NAME: N_("FALSE NAME"),
    Category.UNANSWERED: N_("not answered"),
}


def kind_text(kind: str) -> str:
    """Return what a sample of a kind is, in the language of the reader."""
    return _(KINDS[kind]["text"]).format(bases=SHORT)


def category_text(category: Category) -> str:
    """Return a category in the language of the reader."""
    return _(_CATEGORIES[category])


class Graded(PlainResult):
    """The evaluation of a learner's round.

    Parameters
    ----------
    grades : sequence of Grade
        One a sample, in their order.
    """

    def __init__(self, opened: Round, grades: Sequence[Grade]) -> None:
        self.round, self.grades = opened, tuple(grades)
        self.learner = self.grades[0].truth.learner
        self.evaluation = evaluate(self.grades)
        self.counts = Counter(grade.category for grade in self.grades)
        self.points = sum(grade.points for grade in self.grades)
        self.most = MOST * len(self.grades)

    def __repr__(self) -> str:
        return f"<Graded {self.evaluation}, {self.points:g} of {self.most:g}>"

    def rows(self) -> list[dict[str, Any]]:
        """Return a row a sample, for tables."""
        return [
            {
                "learner": self.learner,
                "sample": grade.truth.sample,
                "category": str(grade.category),
                "points": grade.points,
                "unsafe": grade.is_unsafe,
                "conclusion": grade.answer.conclusion,
                "answer": "; ".join(grade.answer.taxa),
                "truth": " + ".join(grade.truth.components),
                "kind": str(grade.truth.kind),
                "label": grade.truth.label,
                "supported": grade.truth.supported,
                "supported_taxon": getattr(grade.truth, grade.truth.supported, ""),
                "not_excluded": "; ".join(grade.truth.not_excluded),
                "record": grade.answer.record,
                "true_record": grade.truth.record,
                "next": grade.answer.next,
                "true_next": "; ".join(grade.truth.next),
                "remarks": grade.answer.remarks,
                "feedback": grade.feedback,
            }
            for grade in self.grades
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "learner": self.learner,
            "evaluation": str(self.evaluation),
            "points": self.points,
            "most_points": self.most,
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
        given = grade.answer
        said = ["; ".join(given.taxa) or given.conclusion, given.record, given.next]
        lines = [
            (
                grade.truth.sample,
                _("{category}; {points:g} of {most:g}").format(
                    category=category_text(grade.category), points=grade.points, most=MOST
                ),
            ),
            (_("Answer"), " · ".join(_(_CHOICES.get(text, text)) or "-" for text in said)),
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
        false = sum(grade.is_unsafe for grade in self.grades)
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
                _("{points:g} of {most:g}; {share:.0%} are asked for").format(
                    points=self.points, most=self.most, share=PASS
                ),
            ),
            (_("Answers"), ", ".join(counted)),
            (
                _("What it shows"),
                _(
                    "{false} of {answered} results would have gone out falsely. With this few samples, an error rate "
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


def grade_round(
    path: AnyPath,
    code: str | PassphraseSource,
    answers: AnyPath | None = None,
) -> list[Graded]:
    """Open a round and grade the answers to it, learner by learner.

    Parameters
    ----------
    path : path
        Folder of the round.
    code : str or callable
        See `open_round`.
    answers : path, optional
        Of a round of one learner. Default: ``answers.csv`` in the folder of each learner.

    Raises
    ------
    InputError
        If the folder is not a round, or a sheet of answers cannot be read.
    UsageError
        If `answers` is given in a round of several learners.
    VerificationError
        If the code is another, or something of the round was changed.
    """
    opened = open_round(path, code)
    truths = {name: list(own) for name, own in groupby(opened.truths, attrgetter("learner"))}
    if answers and len(truths) > 1:
        raise UsageError(_("The round has several learners; put each sheet into its folder."))
    graded = []
    for learner, own in truths.items():
        sheet = answers or Path(path) / learner / "answers.csv"
        given = read_answers(sheet, [truth.sample for truth in own], opened.names)
        grades = [grade(truth, answer, opened.names) for truth, answer in zip(own, given)]
        graded.append(Graded(opened, grades))
    return graded
