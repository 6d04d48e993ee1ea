"""Exercises for those who learn: blind samples with sealed answers, and their evaluation.

>>> from forensics.training.rounds import new_round
>>> made = new_round("round_7", seed=7)                                   # doctest: +SKIP

==============  ===============================================================
``sampling``    which records become samples, and which leave the library with them
``rounds``      a round in a folder: library, samples, sheet for the answers, seal
``sealing``     the file of the right answers, which only a code opens
``answers``     the sheet that the trainee filled in
``grading``     answers into the categories of a proficiency test
``results``     the evaluation, for people, programs and notebooks
==============  ===============================================================

A round is a qualitative proficiency test (ISO/IEC 17043): its assigned values are the species of
deposited records, and the most that the library of the round supports.
"""

from typing import TYPE_CHECKING

from forensics.lazily import lazily

_PUBLIC = {
    "evaluate": "grading",
    "grade": "grading",
    "new_round": "rounds",
    "open_round": "rounds",
    "read_answers": "answers",
}

__all__ = [
    "evaluate",
    "grade",
    "new_round",
    "open_round",
    "read_answers",
]

if TYPE_CHECKING:  # what type checkers, editors and tab completion see
    from forensics.training.answers import read_answers
    from forensics.training.grading import evaluate, grade
    from forensics.training.rounds import new_round, open_round
else:  # for them a module with __getattr__ would have every name
    __getattr__, __dir__ = lazily(__name__, _PUBLIC)
