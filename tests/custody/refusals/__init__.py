"""One scene for each rule, in which the last act breaks it. Nothing else in the scene is wrong."""

from custody.refusals import (  # noqa: F401  (each adds its scenes)
    corrections,
    events,
    laboratory_work,
    movement,
    people,
    seals,
    things,
    two_people,
)
from custody.refusals.base import SCENES

__all__ = ["SCENES"]
