"""Compute findings of a ledger again: ``python -m reproduced LEDGER EVENT …``; for a process of its own."""

import sys

import forensics
from forensics.barcode.reference.library import open_library
from forensics.custody import open_ledger
from forensics.origin.models import open_model, packaged_models
from forensics.reanalysis.comparison import reproduce


def main(path: str, *events: str) -> None:
    """Print a line for each event: its number, ``SAME`` or the first differences."""
    models = [open_model(name) for name in packaged_models()]
    with open_ledger(path) as ledger:
        for event in map(int, events):
            found = reproduce(
                ledger, event, [open_library()], forensics.identify, models=lambda: models
            )
            print(event, "SAME" if found.same else found.differences[:3])


if __name__ == "__main__":
    main(*sys.argv[1:])
