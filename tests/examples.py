"""How many examples a property test tries: all that it names, or a fifth of them on most days."""

from hypothesis import settings


def examples(full: int, **more) -> settings:
    """Return settings for `full` examples in ``make test-all`` and a fifth of them, at least 10,
    in the fast run."""
    # 100 examples stand for the full run in both profiles; tests/conftest.py chooses which.
    share = settings().max_examples / 100
    return settings(max_examples=min(full, max(10, round(full * share))), **more)
