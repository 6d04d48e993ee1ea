import shutil

import every_kind
import pytest
from laboratory import _founded, lab  # noqa: F401
from training_case import _made, case, details, ledger, statement  # noqa: F401

from forensics.custody import keys, open_ledger
from forensics.demonstration import PASSPHRASE


@pytest.fixture(scope="session")
def recorded(_made, tmp_path_factory):  # noqa: F811
    """The training case with a finding of each form; its folder, and their events."""
    place = tmp_path_factory.mktemp("recorded")
    folder = shutil.copytree(_made[0], place / "case")
    (place / "given").mkdir()
    key = keys.open_key(folder / "laboratory.db.keys/bruno.key", lambda: PASSPHRASE)
    with open_ledger(folder / "laboratory.db", key=key) as bruno:
        events = every_kind.record(bruno, every_kind.files(place / "given"))
    return folder, events
