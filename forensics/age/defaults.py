"""Choices and defaults of the methods of this package; the command line imports them without NumPy."""

from forensics.messages import N_

__all__ = ["INNER_FOLDS", "OUTER_FOLDS", "POSITIONS", "STEPS", "TRAINABLE", "TRANSFORMS"]

# Where in the object the sample was taken. Only what formed last says anything about death.
POSITIONS = {
    "last_formed": N_("formed last: pulp-cavity surface, base of the horn, outermost ring"),
    "other": N_("formed earlier in life"),
    "unknown": N_("not recorded"),
}

# Transforms of age in the universal mammalian clocks (Lu et al. 2023, doi:10.1038/s43587-023-00462-6).
TRANSFORMS = ("none", "universal1", "universal2", "universal3")
# Transforms that a clock can be trained with; log(age + 2) is that of the first universal clock.
TRAINABLE = ("none", "universal1")

# Folds of the nested cross-validation by which a clock is trained.
OUTER_FOLDS, INNER_FOLDS = 10, 5
STEPS = OUTER_FOLDS + 1  # fits: one a fold, and that of the clock itself
