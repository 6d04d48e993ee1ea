"""Options of an identification: their bounds, and what provenance records of them."""

import pytest

from forensics.barcode.options import IdentifyArguments, IdentifyOptions
from forensics.errors import UsageError


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("floor", (0.0, -0.1, 1.01)),
        ("confidence", (0.5, 0.4, -0.2, 1.0, 1.2)),
        ("in_library_prior", (0.0, -0.1, 1.0, 1.1)),
    ],
)
def test_a_share_at_which_no_call_can_be_made_is_refused(name, values):
    shares = {"floor": 1.0, "confidence": 0.51, "in_library_prior": 0.99}
    IdentifyOptions(**shares)
    for value in values:
        with pytest.raises(UsageError, match=name.rpartition("_")[2]):
            IdentifyOptions(**shares | {name: value})


def test_options_are_recorded_and_read_back():
    options = IdentifyOptions(locus="COI", confidence=0.9, reasons=True, tree=True)
    recorded = options.parameters()
    assert set(recorded) == {"locus", "confidence", "in_library_prior", "floor"}
    as_text = {name: str(value) for name, value in recorded.items()}  # as the ledger holds numbers
    assert IdentifyOptions.of_record(as_text).parameters() == recorded


def test_scripts_may_give_every_option_by_its_name():
    assert IdentifyArguments.__annotations__.keys() == IdentifyOptions.specs().keys()
