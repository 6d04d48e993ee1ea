"""docs/custody-case.md is run as it stands, and prints what it says."""

import os
import re
import shlex
import shutil
import subprocess
import sys

from click.testing import CliRunner

from forensics.barcode.reading.inputs import as_queries
from forensics.barcode.reference.library import open_library
from forensics.cli import main
from forensics.custody import open_ledger

PASSPHRASE = b"correct horse battery\n"
FILES = ("bag.jpg", "resealed.jpg", "validation.pdf", "report.pdf")


def told(root):
    """Yield each command of the page with the lines that stand after it."""
    text = (root / "docs/custody-case.md").read_text(encoding="utf-8")
    for block in re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _end, output = part.partition("\n")
            yield command, output


def run(command, library):
    arguments = [library.sha256 if word == "LIBRARY" else word for word in shlex.split(command)[1:]]
    opened = []
    for option in ("--passphrase-fd", "--new-passphrase-fd"):
        signs = "--as" in arguments or "--witness" in arguments
        makes = arguments[1] == "init" or arguments[1:3] == ["person", "add"]
        if signs if option == "--passphrase-fd" else makes:
            read, write = os.pipe()
            os.write(write, PASSPHRASE)
            os.close(write)
            opened.append(read)
            arguments += [option, str(read)]
    try:
        return CliRunner().invoke(main, arguments, env={"FORENSICS_LEDGER": "laboratory.db"})
    finally:
        for descriptor in opened:
            os.close(descriptor)


def test_the_case_of_the_documentation(root, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exhibits = as_queries(root / "reference_sequences/demonstration/exhibits.fasta")
    tusk = next(query.sequence for query in exhibits if query.name == "tusk")
    (tmp_path / "S1.fasta").write_text(f">tusk\n{tusk}\n")
    for name in FILES:
        (tmp_path / name).write_text(f"simulated {name}")
    library = open_library("embedded")
    number = 0
    for command, expected in told(root):
        number += 1
        result = run(command, library)
        assert not os.path.exists("laboratory.db-wal"), command
        wanted = re.escape(expected.strip()).replace("…", ".*")
        assert re.fullmatch(wanted, result.output.strip(), re.DOTALL), (
            f"$ {command}\n{result.output}\n{result.exception!r}"
        )
        code = 5 if "refused by rule" in expected else 0
        assert result.exit_code == code, command
    assert number > 45
    with open_ledger("laboratory.db") as ledger:
        assert str(ledger.state.things["S1"].remaining) == "0.08"
        events = ledger.size
    # What docs/custody.md says of Python is run on the same ledger, with a library that is there.
    text = (root / "docs/custody.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    for block in blocks:
        exec(
            block.replace('"my_library"', '"embedded"'),
            {"ask": lambda: PASSPHRASE.decode().strip()},
        )
    with open_ledger("laboratory.db") as ledger:
        added = [event.type for event in ledger.events(first=events + 1)]
        assert added == ["consume", "finding"] and len(blocks) == 2
        assert str(ledger.state.things["S1"].remaining) == "0.03"
    shutil.unpack_archive("bundle.zip", "bundle")
    checked = subprocess.run(
        [sys.executable, "-I", "-S", "bundle/verify_bundle.py", "bundle.zip"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={"PYTHONIOENCODING": "utf-8", "PATH": os.environ["PATH"]},
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "Quay 4" not in checked.stdout and "Loxodonta" in checked.stdout
