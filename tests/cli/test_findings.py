"""Results of individual and age as findings, recorded by the commands as a technician gives them."""

import hashlib
import json
import os

import every_kind
import pytest
from click.testing import CliRunner
from individual_simulation import fewer_draws
from laboratory import Laboratory

from forensics.cli import main
from forensics.custody import open_ledger
from forensics.custody.keys import Cost, write_key

PASSPHRASE = "correct horse battery staple"
QUICK = Cost(19 * 1024, 2, 1)
RATES = ("--dropout", "0.02", "--mistyping", "0.002")


@pytest.fixture(scope="module", autouse=True)
def _fewer_draws():
    with fewer_draws():
        yield


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Simulated: 60 animals of the range, an exhibit that is one of a database, and its parents."""
    return every_kind.files(tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory, files):
    """A simulated laboratory with a run that S1 was in, and bruno's key in its folder."""
    folder = tmp_path_factory.mktemp("laboratory")
    lab = Laboratory.founded(folder)
    lab.sampled()
    lab.run("STR-1", kind="other", NTC="passed", POS="passed")
    for name in ("curve.csv", "clock.csv"):
        lab.amina.validate(
            library=hashlib.sha256((files / name).read_bytes()).hexdigest(), name=name,
            scope="simulated", attachments=[lab.photo("validation.pdf")],
        )  # fmt: skip
    lab.close()
    keys = folder / f"{lab.path.name}.keys"
    keys.mkdir()
    write_key(keys / "bruno.key", lab.keys["bruno"], lambda: PASSPHRASE, cost=QUICK)
    return lab.path


def run(files, *arguments, ledger=None, sample="S1", name="STR-1"):
    command = [
        str(files / part) if isinstance(part, str) and part.endswith(".csv") else str(part)
        for part in arguments
    ]
    descriptor = None
    if ledger:
        descriptor, write = os.pipe()
        os.write(write, f"{PASSPHRASE}\n".encode())
        os.close(write)
        command += ["--ledger", str(ledger), "--sample", sample, "--as", "bruno",
                    "--passphrase-fd", str(descriptor)]  # fmt: skip
        command += ["--run", name] if name else []
    try:
        return CliRunner().invoke(main, command)
    finally:
        if descriptor is not None:
            os.close(descriptor)


COMMANDS = {
    "match": ("individual", "match", "S1.csv", "database.csv", "--reference", "range.csv", *RATES),
    "kinship": ("individual", "kinship", "seizures.csv", "--reference", "range.csv", *RATES),
    "parentage": ("individual", "parentage", "S1.csv", "--dams", "dams.csv", "--sires", "sires.csv",
                  "--reference", "range.csv", *RATES),
    "network": ("individual", "network", "seizures.csv", "--seizure", "seizure", "--reference",
                "range.csv", *RATES),
    "captive": ("individual", "captive", "asked.csv", "--reference", "known.csv", "--class-column",
                "origin", "--group-column", "farm"),
    "radiocarbon": ("age", "radiocarbon", 1.25, "--sd", 0.003, "--curve", "curve.csv", "--seized",
                    "2016-03-01"),
    "methylation": ("age", "methylation", "betas.csv", "--clock", "clock.csv", "--transform",
                    "none"),
}  # fmt: skip
WANTED = {
    "match": "d10: ",
    "kinship": "231 pairs of 22 profiles",
    "parentage": "accepted",
    "network": "1 of 1 pair of seizures",
    "captive": "the measurements support wild",
    "radiocarbon": "this tissue formed in",
    "methylation": "2.0 years",
}


# What gave the frequencies, the curve or the clock.
LIBRARIES = {"radiocarbon": "curve.csv", "methylation": "clock.csv", "captive": "known.csv"}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_records_its_result(files, laboratory, command):
    alone = run(files, *COMMANDS[command])
    assert alone.exit_code == 0, alone.output
    found = run(files, *COMMANDS[command], ledger=laboratory)
    assert found.exit_code == 0, found.output
    # The result is the same, recorded or not; a date names the sample that --sample gives.
    assert found.stdout.removeprefix("S1\n") == alone.stdout.removeprefix("S1\n")
    assert "(finding) recorded" in found.stderr
    with open_ledger(laboratory) as ledger:
        event = list(ledger.events())[-1]
        fields = event.fields
    assert event.type == "finding" and fields["kind"] == COMMANDS[command][0]
    assert fields["thing"] == "S1" and fields["runs"] == ["STR-1"]
    assert fields["result"]["result"].startswith(WANTED[command])
    # What a report says of it.
    assert fields["result"]["explanation"].startswith("Result: ")
    # Every file that was read is attached, and named in the command.
    attached = {
        one["name"]: one["sha256"]
        for one in fields["attachments"]
        if not one["media_type"].startswith("image/")  # pictures of the result
    }
    given = {part for part in COMMANDS[command] if str(part).endswith(".csv")}
    assert set(attached) == given
    for name, sha256 in attached.items():
        assert sha256 == hashlib.sha256((files / name).read_bytes()).hexdigest()
    assert fields["library"] == attached[LIBRARIES.get(command, "range.csv")]
    assert fields["provenance"]["parameters"]


@pytest.mark.parametrize("command", COMMANDS)
def test_what_a_command_recorded_is_computed_again_from_the_ledger_alone(
    files, laboratory, command
):
    found = run(files, *COMMANDS[command], ledger=laboratory)
    assert found.exit_code == 0, found.output
    with open_ledger(laboratory) as ledger:
        seq = list(ledger.events())[-1].seq
    again = ["report", "reproduce", str(seq), "--ledger", str(laboratory)]
    found = CliRunner().invoke(main, again)
    assert (found.exit_code, found.stdout) == (0, f"finding {seq}: the same\n"), found.output
    assert "default options" not in found.stderr


def test_a_network_of_samples_in_two_tables_is_computed_again(files, laboratory):
    """A second table names the seizures; the reference has a locus that the samples lack."""
    rows = [line.split(",") for line in (files / "samples.csv").read_text().splitlines()]
    (files / "fewer.csv").write_text("".join(",".join(row[:-1]) + "\n" for row in rows))
    (files / "where.csv").write_text(
        "animal,shipment\n" + "".join(f"{row[0]},{'AB'[n % 2]}\n" for n, row in enumerate(rows[1:]))
    )
    command = ("individual", "network", "fewer.csv", "--places", "where.csv", "--seizure",
               "shipment", "--reference", "range.csv", *RATES)  # fmt: skip
    found = run(files, *command, ledger=laboratory)
    assert found.exit_code == 0, found.output
    with open_ledger(laboratory) as ledger:
        event = list(ledger.events())[-1]
    assert event.fields["provenance"]["parameters"]["seizures"] == "field:shipment"
    names = {one["name"] for one in event.fields["attachments"]}
    assert {"fewer.csv", "where.csv", "range.csv"} <= names
    again = ["report", "reproduce", str(event.seq), "--ledger", str(laboratory)]
    found = CliRunner().invoke(main, again)
    assert (found.exit_code, found.stdout) == (0, f"finding {event.seq}: the same\n"), found.output


@pytest.mark.parametrize("command", COMMANDS)
def test_what_a_rule_refuses_is_refused_before_the_work(files, laboratory, command):
    for options, code in (({"name": None}, 5), ({"sample": "S9"}, 2), ({"name": "no run"}, 5)):
        found = run(files, *COMMANDS[command], ledger=laboratory, **options)
        assert found.exit_code == code, found.output
        assert not found.stdout


def test_several_samples_are_not_recorded_as_one(files, laboratory):
    for command in (
        ("individual", "match", "database.csv", "database.csv", *RATES),
        ("individual", "parentage", "database.csv", "--dams", "dams.csv", "--reference",
         "range.csv", *RATES),
    ):  # fmt: skip
        found = run(files, *command, ledger=laboratory)
        assert found.exit_code == 2 and "11 samples" in found.stderr


def test_standard_input_is_recorded_by_its_sum(files, laboratory):
    descriptor, write = os.pipe()
    os.write(write, f"{PASSPHRASE}\n".encode())
    os.close(write)
    content = (files / "S1.csv").read_bytes()
    try:
        found = CliRunner().invoke(
            main,
            ["individual", "match", "-", str(files / "database.csv"), *RATES, "--ledger",
             str(laboratory), "--sample", "S1", "--run", "STR-1", "--as", "bruno",
             "--passphrase-fd", str(descriptor)],
            input=content,
        )  # fmt: skip
    finally:
        os.close(descriptor)
    assert found.exit_code == 0, found.output
    assert "not attached" in found.stderr
    with open_ledger(laboratory) as ledger:
        fields = list(ledger.events())[-1].fields
    assert [one["name"] for one in fields["attachments"]] == ["database.csv"]
    sums = [one["sha256"] for one in fields["provenance"]["input"]["files"]]
    assert hashlib.sha256(content).hexdigest() in sums


def test_a_network_is_recorded_whole(files, laboratory):
    printed = json.loads(run(files, *COMMANDS["network"], "--format", "json").stdout)
    found = run(files, *COMMANDS["network"], ledger=laboratory)
    assert found.exit_code == 0, found.output
    with open_ledger(laboratory) as ledger:
        recorded = list(ledger.events())[-1].fields["result"]
    assert [one["name"] for one in recorded["seizures"]] == ["Lomé", "Mombasa"]
    assert len(recorded["links"]) == len(printed["links"]) == 1
    (one,), (other,) = recorded["links"], printed["links"]
    assert float(one["p"]) == other["p"]
    assert [pair["first_samples"] for pair in one["pairs"]] == [
        pair["first_samples"] for pair in other["pairs"]
    ]


def test_identify_compares_a_large_index_before_it_signs(tmp_path, library_folder, monkeypatch):
    """Without a ledger a run of one query on a large index does not; here every index is large."""
    from simulation import query

    from forensics import open_library

    monkeypatch.setattr("forensics.barcode.reference.library.MAX_BYTES_ALWAYS_CHECKED", 1)
    (tmp_path / "S1.fasta").write_text(f">S1\n{query()}\n")
    lab = Laboratory.founded(tmp_path)
    lab.sampled()
    lab.run(NTC="passed", POS="passed")
    lab.amina.validate(
        library=open_library(library_folder).sha256, name="simulated", scope="none",
        attachments=[lab.photo("validation.pdf")],
    )  # fmt: skip
    size = lab.size
    lab.close()
    keys = tmp_path / f"{lab.path.name}.keys"
    keys.mkdir()
    write_key(keys / "bruno.key", lab.keys["bruno"], lambda: PASSPHRASE, cost=QUICK)
    asked = ("identify", tmp_path / "S1.fasta", "--library", library_folder, "--format", "json")
    alone = json.loads(run(tmp_path, *asked).stdout)
    assert alone["provenance"]["library"]["index"] == "not checked"
    recorded = run(tmp_path, *asked, ledger=lab.path, name="R1")
    assert recorded.exit_code == 0, recorded.output
    assert json.loads(recorded.stdout)["provenance"]["library"]["index"] == "checked"

    index = library_folder / "COI" / "index.bin"
    index.write_bytes(index.read_bytes().replace(b"Fictus albus", b"Fictus niger"))
    assert json.loads(run(tmp_path, *asked).stdout)["taxon"] == "Fictus niger"
    refused = run(tmp_path, *asked, ledger=lab.path, name="R1")
    assert refused.exit_code == 4 and "index.bin is not the index" in refused.stderr
    assert refused.stdout == ""
    with open_ledger(lab.path) as ledger:
        assert ledger.size == size + 1
