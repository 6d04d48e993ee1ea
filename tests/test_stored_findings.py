"""The findings of a ledger are read back as results, and only of a ledger that holds."""

import sqlite3
from contextlib import closing

import pytest
from laboratory import _founded, lab  # noqa: F401
from simulation import SPECIES, query

import forensics
from forensics.custody import record_identification
from forensics.errors import InputError, VerificationError
from forensics.stored_findings import LedgerFindings


@pytest.fixture
def examined(lab, library):  # noqa: F811
    """A laboratory with two findings: an identification, and one that a person wrote."""
    lab.sampled()
    lab.run(NTC="passed", POS="passed")
    lab.amina.validate(
        library=library.sha256, name="simulated", scope="none", attachments=[lab.photo("v.pdf")]
    )
    (result,) = forensics.identify(f">S1\n{query()}\n", library=library)
    first = record_identification(lab.bruno, "S1", result, runs=["R1"]).seq
    second = lab.bruno.finding(
        case="C1", thing="S1", kind="morphology", result="two horns, one above the other"
    ).seq
    lab.close()
    return lab, result, first, second


def test_results_are_what_was_recorded(examined):
    laboratory, result, first, second = examined
    before = laboratory.path.read_bytes()
    findings = forensics.read_results(laboratory.path)
    assert isinstance(findings, LedgerFindings)
    (again,) = findings
    assert isinstance(again, forensics.Identification)
    assert (again.taxon, again.headline()) == (SPECIES[0], result.headline())
    assert again.to_row() == result.to_row()
    (finding,) = findings.findings
    assert (finding.event, finding.case, finding.sample) == (first, "C1", "S1")
    assert findings.size == laboratory.size
    assert findings.fingerprint == str(laboratory.verify().fingerprint)
    assert laboratory.path.read_bytes() == before
    assert findings[:1] == (again,)


def test_what_cannot_be_read_back_is_named_and_not_lost(examined):
    laboratory, _result, first, second = examined
    findings = forensics.read_results(laboratory.path)
    (unread,) = findings.unread
    assert (unread.event, unread.sample, unread.kind) == (second, "S1", "morphology")
    assert "no result of this package" in unread.reason
    assert repr(findings).endswith(
        f"1 finding of {laboratory.path}; not read: {second}>".lstrip("<")
    )
    frame = findings.to_frame()
    assert frame["event"].tolist() == [first, second]
    assert frame["unread"].notna().tolist() == [False, True]
    assert SPECIES[0] in frame["result"][0]


def test_corrections_are_named_and_change_no_result(examined):
    laboratory, result, first, _second = examined
    said = {"field": "runs", "old": ["R1"], "new": [], "reason": "misread"}
    agreed = laboratory.authorise("correct", subject=str(first), content=said)
    correction = laboratory.amina.correct(case="C1", event=first, authorisation=agreed, **said).seq
    laboratory.close()
    (finding,) = forensics.read_results(laboratory.path).findings
    assert finding.corrections == (correction,)
    assert finding.result.to_row() == result.to_row()


def test_a_ledger_that_does_not_hold_is_refused(examined):
    laboratory, _result, first, _second = examined
    with closing(sqlite3.connect(laboratory.path, isolation_level=None)) as connection:
        triggers = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        for name, _sql in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        changed = connection.execute(
            "UPDATE openings SET value = replace(value, ?, 'Felis catus') WHERE seq = ? "
            "AND name = 'result'",
            (SPECIES[0], first),
        ).rowcount
        for _name, sql in triggers:
            connection.execute(sql)
    assert changed == 1
    with pytest.raises(VerificationError, match=f"event {first}"):
        forensics.read_results(laboratory.path)


def test_a_database_that_is_no_ledger_is_refused(tmp_path):
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE birds (name TEXT)")
        connection.commit()
    with pytest.raises(VerificationError):
        forensics.read_results(tmp_path / "other.db")
    with pytest.raises(InputError, match="there is no such file"):
        forensics.read_results(tmp_path / "none.db")
