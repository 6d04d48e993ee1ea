"""What was recorded on one processor is the same where it is computed again on another."""

import processors
import pytest
from training_case import FINDING


@pytest.mark.parametrize(
    "core",
    [
        "Prescott",
        *(pytest.param(core, marks=pytest.mark.slow) for core in ("Haswell", "Zen", "SkylakeX")),
    ],
)
def test_a_finding_of_every_kind_is_the_same_on_another_processor(recorded, core):
    if reason := processors.why_not(core):
        pytest.skip(reason)
    case, events = recorded
    events = {"identification": FINDING, **events}
    printed = processors.run(core, "reproduced", case / "laboratory.db", *events.values())
    said = dict(zip(events, (line.partition(" ")[2] for line in printed.splitlines())))
    assert said == dict.fromkeys(events, "SAME")
