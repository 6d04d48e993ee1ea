"""The command line of custody: a case told by commands, and what happens when something is wrong."""

import json
import os
import shutil
import zipfile

import click
import openpyxl
import pytest
from click.testing import CliRunner

from forensics.cli import main
from forensics.cli.custody import custody
from forensics.custody import keys, open_ledger, verify
from forensics.custody.keys import PublicKey
from forensics.custody.registry import TYPES
from forensics.store import connections

PASSPHRASE = "correct horse battery"


@pytest.fixture(scope="module", autouse=True)
def _quick():
    kept, least = connections.PRAGMAS, keys.Cost.__init__.__defaults__
    connections.PRAGMAS = ("synchronous=OFF", *kept[1:])
    keys.Cost.__init__.__defaults__ = (19 * 1024, 2, 1)
    yield
    connections.PRAGMAS, keys.Cost.__init__.__defaults__ = kept, least


class Office:
    """A folder with a ledger, and the command line as its people use it."""

    def __init__(self, folder):
        self.folder, self.ledger = folder, folder / "lab.db"

    def run(self, *arguments, signs=True, text=PASSPHRASE, expect=0, ledger=True, new=False):
        descriptors = []
        arguments = [str(argument) for argument in ("custody", *arguments)]
        for option, wanted in (("--passphrase-fd", signs), ("--new-passphrase-fd", new)):
            if wanted:
                read, write = os.pipe()
                os.write(write, f"{text}\n".encode())
                os.close(write)
                descriptors.append(read)
                arguments += [option, str(read)]
        environment = {"FORENSICS_LEDGER": str(self.ledger)} if ledger else {}
        try:
            result = CliRunner().invoke(main, arguments, env=environment)
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        assert result.exit_code == expect, result.output
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def read(self, *arguments, **options):
        return self.run(*arguments, signs=False, **options)


@pytest.fixture(scope="module")
def _opened(tmp_path_factory):
    office = Office(tmp_path_factory.mktemp("office"))
    office.run(
        "init", office.ledger, "--laboratory", "Simulated laboratory", "--person", "amina", "--name",
        "Amina Dupré", signs=False, new=True,
    )  # fmt: skip
    office.run("enrol", "bruno", "--name", "Bruno", "--role", "analyst", "--role", "custodian",
               "--role", "manager", "--as", "amina", new=True)  # fmt: skip
    office.run("case", "C1", "--agency", "Customs", "--as", "amina")
    office.run("location", "safe", "--as", "amina")
    office.run(
        "receive", "C1", "--exhibit", "C1/1", "--description", "horn", "--quantity", "120,5", "--unit",
        "g", "--seal", "A1", "--seal", "A2", "--seizure-place", "Quay 4", "--as", "amina",
    )  # fmt: skip
    return office


@pytest.fixture
def office(_opened, tmp_path):
    shutil.copytree(_opened.folder, tmp_path / "office")
    return Office(tmp_path / "office")


def test_what_was_typed_stands_in_the_ledger(office):
    with open_ledger(office.ledger) as ledger:
        event = ledger.event(5)
    assert event.fields["exhibits"] == [
        {"exhibit": "C1/1", "description": "horn", "quantity": "120.5", "unit": "g",
         "seals": ["A1", "A2"]}
    ]  # fmt: skip
    assert event.fields["case"] == "C1" and event.fields["actor"] == "amina"


def test_a_hand_over_by_two_people(office):
    result = office.run("offer", "C1/1", "--to", "bruno", "--as", "amina")
    assert "event 6 (offer) recorded   ledger 6 · " in result.stdout
    result = office.run("accept", "C1/1", "--seal", "A1", "--as", "bruno")
    assert "flagged SEAL-MISMATCH" in result.stderr
    found = office.run("store", "C1/1", "--location", "safe", "--as", "bruno", "--format", "json")
    found = json.loads(found.stdout)
    assert found["event"] == 8 and found["recorded"] and found["flags"] == []


def test_a_refused_act_says_its_rule_and_ends_with_5(office):
    result = office.run("offer", "C1/1", "--to", "amina", "--as", "amina", expect=5)
    assert result.stderr == "Error: refused by rule SELF: amina has it already.\n"
    assert not result.stdout


def test_a_dry_run_records_nothing(office):
    result = office.run("offer", "C1/1", "--to", "bruno", "--as", "amina", "--dry-run")
    assert result.stdout == "dry run: event 6 (offer) would be recorded; nothing was\n"
    office.run("offer", "C1/1", "--to", "amina", "--as", "amina", "--dry-run", expect=5)
    with open_ledger(office.ledger) as ledger:
        assert ledger.size == 5


def test_samples_from_opening_to_disposal(office):
    photo = office.folder / "photo.jpg"
    photo.write_bytes(b"simulated photograph")
    office.run("offer", "C1/1", "--to", "bruno", "--as", "amina")
    office.run("accept", "C1/1", "--as", "bruno")
    office.run("open", "C1/1", "--condition", "good", "--as", "bruno")
    office.run(
        "split", "C1/1", "--sample", "S1", "--quantity", "10", "--unit", "g", "--as", "bruno"
    )
    office.run(
        "consume", "S1", "--quantity", "2", "--unit", "g", "--used-for", "DNA", "--as", "bruno"
    )
    office.run("return", "S1", "--quantity", "8", "--unit", "g", "--as", "bruno")
    office.run(
        "seal", "C1/1", "--seal", "Z1", "--condition", "good", "--attach", photo, "--as", "bruno"
    )
    office.run("offer", "C1/1", "--to", "amina", "--as", "bruno")
    office.run("accept", "C1/1", "--as", "amina")
    office.run("dispose", "C1/1", "--method", "burnt", "--as", "amina", expect=5)
    seq = json.loads(
        office.run(
            "authorise",
            "dispose",
            "--case",
            "C1",
            "--thing",
            "C1/1",
            "--content",
            "method=burnt",
            "--reason",
            "final",
            "--as",
            "bruno",
            "--format",
            "json",
        ).stdout  # fmt: skip
    )["event"]
    office.run("dispose", "C1/1", "--method", "burnt", "--authorisation", seq, "--as", "amina")
    assert verify(office.ledger).ok
    assert "amina: dispose" in office.read("log", "C1").stdout


def test_a_run_with_controls_and_lots(office):
    office.run(
        "run", "R1", "--kind", "amplification", "--controls",
        "control=NTC,kind=negative,result=passed", "--controls", "control=POS,kind=positive",
        "--lots", "reagent=polymerase,lot=77", "--as", "bruno",
    )  # fmt: skip
    office.run("control", "R1", "--control", "POS", "--result", "passed", "--as", "bruno")
    with open_ledger(office.ledger) as ledger:
        assert ledger.state.runs["R1"].controls == {
            "NTC": ("negative", "passed"), "POS": ("positive", "passed"),
        }  # fmt: skip
    result = office.run(
        "run", "R2", "--kind", "other", "--controls", "x", "--as", "bruno", expect=2
    )
    assert "expected name=value" in result.stderr


def test_a_time_says_its_zone(office):
    result = office.run("case", "C2", "--at", "2026-03-01T08:00", "--as", "amina", expect=3)
    assert "does not say its zone" in result.stderr
    result = office.run("case", "C2", "--at", "yesterday", "--as", "amina", expect=2)
    assert "Error: --at: The time 'yesterday' is not written as" in result.stderr
    result = office.run("case", "C2", "--at", "2026-03-01T10:00+02:00", "--as", "amina", expect=5)
    assert "LATE-REASON" in result.stderr
    office.run("case", "C2", "--at", "2026-03-01T10:00+02:00", "--late-reason", "power cut", "--as",
               "amina")  # fmt: skip
    with open_ledger(office.ledger) as ledger:
        assert ledger.event(6).fields["occurred_at"] == "2026-03-01T08:00:00.000000Z"


def test_what_is_missing_is_told_where_nobody_can_be_asked(office):
    result = office.run("offer", "C1/1", "--as", "amina", expect=2)
    assert "Give --to: Person to whom." in result.stderr


def test_what_is_missing_is_asked_at_a_terminal(office, monkeypatch):
    from forensics.cli import custody_acts

    asked = []

    def prompt(text, **_options):
        asked.append(text)
        return "bruno"

    monkeypatch.setattr(custody_acts, "_at_a_terminal", lambda: True)
    monkeypatch.setattr(custody_acts.click, "prompt", prompt)
    office.run("offer", "C1/1", "--as", "amina")
    assert asked == ["Person to whom"]
    answers = iter(["C1/2", "tooth", "1", "pieces"])
    monkeypatch.setattr(custody_acts.click, "prompt", lambda *_text, **_options: next(answers))
    office.run("receive", "C1", "--as", "amina")
    answers = iter(["C1/2", "safe"])  # the case follows from the thing
    office.run("store", "--as", "amina")
    with open_ledger(office.ledger) as ledger:
        assert ledger.state.things["C1/2"].location == "safe"


def test_text_is_normalised_as_it_is_typed(office):
    office.run("case", "C2", "--title", "e\u0301tage", "--as", "amina")
    with open_ledger(office.ledger) as ledger:
        assert ledger.event(6).fields["title"] == "\u00e9tage"


# -- keys and passphrases -----------------------------------------------------------------


def test_a_wrong_passphrase_ends_with_4(office):
    result = office.run("case", "C2", "--as", "amina", text="wrong horse battery", expect=4)
    assert "wrong passphrase" in result.stderr


def test_who_acts_must_be_said_where_there_are_several_keys(office):
    result = office.run("case", "C2", expect=2)
    assert "--as PERSON" in result.stderr
    office.run("case", "C2", "--key", office.folder / "lab.db.keys" / "amina.key")


def test_no_option_takes_a_passphrase(office):
    context = click.Context(custody)
    for name in custody.list_commands(context):
        for parameter in custody.get_command(context, name).params:
            assert "passphrase" not in parameter.name or parameter.name.endswith("_fd")
            assert not parameter.envvar or parameter.envvar == "FORENSICS_LEDGER"


def test_a_short_passphrase_makes_no_key_and_no_ledger(tmp_path):
    office = Office(tmp_path)
    office.run("init", office.ledger, "--laboratory", "L", "--person", "a", "--name", "A",
               signs=False, new=True, text="short", expect=2)  # fmt: skip
    assert not office.ledger.exists() and not list(tmp_path.rglob("*.key"))


def test_a_refused_beginning_leaves_no_key(tmp_path):
    office = Office(tmp_path)
    office.run("init", office.ledger, "--laboratory", "L", "--person", "a", "--name", "A",
               "--role", "analyst", signs=False, new=True, expect=5)  # fmt: skip
    assert not office.ledger.exists() and not list(tmp_path.rglob("*.key"))


def test_a_policy_is_set_at_the_beginning_and_changed(tmp_path):
    office = Office(tmp_path)
    office.run("init", office.ledger, "--laboratory", "L", "--person", "a", "--name", "A",
               "--policy", "use_share=0.4", "--policy", "storage_witness=yes",
               "--policy", "extraction_controls=blank;negative", signs=False, new=True)  # fmt: skip
    office.run("policy", "--policy", "late_hours=48", "--reason", "x", expect=5)  # laxer: by two
    office.run("policy", "--policy", "late_hours=12", "--reason", "x")
    with open_ledger(office.ledger) as ledger:
        policy = ledger.state.policy
    assert policy["use_share"] == "0.4" and policy["storage_witness"] is True
    assert policy["extraction_controls"] == ["blank", "negative"] and policy["late_hours"] == 12


def test_a_policy_is_relaxed_as_a_second_person_has_agreed(office):
    said = ("--content", "policy=review=no,late_hours=48", "--content", "reason=one analyst ill")
    result = office.run("authorise", "policy", *said, "--reason", "until May", "--as", "bruno")
    assert result.stderr.splitlines() == [
        "You approve “policy” (no case) with exactly this content:",
        '  policy: {"review": false, "late_hours": 48}',
        "  reason: one analyst ill",
    ]
    change = ("policy", "--policy", "review=no", "--reason", "one analyst ill")
    result = office.run(*change, "--authorisation", "6", "--as", "amina", expect=5)
    assert 'Approved: policy: {"late_hours": 48, "review": false}.' in result.stderr
    assert 'Attempted: policy: {"review": false}.' in result.stderr
    result = office.run(
        *change, "--policy", "late_hours=48", "--authorisation", "6", "--as", "amina"
    )
    assert "flagged POLICY-RELAXED: review" in result.stderr
    assert verify(office.ledger).ok


@pytest.mark.parametrize(
    "content, what",
    [
        (("colour=red",), "with the names method, order"),
        (("method",), "with the names method, order"),
        (("method=burnt", "method=buried"), "method is given 2 times"),
        (("method= ",), "--method: found ''"),
    ],
)
def test_what_is_approved_is_read_as_the_act_reads_it(office, content, what):
    said = [part for one in content for part in ("--content", one)]
    result = office.run(
        "authorise", "dispose", "--case", "C1", "--thing", "C1/1", *said, "--reason", "x", "--as",
        "bruno", expect=2,
    )  # fmt: skip
    assert what in result.stderr


def test_rows_can_be_approved(office):
    result = office.run(
        "authorise", "split", "--case", "C1", "--thing", "C1/1", "--content",
        "samples=sample=S1,quantity=10,unit=g", "--content", "samples=sample=S2,quantity=1,unit=g",
        "--reason", "x", "--as", "bruno",
    )  # fmt: skip
    assert '[{"sample": "S1", "quantity": "10", "unit": "g"}, {"sample": "S2",' in result.stderr


def test_a_key_made_elsewhere_is_enrolled_by_request(office):
    path = office.folder / "chen.key"
    office.run("key", "chen", "--output", path, signs=False, new=True)
    office.run("enrol", "dora", "--name", "D", "--role", "outside", "--request",
               f"{path}.request", "--as", "amina", expect=2)  # fmt: skip
    office.run("enrol", "chen", "--name", "Chen", "--role", "reviewer", "--request",
               f"{path}.request", "--as", "amina")  # fmt: skip
    office.run("attach", "C1", "--description", "x", "--attach", f"{path}.request", "--key", path)


def test_an_officer_without_a_key_signs_a_form(office):
    office.run(
        "enrol", "officer", "--name", "J. Roe", "--role", "outside", "--no-key", "--as", "amina"
    )
    office.run("offer", "C1/1", "--to", "officer", "--as", "amina", expect=5)
    office.run("offer", "C1/1", "--to", "officer", "--paper", "F-1", "--as", "amina")
    photo = office.folder / "form.jpg"
    photo.write_bytes(b"simulated photograph of a form")
    office.run("accept", "C1/1", "--on-behalf-of", "officer", "--paper", "F-1", "--attach", photo,
               "--as", "bruno")  # fmt: skip
    assert "PAPER" in office.read("review", "C1").stdout


def test_a_form_has_seals_and_fingerprint(office):
    form = office.folder / "form.html"
    office.read("form", "C1/1", "--paper", "F-1", "--output", form)
    text = form.read_text(encoding="utf-8")
    assert "A1, A2" in text and "F-1" in text and "120.5 g" in text
    assert office.read("head").stdout.strip() in text
    office.read("form", "--paper", "F-2", "--output", form)
    office.read("form", "C9", "--paper", "F-2", "--output", form, expect=2)
    office.read("form", "--paper", "F-2", "--output", office.folder / "form.doc", expect=2)


def test_a_key_is_rotated_and_the_old_one_signs_no_more(office):
    office.run("rotate", "--as", "bruno", new=True)
    names = sorted(path.name for path in (office.folder / "lab.db.keys").iterdir())
    assert names[0] == "amina.key" and names[1] == "bruno.key" and ".ended-" in names[2]
    office.run("run", "R1", "--kind", "other", "--as", "bruno")
    old = office.folder / "lab.db.keys" / names[2]
    result = office.run("run", "R2", "--kind", "other", "--key", old, expect=5)
    assert "KEY-ENDED" in result.stderr


def test_a_forgotten_passphrase_takes_two_others(office):
    office.run("enrol", "chen", "--name", "C", "--role", "manager", "--as", "amina", new=True)
    made = {name: office.folder / f"{name}.key" for name in ("his", "hers")}
    for path in made.values():
        office.run("key", "bruno", "--output", path, signs=False, new=True)
    requests = {name: path.with_name(f"{path.name}.request") for name, path in made.items()}
    again = ("reenrol", "bruno", "--reason", "forgotten", "--as", "amina", "--request")
    office.run(*again[:-1], expect=2)
    office.run(*again, requests["his"], expect=5)
    agree = ("authorise", "reenrol", "--subject", "bruno", "--reason", "x", "--as", "chen")
    result = office.run(*agree, expect=5)
    assert "Say what is approved of “reenrol” (--content NAME=VALUE): public_key" in result.stderr
    office.run(*agree, "--content", "public_key=nothing", expect=2)
    result = office.run(*agree, "--content", f"public_key={requests['his']}")
    key = json.loads(requests["his"].read_text(encoding="utf-8"))["public_key"]
    key_id = PublicKey.from_text(key).id
    assert result.stderr.splitlines() == [
        "You approve “reenrol” (bruno) with exactly this content:",
        f"  public_key: {key} (key id {key_id}; ask its owner)",
    ]
    result = office.run(*again, requests["hers"], "--authorisation", "7", expect=5)
    assert (
        "AUTHORISATION-CONTENT" in result.stderr and f"Approved: public_key: {key}" in result.stderr
    )
    office.run(*again, requests["his"], "--authorisation", "7")
    office.run("run", "R1", "--kind", "other", "--key", made["his"])
    assert verify(office.ledger).ok


# -- lists ------------------------------------------------------------------------------

ROWS = [
    ["exhibit", "description", "quantity", "unit", "seals"],
    ["C1/10", "écaille", "1,5", "g", "S10; S11"],
    ["C1/11", "scale", "2", "g", ""],
]


def write_list(path, rows):
    if path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(path)
    else:
        encoding = "cp1252" if "windows" in path.name else "utf-8-sig"
        separator = "\t" if "tab" in path.name else ";"
        path.write_text("\n".join(separator.join(map(str, row)) for row in rows), encoding=encoding)
        if separator == ";":  # a cell that holds the separator is quoted
            text = "\n".join(
                ";".join(f'"{cell}"' if ";" in str(cell) else str(cell) for cell in row)
                for row in rows
            )
            path.write_text(text, encoding=encoding)
    return path


@pytest.mark.parametrize("name", ["list.csv", "windows.csv", "tab.tsv", "list.xlsx"])
def test_a_list_is_received_as_one_act(office, name):
    path = write_list(office.folder / name, ROWS)
    office.run("receive", "C1", "--list", path, "--as", "amina", "--dry-run")
    office.run("receive", "C1", "--list", path, "--as", "amina")
    with open_ledger(office.ledger) as ledger:
        assert ledger.size == 6
        assert ledger.event(6).fields["exhibits"] == [
            {"exhibit": "C1/10", "description": "écaille", "quantity": "1.5", "unit": "g",
             "seals": ["S10", "S11"]},
            {"exhibit": "C1/11", "description": "scale", "quantity": "2", "unit": "g"},
        ]  # fmt: skip


@pytest.mark.parametrize(
    "row, text",
    [
        (["C1/12", "x", "much", "g", ""], "line 4: quantity: found 'much'"),
        (["C1/12", "x", "1", "stones", ""], "line 4: unit"),
        (["C1/12", "", "1", "g", ""], "line 4: description is missing"),
        (["C1/12", "x", "1", "g", "", "more"], "line 4: More cells"),
    ],
)
def test_a_list_is_taken_whole_or_not_at_all(office, row, text):
    path = write_list(office.folder / "list.csv", [*ROWS, row])
    result = office.run("receive", "C1", "--list", path, "--as", "amina", expect=3)
    assert text in result.stderr
    with open_ledger(office.ledger) as ledger:
        assert ledger.size == 5


@pytest.mark.parametrize(
    "content, text",
    [
        (b"", "no rows"),
        (b"exhibit,colour\n1,red\n", "The columns are"),
        (b"\x00\x01\x02", "no table of text"),
        (b"PK\x03\x04garbage", "cannot be read"),
    ],
)
def test_what_is_no_list_is_told(office, content, text):
    path = office.folder / "list"
    path.write_bytes(content)
    result = office.run("receive", "C1", "--list", path, "--as", "amina", expect=3)
    assert text in result.stderr


# -- checking and taking out ----------------------------------------------------------------


def test_verify_says_what_was_checked(office):
    result = office.read("verify", office.ledger, ledger=False)
    assert "5 events, 0 attached files and 0 heads verified" in result.stdout
    assert "no head from elsewhere" in result.stdout
    found = json.loads(office.read("verify", office.ledger, "--format", "json").stdout)
    assert found["ok"] and found["size"] == 5


def test_verify_ends_with_4_and_names_the_first_bad_event(office):
    data = office.ledger.read_bytes()
    assert data.count(b"horn")
    office.ledger.write_bytes(data.replace(b"horn", b"hoof"))
    result = office.read("verify", office.ledger, expect=4)
    assert "First: event 5: field exhibits is not what was signed" in result.stderr


def test_a_fingerprint_on_an_old_label_proves_that_the_ledger_only_grew(office):
    label = office.folder / "label.svg"
    office.read("label", "C1/1", "--output", label)
    printed = office.read("head").stdout.strip()
    assert printed in label.read_text(encoding="utf-8") and "A1, A2" in label.read_text()
    office.run("case", "C2", "--as", "amina")
    office.read("verify", office.ledger, "--fingerprint", printed)
    other = printed[:-1] + ("0" if printed[-1] != "0" else "1")
    assert "fork" in office.read("verify", office.ledger, "--fingerprint", other, expect=4).stdout
    office.read("label", "C1/1", "--output", office.folder / "label.png")
    assert (office.folder / "label.png").read_bytes().startswith(b"\x89PNG")
    office.read("label", "C1/1", "--output", office.folder / "label.gif", expect=2)
    office.read("label", "C9", "--output", label, expect=2)


def test_a_witness_countersigns_and_finds_a_rollback(office):
    head, signed = office.folder / "a.head", office.folder / "b.head"
    office.read("backup", office.folder / "old.db")
    office.run("head", "--output", head, "--as", "amina")
    witness = ("witness", head, "--name", "Court", "--key", office.folder / "court.key", "--seen",
               office.folder / "court.seen", "--output", signed)  # fmt: skip
    office.run(*witness, "--new")
    office.read("head", "--import", signed)
    office.run("case", "C2", "--as", "amina")
    # The laboratory could have made that key too: it counts for who has it from the court itself.
    named = ("--witness-key", office.folder / "court.key")
    assert "witnessed by" not in office.read("log", "C1").stdout
    assert "witnessed by" in office.read("log", "C1", *named).stdout
    result = office.read("verify", office.ledger, "--head", signed, "--seen",
                         office.folder / "court.seen", *named)  # fmt: skip
    assert "4 heads verified" in result.stdout
    office.run("head", "--output", office.folder / "c.head", "--as", "amina")
    old = office.folder / "old.db"
    result = office.read("verify", old, "--head", office.folder / "c.head", expect=4)
    assert "rollback" in result.stdout
    office.read("restore", old, "--head", office.folder / "c.head", "--ledger",
                office.folder / "new.db", expect=4)  # fmt: skip
    assert not (office.folder / "new.db").exists()
    office.read("restore", old, "--ledger", office.folder / "new.db")
    assert verify(office.folder / "new.db").ok


def test_a_case_is_disclosed_and_the_disclosure_is_recorded(office, tmp_path):
    bundle = office.folder / "bundle.zip"
    office.run("disclose", "C1", "--output", bundle, "--recipient", "Counsel", "--withhold",
               "seizure_place", "--why", "protection", "--as", "amina")  # fmt: skip
    with zipfile.ZipFile(bundle) as archive:
        text = archive.read("bundle.json").decode()
    assert "horn" in text and "Quay 4" not in text
    with open_ledger(office.ledger) as ledger:
        tally, event = ledger.event(6), ledger.event(7)
        assert tally.type == "tally" and tally.fields["rests_on"] == [1, 2]
        assert event.type == "disclose" and event.fields["size"] == 6
    assert verify(office.ledger).ok
    office.run("disclose", "C9", "--output", office.folder / "x.zip", "--recipient", "x", "--as",
               "amina", expect=2)  # fmt: skip


def test_a_bundle_leaves_out_single_events_and_files(office):
    photo = office.folder / "face.jpg"
    photo.write_bytes(b"simulated face")
    seq = 6
    office.run("attach", "C1", "--description", "as found", "--attach", photo, "--as", "amina")
    result = office.run(
        "disclose", "C1", "--output", office.folder / "b.zip", "--recipient", "Counsel",
        "--withhold", f"{seq}:description", "--withhold-event", 5, "--withhold-attachment",
        "face.jpg", "--why", "order 3", "--as", "amina",
    )  # fmt: skip
    assert "1 files withheld" in result.stdout
    with zipfile.ZipFile(office.folder / "b.zip") as archive:
        text = archive.read("bundle.json").decode()
        assert not [name for name in archive.namelist() if name.startswith("attachments/")]
    assert "face.jpg" in text and "as found" not in text and "Quay 4" not in text
    for option in (("--withhold-attachment", "no.jpg"), ("--open", "6:description")):
        office.run("disclose", "C1", "--output", office.folder / "c.zip", "--recipient", "x",
                   *option, "--as", "amina", expect=2)  # fmt: skip
    assert not (office.folder / "c.zip").exists()


def test_an_export_as_csv_and_as_case_uco(office):
    office.run("case", "=1+1", "--as", "amina", expect=2)
    lines = office.read("export").stdout.splitlines()
    assert len(lines) == 6 and lines[0].startswith("event,recorded_at,occurred_at,type,actor,case")
    graph = json.loads(office.read("export", "C1", "--format", "case-uco").stdout)["@graph"]
    kinds = [node["@type"] for node in graph]
    assert kinds.count("case-investigation:InvestigativeAction") == 2
    assert kinds.count("case-investigation:ProvenanceRecord") == 1
    known = {node["@id"] for node in graph}
    assert len(known) == len(graph)
    for node in graph:
        for value in node.values():
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, dict) and "@id" in one:
                    assert one["@id"] in known
    office.read("export", "--format", "case-uco", expect=2)
    view = office.read("export", "--view", "exhibits").stdout
    assert view.startswith("seq,case_id,") and "horn" in view
    assert office.read("export", "--view", "samples").stdout.count("\n") == 1
    office.read("export", "--view", "nothing", expect=2)
    office.read("export", "C1", "--view", "exhibits", expect=2)
    office.read("export", "C9", expect=2)


def test_an_identification_is_refused_before_the_work_begins(office):
    fasta = office.folder / "S1.fasta"
    fasta.write_text(">S1\nACGT\n")
    identify = ["identify", str(fasta), "--ledger", str(office.ledger)]
    descriptor, write = os.pipe()
    os.write(write, f"{PASSPHRASE}\n".encode())
    os.close(write)
    for more, code in (
        ([], 2),
        (["--sample", "S9", "--as", "bruno"], 2),
        (["--sample", "C1/1", "--as", "bruno", "--passphrase-fd", str(descriptor)], 5),
    ):
        result = CliRunner().invoke(main, [*identify, *more])
        assert result.exit_code == code, result.output
        assert not result.stdout
    os.close(descriptor)


def test_every_type_of_event_has_a_command():
    context = click.Context(custody)
    names = custody.list_commands(context)
    assert set(TYPES) - set(names) == {"tally"}  # which disclose records
    assert custody.get_command(context, "tally") is None
    for name in names:
        command = custody.get_command(context, name)
        assert command.name == name
        assert "Example" in command.help


def test_a_ledger_that_is_not_there_is_told(tmp_path):
    office = Office(tmp_path)
    result = office.read("log", expect=3)
    assert "no ledger here" in result.stderr
