"""Records are set aside with a reason, never deleted, and counted again when somebody says so."""

import pytest

from forensics.errors import InputError, UsageError
from forensics.trade import fix, import_file, records, validate
from forensics.trade.decisions import Fix, accept, decide, uncounted
from forensics.trade.exchange import FORMATS, export_seizures
from forensics.trade.linking import Links, link
from forensics.trade.record import ASIDE, COUNTED
from forensics.trade.seizures import open_seizures
from forensics.trade.store import create_store

CSV = """Reference,Date,Species,Term,Quantity,Unit,Country,Destination
R1,2025-03-01,Loxodonta africana,TUS,300,kg,KE,CN
R1,2025-03-01,Loxodonta africana,IVC,5,kg,KE,CN
R2,2025-04-01,Loxodonta africana,TUS,351,kg,KE,CN
Total,2025,Loxodonta africana,TUS,651,kg,KE,CN
"""


@pytest.fixture
def store(tmp_path):
    (tmp_path / "s.csv").write_text(CSV)
    with create_store(tmp_path / "s.db") as made:
        import_file(made, tmp_path / "s.csv")
        yield made


def numbers(store):
    return [one.id for one in store.seizures()]


def test_what_is_set_aside_counts_nowhere_and_is_there_all_the_same(store):
    assert decide(store, 2, ASIDE, decided_by="amina", reason="entered twice") == 1
    assert numbers(store) == [1]
    assert set(records(store)["seizure"]) == {1}
    assert validate(store).seizures == 1 and validate(store).aside == 1
    for name in FORMATS:
        made = export_seizures(store.seizures(everything=True), name)
        assert b"R1" in made.data and b"R2" not in made.data, name
        assert {one.seizure for one in made.left_out if not one.field} >= {2, 3}, name
    assert store.counts()["seizures"] == 3
    (aside,) = [one for one in uncounted(store) if one.standing == ASIDE]
    assert (aside.seizure, aside.reference, aside.reason, aside.decided_by) == (
        2, "R2", "entered twice", "amina",
    )  # fmt: skip


def test_indicators_say_what_they_left_out(store):
    decide(store, 2, ASIDE, decided_by="amina", reason="entered twice")
    found = open_seizures(store.path)
    assert found.rows["kg"].sum() == 305
    told = " ".join(text for _label, text in found.notes)
    assert "wait for a decision, left out: 1 (seizures 3)" in told
    assert "set aside, left out: 1 (seizures 2)" in told


def test_it_is_taken_back_and_both_decisions_stay(store):
    decide(store, 2, ASIDE, decided_by="amina", reason="entered twice")
    decide(store, 2, COUNTED, decided_by="joao", reason="two seizures of one day")
    assert numbers(store) == [1, 2]
    told = [(one["standing"], one["decided_by"]) for one in store.table("decisions")]
    assert told == [("waiting", "forensics"), (ASIDE, "amina"), (COUNTED, "joao")]
    with pytest.raises(Exception, match="never changed"):
        store.database().execute("DELETE FROM decisions")


def test_one_kind_of_specimens_alone(store):
    decide(store, 1, ASIDE, specimen=2, decided_by="amina", reason="not ivory")
    first = next(store.seizures())
    assert [one.id for one in first.specimens] == [1]
    decide(store, 1, ASIDE, decided_by="amina", reason="all of it")
    assert numbers(store) == [2]
    with pytest.raises(UsageError, match="whole seizure 1"):
        decide(store, 1, COUNTED, specimen=1, decided_by="amina", reason="no")
    decide(store, 1, COUNTED, decided_by="amina", reason="all of it again")
    assert [len(one.specimens) for one in store.seizures()] == [2, 1]


def test_a_total_that_waits_is_counted_when_a_person_says_so(store):
    decide(store, 3, COUNTED, decided_by="amina", reason="a shipment of that name")
    assert numbers(store) == [1, 2, 3]
    assert "ROW_TOTAL" not in validate(store).counts


def test_totals_are_decided_on_in_the_table_of_problems(store):
    done = fix(store, accept(validate(store).problems, ["ROW_TOTAL"]), decided_by="amina")
    assert [(one.field, one.before, one.after) for one in done] == [("record", "waiting", ASIDE)]
    found = validate(store)
    assert "ROW_TOTAL" not in found.counts and (found.waiting, found.aside) == (0, 1)
    (aside,) = uncounted(store)
    assert "it says 'Total'" in aside.reason  # why it waited, where no reason is given
    with pytest.raises(InputError, match="Validate again"):
        fix(store, [Fix(3, 4, "record", "", COUNTED, "ROW_TOTAL")], decided_by="amina")


def test_a_record_that_does_not_count_can_still_be_tied(store):
    decide(store, 2, ASIDE, decided_by="amina", reason="entered twice")
    assert link(store, 2, links=Links.unchecked(), case=["A"]) == 1


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"decided_by": " "}, "who decided"), ({"reason": ""}, "Say why"),
        ({"seizure": 9}, "no seizure 9"), ({"specimen": 3}, "no seizure 1 with specimens 3"),
        ({"standing": COUNTED}, "counted already"),
    ],
)  # fmt: skip
def test_a_decision_needs_somebody_a_reason_and_a_record(store, arguments, match):
    given = {"seizure": 1, "standing": ASIDE, "decided_by": "a", "reason": "r", **arguments}
    with pytest.raises(UsageError, match=match):
        decide(store, given.pop("seizure"), given.pop("standing"), **given)
    assert store.counts()["decisions"] == 1


def test_a_dry_run_decides_nothing(store):
    assert decide(store, 2, ASIDE, decided_by="a", reason="r", dry_run=True) == 1
    assert numbers(store) == [1, 2]
