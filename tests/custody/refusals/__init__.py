"""Scenes for each rule, in which the last act breaks it. Nothing else in a scene is wrong."""

from custody.refusals import (
    corrections,
    events,
    laboratory_work,
    movement,
    people,
    seals,
    things,
    two_people,
)

SUBJECTS = (corrections, events, laboratory_work, movement, people, seals, things, two_people)
SCENES = [
    (code, name, steps)
    for subject in SUBJECTS
    for code, scenes in subject.SCENES.items()
    for name, steps in scenes.items()
]
