"""The evaluation of a round: for people, programs and notebooks."""

import json
from collections import Counter
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from forensics.messages import N_, _
from forensics.stats.intervals import wilson
from forensics.training.grading import PASS, Category, Evaluation, Grade, evaluate
from forensics.training.rounds import Round

if TYPE_CHECKING:
    import pandas

__all__ = ["COLUMNS", "Graded", "category_text"]

COLUMNS = (
    "sample", "category", "points", "conclusion", "answer", "truth", "kind", "label",
    "supported_status", "supported_rank", "supported_taxon", "not_excluded", "remarks", "feedback",
)  # fmt: skip
"""Of the CSV output and of `Graded.to_frame`."""

_CATEGORIES = {
    Category.CORRECT: N_("correct"),
    Category.HIGHER_RANK: N_("correct at a higher rank"),
    Category.INCONCLUSIVE: N_("inconclusive"),
    Category.UNSUPPORTED: N_("true but not supported"),
    Category.FALSE_EXCLUSION: N_("FALSE EXCLUSION"),
    Category.FALSE_NAME: N_("FALSE NAME"),
    Category.UNANSWERED: N_("not answered"),
}
_EVALUATIONS = {
    Evaluation.SATISFACTORY: N_("satisfactory"),
    Evaluation.QUESTIONABLE: N_("questionable"),
    Evaluation.UNSATISFACTORY: N_("unsatisfactory"),
}
_FALSE = (Category.FALSE_NAME, Category.FALSE_EXCLUSION)


def category_text(category: Category) -> str:
    """Return a category in the language of the reader."""
    return _(_CATEGORIES[category])


class Graded:
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
        """Return the values of `COLUMNS`, a row a sample."""
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

    def to_json(self) -> str:
        """Return one line of JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False)

    def to_frame(self) -> "pandas.DataFrame":
        """Return a pandas.DataFrame with the columns `COLUMNS` and a row a sample."""
        import pandas

        return pandas.DataFrame(self.rows(), columns=list(COLUMNS))

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

    def summary(self) -> list[tuple[str, str]]:
        """Return label and text of the round as a whole."""
        answered = len(self.grades) - self.counts[Category.UNANSWERED]
        false = sum(self.counts[category] for category in _FALSE)
        _low, high = wilson(false / max(answered, 1), answered)
        counted = [
            f"{self.counts[category]} {category_text(category)}"
            for category in Category
            if self.counts[category]
        ]
        return [
            (_("Evaluation"), _(_EVALUATIONS[self.evaluation])),
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
                    "{false} false of {answered} answers. So few samples do not exclude an error rate of "
                    "{high:.0%} (95% interval, Wilson)."
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
        head = [_("Sample"), _("Category"), _("Answer"), _("Truth"), _("Label"), _("Feedback")]
        cells = [
            (
                grade.truth.sample,
                category_text(grade.category),
                "; ".join(grade.answer.taxa) or grade.answer.conclusion or "-",
                " + ".join(grade.truth.components),
                grade.truth.label,
                grade.feedback,
            )
            for grade in self.grades
        ]
        left = " style='text-align:left;vertical-align:top'"
        top = "".join(f"<th{left}>{escape(name)}</th>" for name in head)
        body = "".join(
            "<tr>" + "".join(f"<td{left}>{escape(cell)}</td>" for cell in row) + "</tr>"
            for row in cells
        )
        summary_html = "".join(
            f"<p><b>{escape(label)}</b> {escape(text)}</p>" for label, text in self.summary()
        )
        return f"<table><tr>{top}</tr>{body}</table>{summary_html}"
