"""A value that a court had erased after a report was built: it can no longer be compared."""

import functools
import json

import pytest
import training_case
from click.testing import CliRunner
from training_case import as_person

from forensics.cli import main
from forensics.demonstration import CASE

NAME = "Officer J. Roe"


@pytest.fixture
def erase(case):
    """Erase fields of an event by order of a court, agreed by a second person."""

    def erase(seq, *names):
        said = {"erased": list(names), "order": "Court order 7/2026", "reason": "protection"}
        about = {"act": "erase", "case": CASE, "subject": str(seq)}
        with as_person(case, "amina") as amina:
            agreed = amina.authorise(**about, content=said, reason="ordered").seq
        with as_person(case, "chen") as chen:
            return chen.erase(case=CASE, event=seq, authorisation=agreed, **said).seq

    return erase


@pytest.fixture
def compared(case, embedded):
    return functools.partial(training_case.compared, case, [embedded])


def received(statement):
    return statement["exhibits"][0]["event"]


def test_what_was_erased_is_named_with_its_order_and_not_false(statement, erase, compared):
    assert statement["exhibits"][0]["received_from"] == NAME
    order = erase(received(statement), "received_from")
    problems = {problem.field: problem for problem in compared(statement)}
    assert {problem.code for problem in problems.values()} == {"GROWN", "ERASED"}
    problem = problems["exhibits.0.received_from"]
    assert problem.found == f"erased by order, event {order}" and not problem.refuses
    assert NAME not in str(problem)


def test_what_stands_beside_an_erased_value_is_still_compared(statement, erase, compared):
    erase(received(statement), "received_from")
    statement["exhibits"][0]["seizure_place"] = "Quay 5"
    codes = {problem.field: problem.code for problem in compared(statement)}
    assert codes["exhibits.0.seizure_place"] == "FALSE"
    assert codes["exhibits.0.received_from"] == "ERASED"


def test_a_value_where_none_ever_stood_is_false(statement, erase, compared):
    erase(received(statement), "received_from")
    statement["exhibits"][0]["gone"] = "disposed"
    codes = {problem.field: problem.code for problem in compared(statement)}
    assert codes["exhibits.0.gone"] == "FALSE"


def test_without_an_erasure_another_name_is_false(statement, compared):
    statement["exhibits"][0]["received_from"] = "Officer X"
    (problem,) = [one for one in compared(statement) if one.field == "exhibits.0.received_from"]
    assert problem.code == "FALSE" and problem.refuses


def run(case, *options):
    arguments = ["report", "check", str(case / "report.json"), "--ledger",
                 str(case / "laboratory.db"), "--details", str(case / "details.toml")]  # fmt: skip
    return CliRunner().invoke(main, [*arguments, *options])


def test_a_check_that_could_not_compare_everything_leaves_with_3(case, statement, erase):
    (case / "report.json").write_text(json.dumps(statement), encoding="utf-8")
    refused = run(case)
    order = erase(received(statement), "received_from")
    result = run(case)
    assert result.exit_code == 3, result.output
    assert f"erased by order, event {order}" in result.output and "FALSE" not in result.output
    assert "could not be compared" in result.output and NAME not in result.output
    stored = json.loads(run(case, "--format", "json").stdout)
    assert stored["compared_with_ledger"] is True
    assert stored["not_checked"] == ["exhibits.0.received_from"]
    assert refused.exit_code == 0


def test_a_check_that_finds_something_false_besides_leaves_with_4(case, statement, erase):
    erase(received(statement), "received_from")
    statement["exhibits"][0]["quantity"] = "1"
    (case / "report.json").write_text(json.dumps(statement), encoding="utf-8")
    assert run(case).exit_code == 4
