"""A run that must not go on where a file cannot be read; and one that may."""

import logging
from pathlib import Path

import forensics

Path("empty.fasta").write_text("")
inputs = ["scale.fasta", "empty.fasta"]
try:
    forensics.identify(inputs, errors="raise")
except forensics.InputError as error:
    assert "empty.fasta" in str(error)
else:
    raise AssertionError("an empty file was passed over")
logging.getLogger("forensics").setLevel(logging.ERROR)  # which file, the result says
reported = forensics.identify(inputs, errors="report")
assert [result.status for result in reported] == ["identified", "unusable"]
assert "UNREADABLE" in reported[1].codes
