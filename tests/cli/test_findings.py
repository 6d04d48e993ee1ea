"""Results of individual and age as findings, recorded by the commands as a technician gives them."""

import hashlib
import json

import every_kind
import pytest
from command_line import records, typed
from individual_simulation import fewer_draws
from laboratory import Laboratory
from simulation import query

from forensics import open_library
from forensics.custody import open_ledger
from forensics.custody.keys import Cost, write_key

PASSPHRASE = "correct horse battery staple"
RATES = "--dropout 0.02 --mistyping 0.002"


@pytest.fixture(scope="module", autouse=True)
def _fewer_draws():
    with fewer_draws():
        yield


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Simulated: 60 animals of the range, an exhibit that is one of a database, and its parents."""
    return every_kind.files(tmp_path_factory.mktemp("files"))


def founded(folder, *libraries, run="STR-1", kind="other"):
    """Found a laboratory with a run that S1 was in, and bruno's key in its folder; return its ledger."""
    lab = Laboratory.founded(folder)
    lab.sampled()
    lab.run(run, kind=kind, NTC="passed", POS="passed")
    for name, sha256 in libraries:
        lab.amina.validate(
            library=sha256, name=name, scope="simulated", attachments=[lab.photo("validation.pdf")]
        )
    lab.close()
    keys = folder / f"{lab.path.name}.keys"
    keys.mkdir()
    write_key(keys / "bruno.key", lab.keys["bruno"], lambda: PASSPHRASE, cost=Cost(19 * 1024, 2, 1))
    return lab.path


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory, files):
    names = ("curve.csv", "clock.csv")
    sums = (hashlib.sha256((files / name).read_bytes()).hexdigest() for name in names)
    return founded(tmp_path_factory.mktemp("laboratory"), *zip(names, sums))


@pytest.fixture(autouse=True)
def _in_their_folder(files, monkeypatch):
    monkeypatch.chdir(files)


def run(line, *, ledger, sample="S1", name="STR-1", **options):
    recording = f"--ledger {ledger} --sample {sample} --as bruno" + (
        f" --run {name}" if name else ""
    )
    return typed(f"{line} {recording}", phrase=PASSPHRASE, **options)


def last(ledger):
    """Return the number and the fields of the last event."""
    with open_ledger(ledger) as opened:
        *_before, event = opened.events()
    return event.seq, event.fields


COMMANDS = {
    "match": f"individual match S1.csv database.csv --reference range.csv {RATES}",
    "kinship": f"individual kinship seizures.csv --reference range.csv {RATES}",
    "parentage": "individual parentage S1.csv --dams dams.csv --sires sires.csv --reference range.csv "
                 + RATES,
    "network": f"individual network seizures.csv --seizure seizure --reference range.csv {RATES}",
    "captive": "individual captive asked.csv --reference known.csv --class-column origin "
               "--group-column farm",
    "radiocarbon": "age radiocarbon 1.25 --sd 0.003 --curve curve.csv --seized 2016-03-01",
    "methylation": "age methylation betas.csv --clock clock.csv --transform none",
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


def reproduced(ledger, seq):
    found = typed(f"report reproduce {seq} --ledger {ledger}")
    assert found.stdout == f"finding {seq}: the same\n"
    assert "default options" not in found.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_records_its_result_which_is_computed_again_from_the_ledger_alone(
    files, laboratory, command
):
    alone = typed(COMMANDS[command])
    found = run(COMMANDS[command], ledger=laboratory)
    # The result is the same, recorded or not; a date names the sample that --sample gives.
    assert found.stdout.removeprefix("S1\n") == alone.stdout.removeprefix("S1\n")
    assert "(finding) recorded" in found.stderr
    seq, fields = last(laboratory)
    assert (fields["type"], fields["kind"]) == ("finding", COMMANDS[command].split()[0])
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
    assert set(attached) == {part for part in COMMANDS[command].split() if part.endswith(".csv")}
    for name, sha256 in attached.items():
        assert sha256 == hashlib.sha256((files / name).read_bytes()).hexdigest()
    assert fields["library"] == attached[LIBRARIES.get(command, "range.csv")]
    assert fields["provenance"]["parameters"]
    reproduced(laboratory, seq)


def test_a_network_of_samples_in_two_tables_is_recorded_whole_and_computed_again(files, laboratory):
    """A second table names the seizures; the reference has a locus that the samples lack."""
    rows = [line.split(",") for line in (files / "samples.csv").read_text().splitlines()]
    (files / "fewer.csv").write_text("".join(",".join(row[:-1]) + "\n" for row in rows))
    (files / "where.csv").write_text(
        "animal,shipment\n" + "".join(f"{row[0]},{'AB'[n % 2]}\n" for n, row in enumerate(rows[1:]))
    )
    given = "fewer.csv --places where.csv --seizure shipment --reference range.csv"
    found = run(f"individual network {given} {RATES} --format json", ledger=laboratory)
    seq, fields = last(laboratory)
    assert fields["provenance"]["parameters"]["seizures"] == "field:shipment"
    names = {one["name"] for one in fields["attachments"]}
    assert {"fewer.csv", "where.csv", "range.csv"} <= names
    recorded, printed = fields["result"], json.loads(found.stdout)
    assert [one["name"] for one in recorded["seizures"]] == ["A", "B"]
    (one,), (other,) = recorded["links"], printed["links"]
    assert float(one["p"]) == other["p"]
    assert [pair["first_samples"] for pair in one["pairs"]] == [
        pair["first_samples"] for pair in other["pairs"]
    ]
    reproduced(laboratory, seq)


@pytest.mark.parametrize("command", COMMANDS)
def test_what_a_rule_refuses_is_refused_before_the_work(laboratory, command):
    for options in (
        {"name": "", "expect": 5},
        {"sample": "S9", "expect": 2},
        {"name": "R9", "expect": 5},
    ):
        assert not run(COMMANDS[command], ledger=laboratory, **options).stdout


@pytest.mark.parametrize(
    "command",
    [
        "match database.csv database.csv",
        "parentage database.csv --dams dams.csv --reference range.csv",
    ],
)
def test_several_samples_are_not_recorded_as_one(laboratory, command):
    found = run(f"individual {command} {RATES}", ledger=laboratory, expect=2)
    assert "11 samples" in found.stderr


def test_standard_input_is_recorded_by_its_sum(files, laboratory):
    content = (files / "S1.csv").read_bytes()
    command = f"individual match - database.csv {RATES}"
    assert "not attached" in run(command, ledger=laboratory, text=content).stderr
    _seq, fields = last(laboratory)
    assert [one["name"] for one in fields["attachments"]] == ["database.csv"]
    sums = [one["sha256"] for one in fields["provenance"]["input"]["files"]]
    assert hashlib.sha256(content).hexdigest() in sums


def test_identify_compares_a_large_index_before_it_signs(tmp_path, library_folder, monkeypatch):
    """Without a ledger a run of one query on a large index does not; here every index is large."""
    monkeypatch.setattr("forensics.barcode.reference.library.MAX_BYTES_ALWAYS_CHECKED", 1)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "S1.fasta").write_text(f">S1\n{query()}\n")
    library = ("simulated", open_library(library_folder).sha256)
    ledger = founded(tmp_path, library, run="R1", kind="amplification")
    size, _fields = last(ledger)
    asked = f"identify S1.fasta --library {library_folder} --format json"
    (alone,) = records(typed(asked))
    assert alone["provenance"]["library"]["index"] == "not checked"
    (recorded,) = records(run(asked, ledger=ledger, name="R1"))
    assert recorded["provenance"]["library"]["index"] == "checked"

    index = library_folder / "COI" / "index.bin"
    index.write_bytes(index.read_bytes().replace(b"Fictus albus", b"Fictus niger"))
    assert records(typed(asked))[0]["taxon"] == "Fictus niger"
    refused = run(asked, ledger=ledger, name="R1", expect=4)
    assert "index.bin is not the index" in refused.stderr and not refused.stdout
    assert last(ledger)[0] == size + 1
