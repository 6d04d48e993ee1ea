"""Pages of HTML of a round that was graded: one for each learner, and one for the trainer."""

from collections.abc import Sequence
from statistics import fmean

from forensics.messages import _, numeral
from forensics.paper import document, escaped, facts, heading, paragraph, table
from forensics.training.grading import MOST, Graded, kind_text
from forensics.training.rounds import KINDS


def learner_page(graded: Graded) -> str:
    """Return what a learner reads: the evaluation, and of each sample what there was to be seen."""
    parts = [facts(*graded.lines())]
    for grade in graded.grades:
        (sample, category), *lines = graded.sample_lines(grade)
        parts += [heading(2, f"{sample} · {category}"), facts(*lines)]
    return document(_("Feedback to a training round") + f" {graded.learner}".rstrip(), parts)


def trainer_page(round_: Sequence[Graded]) -> str:
    """Return what the trainer reads: a row a learner, and a row a kind of sample.

    Parameters
    ----------
    round_ : sequence of Graded
        One or more, a learner each.
    """
    learners = [
        (
            escaped(one.learner or "-"),
            f"{numeral(one.points, 'g')} / {numeral(one.most, 'g')}",
            sum(grade.is_unsafe for grade in one.grades),
            escaped(_(one.evaluation)),
        )
        for one in sorted(round_, key=lambda one: one.points)
    ]
    kinds = []
    for kind in KINDS:
        own = [grade for one in round_ for grade in one.grades if grade.truth.kind == kind]
        if own:
            mean, false = fmean(grade.points for grade in own), sum(g.is_unsafe for g in own)
            kinds.append((escaped(kind_text(kind)), len(own), numeral(mean, ".2f"), false))
    unsafe = _("Would have gone out falsely")
    return document(
        _("Training round: for the trainer"),
        [
            facts(*round_[0].lines()[-1:]),
            heading(2, _("Learners")),
            table((_("Learner"), _("Points"), unsafe, _("Evaluation")), learners, (1, 2)),
            heading(2, _("What was in the samples")),
            paragraph(
                _("Mean points of {most:g}; discuss first what stands lowest.").format(most=MOST)
            ),
            table((_("Kind"), _("Answers"), _("Points"), unsafe), kinds, (1, 2, 3)),
        ],
    )
