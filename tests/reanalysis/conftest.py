import shutil

import every_kind
import pytest
from laboratory import _founded, lab  # noqa: F401
from training_case import _made, as_person, case, details, ledger, statement  # noqa: F401


@pytest.fixture(scope="session")
def recorded(_made, tmp_path_factory):  # noqa: F811
    """The training case with a finding of each form; its folder, and their events."""
    place = tmp_path_factory.mktemp("recorded")
    folder = shutil.copytree(_made[0], place / "case")
    (place / "given").mkdir()
    with as_person(folder, "bruno") as bruno:
        events = every_kind.record(bruno, every_kind.files(place / "given"))
    return folder, events
