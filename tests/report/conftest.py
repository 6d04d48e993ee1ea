import pytest
from training_case import _made, case, details, ledger, statement  # noqa: F401

import forensics
from forensics.report.building import build_report


@pytest.fixture
def build(ledger, details, embedded, case):  # noqa: F811
    """Build a report of the case and return it with the bytes of its file."""

    def build(name=None, details=details, ledger=ledger, **more):
        output = case / name if name else None
        built = build_report(ledger, "T-2026-001", details, identify=forensics.identify,
                             libraries=[embedded], output=output, **more)  # fmt: skip
        return built, output and output.read_bytes()

    return build
