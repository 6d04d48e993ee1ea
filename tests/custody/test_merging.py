"""What was recorded offline enters the ledger whole, and is verified with it ever after."""

import hashlib

import pytest
from laboratory import field_ledger, row

from forensics.custody import appending, verification, verify
from forensics.custody.ledger import merge
from forensics.custody.storage import files_folder
from forensics.custody.verification import Addition
from forensics.errors import RefusedError, UsageError, VerificationError


@pytest.fixture
def field(lab, tmp_path):
    """A field ledger of a ranger with one exhibit of case C1 and a photograph."""
    with field_ledger(tmp_path / "field.db", lab.clock) as ledger:
        ledger.case(case="C1")
        exhibit = row(
            "R/1", description="tusk", quantity="4", unit="kg", kind="tusks", population="CM"
        )
        ledger.receive(case="C1", seizure_place="Camp 7", exhibits=[exhibit])
        ledger.seal(case="C1", sealed=[{"thing": "R/1", "seal": "F77"}])
        ledger.attach(case="C1", description="where it lay", attachments=[lab.photo("camp.jpg")])
        yield ledger


@pytest.fixture
def careless(monkeypatch):
    """Returns how the ledger becomes that of software which does not verify what it is about to record."""

    def be_careless():
        monkeypatch.setattr(Addition, "check_event", lambda self, _seq: self.report)

    assert appending.Addition is Addition
    return be_careless


def test_a_field_ledger_is_taken_in_with_its_own_numbers(lab, field):
    receipt = merge(lab.amina, field.path, received_from="J. Roe")
    assert receipt.fields["exhibits"] == [
        {"exhibit": "R/1", "description": "tusk", "quantity": "4", "unit": "kg", "seals": ["F77"],
         "kind": "tusks", "population": "CM"}
    ]  # fmt: skip
    assert receipt.fields["size"] == 5 and receipt.fields["field_ledger"] == field.state.ledger
    assert lab.state.things["R/1"].holder == "amina"
    copy = lab.amina.files / receipt.fields["copy"]
    assert verify(copy, files=lab.amina.files).ok
    report = lab.verify()
    assert report.ok and not report.notes and report.files == 2


def test_a_label_from_the_field_that_looks_like_ours_is_taken_and_flagged(lab, field):
    """It stands on the bag already; a rule that refused it would make people write another."""
    field.receive(case="C1", exhibits=[row("c1/1")])
    receipt = merge(lab.amina, field.path)
    assert ("LOOK-ALIKE", "c1/1 / C1/1") in [(one.code, one.about) for one in receipt.flags]
    assert lab.verify().ok


def test_a_dry_run_merges_nothing(lab, field):
    before = lab.size
    merge(lab.amina, field.path, dry_run=True)
    assert lab.size == before and not list(lab.amina.files.iterdir())


def test_it_is_merged_again_where_it_has_grown_and_only_there(lab, field):
    merge(lab.amina, field.path)
    with pytest.raises(UsageError, match="no new exhibit"):
        merge(lab.amina, field.path)
    field.receive(case="C1", exhibits=[row("R/2")])
    assert merge(lab.amina, field.path).fields["exhibits"][0]["exhibit"] == "R/2"
    assert lab.verify().ok


def test_an_exhibit_whose_name_another_thing_has_is_told_and_not_left_out_in_silence(lab, field):
    assert "C1/1" in lab.state.things
    field.receive(case="C1", exhibits=[row("C1/1")])
    receipt = merge(lab.amina, field.path)
    assert [row["exhibit"] for row in receipt.fields["exhibits"]] == ["R/1"]
    assert receipt.left_out == ("C1/1",)
    field.receive(case="C1", exhibits=[row("R/2")])
    assert merge(lab.amina, field.path).left_out == ("C1/1",)  # R/1 came with it before


def test_a_size_that_was_merged_already_is_refused(lab, field):
    receipt = merge(lab.amina, field.path)
    fields = {name: receipt.fields[name] for name in ("field_ledger", "size", "root", "copy")}
    with pytest.raises(RefusedError, match="MERGED"):
        lab.amina.merge(
            case="C1", attachments=[lab.amina.files / fields["copy"]], **fields,
            exhibits=[row("R/9")],
        )  # fmt: skip


def test_a_field_ledger_that_was_changed_is_not_merged(lab, field):
    for path in files_folder(field.path).iterdir():
        path.write_bytes(b"another photograph")
    before = lab.size
    with pytest.raises(VerificationError, match="was changed"):
        merge(lab.amina, field.path)
    assert lab.size == before


def test_a_field_ledger_of_several_cases_is_not_merged(lab, field):
    field.case(case="C2")
    with pytest.raises(UsageError, match="of one case"):
        merge(lab.amina, field.path)


def test_what_is_wrong_inside_a_merged_ledger_is_found(lab, field, careless):
    """A custodian who attaches a field ledger that nobody signed like that."""
    data = field.path
    field.close()
    copy = lab.folder.parent / "forged.db"
    copy.write_bytes(data.read_bytes().replace(b"tusk", b"horn"))
    digest = hashlib.sha256(copy.read_bytes()).hexdigest()
    said = dict(
        case="C1", field_ledger="ab" * 16, size=5, root="0" * 64, copy=digest, attachments=[copy],
        exhibits=[row("R/1")],
    )  # fmt: skip
    with pytest.raises(RefusedError, match="VERIFIES.*field ledger in it is wrong"):
        lab.amina.merge(**said)
    careless()
    receipt = lab.amina.merge(**said)
    report = lab.verify()
    assert report.first.seq == receipt.seq and "field ledger in it is wrong" in report.first.what


def test_a_merged_ledger_is_the_one_that_is_named(lab, field, careless):
    first = merge(lab.amina, field.path)
    said = dict(
        case="C1", field_ledger=field.state.ledger, size=6, root="0" * 64,
        copy=first.fields["copy"], attachments=[lab.amina.files / first.fields["copy"]],
        exhibits=[row("R/2")],
    )  # fmt: skip
    with pytest.raises(RefusedError, match="VERIFIES.*not the one that it names"):
        lab.amina.merge(**said)
    careless()
    receipt = lab.amina.merge(**said)
    report = lab.verify()
    assert report.first.seq == receipt.seq and "not the one that it names" in report.first.what


@pytest.mark.parametrize("dry_run", [False, True])
def test_field_ledgers_inside_one_another_are_taken_in_as_deep_as_they_are_verified(
    lab, tmp_path, monkeypatch, dry_run
):
    """One more would leave the ledger of the laboratory unverifiable for ever, and without a backup."""
    monkeypatch.setattr(verification, "MAX_NESTED_LEDGERS", 3)

    def nested(levels):
        inner = None
        for level in range(levels):
            path = tmp_path / f"{levels}-{level}.db"
            with field_ledger(path, lab.clock) as ledger:
                ledger.case(case="C1")
                ledger.receive(case="C1", exhibits=[row(f"R/{levels}-{level}")])
                if inner:
                    merge(ledger, inner)
            inner = path
        report = verify(inner)
        assert report.ok and report.nested == levels - 1
        return inner

    merge(lab.amina, nested(3))
    assert lab.verify().ok and lab.verify().nested == 3
    before, kept = lab.size, sorted(lab.amina.files.iterdir())
    with pytest.raises(RefusedError, match="VERIFIES.*nested deeper than 3"):
        merge(lab.amina, nested(4), dry_run=dry_run)
    assert lab.size == before and sorted(lab.amina.files.iterdir()) == kept
    assert lab.verify().ok
    lab.amina.backup(tmp_path / "backup.db")


def test_a_file_of_a_field_ledger_is_erased_by_order(lab, field):
    receipt = merge(lab.amina, field.path)
    (digest,) = {entry["sha256"] for entry in receipt.fields["attachments"]} - {
        receipt.fields["copy"]
    }
    lab.erased(receipt.seq, files=[digest])
    assert not (lab.amina.files / digest).exists()
    assert lab.verify().ok
