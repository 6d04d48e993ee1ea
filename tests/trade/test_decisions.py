"""What persons decide: corrections, and which records count."""

import csv

import pytest

from forensics.errors import InputError, UsageError
from forensics.trade import fix, import_file, records, validate
from forensics.trade.decisions import Fix, accept, decide, read_decisions, uncounted
from forensics.trade.exchange import FORMATS, export_seizures
from forensics.trade.linking import Links, link
from forensics.trade.record import ASIDE, COUNTED
from forensics.trade.seizures import open_seizures
from forensics.trade.store import create_store, memory_store

CSV = """Reference,Date,Species,Term,Quantity,Country,Origin,Destination
R1,2019-03-05,Manis javanika,SCA,5 kg,SG,ID,ZR
R2,2019-03-06,Manis javanica,SCA,1.200 kg,SG,ID,CN
"""


@pytest.fixture
def store(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text(CSV)
    with memory_store() as made:
        import_file(made, path)
        yield made


def test_only_accepted_proposals_are_put_in_and_the_original_stays(store):
    done = fix(store, accept(validate(store).problems, ["COUNTRY_FORMER"]), decided_by="amina")
    assert [(one.field, one.before, one.after) for one in done] == [("destination", "ZR", "CD")]
    first = next(store.seizures())
    assert (
        first.get("destination") == "CD" and first.specimens[0].get("species") == "Manis javanika"
    )
    assert store.original(1)["Destination"] == "ZR"
    (held,) = store.table("history")
    assert (held["before"], held["after"], held["decided_by"]) == ("ZR", "CD", "amina")
    assert "COUNTRY_FORMER" not in validate(store).counts


def decisions(store, tmp_path, **answers):
    from forensics.cli.trade import write_problem_table

    path = tmp_path / "problems.csv"
    write_problem_table(path, validate(store).problems)
    with open(path, encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))
    for row in table:
        row.update(answers.get(row["code"], {}))
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(table[0]))
        writer.writeheader()
        writer.writerows(table)
    return path


def test_a_table_of_problems_that_was_decided_on_is_followed(store, tmp_path):
    path = decisions(
        store, tmp_path, TAXON_UNKNOWN={"accept": "yes"},
        QUANTITY_AMBIGUOUS={"accept": "oui", "suggestion": "1200 kg"},
    )  # fmt: skip
    fix(store, read_decisions(path), decided_by="amina", reason="asked the port")
    one, two = (seizure.specimens[0] for seizure in store.seizures())
    assert one.get("species") == "Manis javanica"
    assert (two.low, two.high, two.get("unit")) == (1200, 1200, "kg")
    assert two.get("quantity_text") == "1.200 kg"
    assert not {"TAXON_UNKNOWN", "QUANTITY_AMBIGUOUS"} & set(validate(store).counts)
    assert {one["reason"] for one in store.table("history")} == {"asked the port"}


def test_what_was_judged_must_still_stand_there(store, tmp_path):
    fixes = accept(validate(store).problems, ["COUNTRY_FORMER"])
    fix(store, fixes, decided_by="amina")
    with pytest.raises(InputError, match="Validate again"):
        fix(store, fixes, decided_by="amina")
    assert len(list(store.table("history"))) == 1


def test_one_wrong_correction_stops_all(store):
    fixes = [
        Fix(1, 0, "destination", "ZR", "CD", "X"),
        Fix(1, 1, "quantity", "5", "a heap of", "X"),
    ]
    with pytest.raises(InputError, match="expected a number"):
        fix(store, fixes, decided_by="amina")
    assert next(store.seizures()).get("destination") == "ZR" and not list(store.table("history"))


def test_contradictions_strangers_and_nobody_are_refused(store):
    with pytest.raises(UsageError, match="two values"):
        fix(store, [Fix(1, 0, "destination", "ZR", x, "X") for x in ("CD", "CG")], decided_by="a")
    with pytest.raises(UsageError, match="no seizure 9"):
        fix(store, [Fix(9, 0, "destination", "ZR", "CD", "X")], decided_by="a")
    with pytest.raises(UsageError, match="who accepted"):
        fix(store, [], decided_by=" ")
    with pytest.raises(UsageError, match="No rule is called NONSENSE"):
        accept([], ["NONSENSE"])


@pytest.mark.parametrize(
    ("answer", "expected"),
    [({"accept": "perhaps"}, "expected yes or nothing"), ({"accept": "yes", "suggestion": ""}, "the column suggestion is empty"),
     ({"accept": "yes", "field": "id"}, "cannot be changed"),
     ({"accept": "yes", "seizure": "x"}, "must be the numbers")],
)  # fmt: skip
def test_decisions_that_make_no_sense_are_told_with_their_row(store, tmp_path, answer, expected):
    path = decisions(store, tmp_path, COUNTRY_FORMER=answer)
    with pytest.raises(InputError, match=f"line .*{expected}"):
        read_decisions(path)


WITH_TOTAL = """Reference,Date,Species,Term,Quantity,Unit,Country,Destination
R1,2025-03-01,Loxodonta africana,TUS,300,kg,KE,CN
R1,2025-03-01,Loxodonta africana,IVC,5,kg,KE,CN
R2,2025-04-01,Loxodonta africana,TUS,351,kg,KE,CN
Total,2025,Loxodonta africana,TUS,651,kg,KE,CN
"""


@pytest.fixture
def with_total(tmp_path):
    (tmp_path / "s.csv").write_text(WITH_TOTAL)
    with create_store(tmp_path / "s.db") as made:
        import_file(made, tmp_path / "s.csv")
        yield made


def numbers(with_total):
    return [one.id for one in with_total.seizures()]


def test_what_is_set_aside_counts_nowhere_and_is_there_all_the_same(with_total):
    assert decide(with_total, 2, ASIDE, decided_by="amina", reason="entered twice") == 1
    assert numbers(with_total) == [1]
    assert set(records(with_total)["seizure"]) == {1}
    assert validate(with_total).seizures == 1 and validate(with_total).aside == 1
    for name in FORMATS:
        made = export_seizures(with_total.seizures(everything=True), name)
        assert b"R1" in made.data and b"R2" not in made.data, name
        assert {one.seizure for one in made.left_out if not one.field} >= {2, 3}, name
    assert with_total.counts()["seizures"] == 3
    (aside,) = [one for one in uncounted(with_total) if one.standing == ASIDE]
    assert (aside.seizure, aside.reference, aside.reason, aside.decided_by) == (
        2, "R2", "entered twice", "amina",
    )  # fmt: skip


def test_indicators_say_what_they_left_out(with_total):
    decide(with_total, 2, ASIDE, decided_by="amina", reason="entered twice")
    found = open_seizures(with_total.path)
    assert found.rows["kg"].sum() == 305
    told = " ".join(text for _label, text in found.notes)
    assert "wait for a decision, left out: 1 (seizures 3)" in told
    assert "set aside, left out: 1 (seizures 2)" in told


def test_it_is_taken_back_and_both_decisions_stay(with_total):
    decide(with_total, 2, ASIDE, decided_by="amina", reason="entered twice")
    decide(with_total, 2, COUNTED, decided_by="joao", reason="two seizures of one day")
    assert numbers(with_total) == [1, 2]
    told = [(one["standing"], one["decided_by"]) for one in with_total.table("decisions")]
    assert told == [("waiting", "forensics"), (ASIDE, "amina"), (COUNTED, "joao")]
    with pytest.raises(Exception, match="never changed"):
        with_total.database().execute("DELETE FROM decisions")


def test_one_kind_of_specimens_alone(with_total):
    decide(with_total, 1, ASIDE, specimen=2, decided_by="amina", reason="not ivory")
    first = next(with_total.seizures())
    assert [one.id for one in first.specimens] == [1]
    decide(with_total, 1, ASIDE, decided_by="amina", reason="all of it")
    assert numbers(with_total) == [2]
    with pytest.raises(UsageError, match="whole seizure 1"):
        decide(with_total, 1, COUNTED, specimen=1, decided_by="amina", reason="no")
    decide(with_total, 1, COUNTED, decided_by="amina", reason="all of it again")
    assert [len(one.specimens) for one in with_total.seizures()] == [2, 1]


def test_a_total_that_waits_is_counted_when_a_person_says_so(with_total):
    decide(with_total, 3, COUNTED, decided_by="amina", reason="a shipment of that name")
    assert numbers(with_total) == [1, 2, 3]
    assert "ROW_TOTAL" not in validate(with_total).counts


def test_totals_are_decided_on_in_the_table_of_problems(with_total):
    done = fix(with_total, accept(validate(with_total).problems, ["ROW_TOTAL"]), decided_by="amina")
    assert [(one.field, one.before, one.after) for one in done] == [("record", "waiting", ASIDE)]
    found = validate(with_total)
    assert "ROW_TOTAL" not in found.counts and (found.waiting, found.aside) == (0, 1)
    (aside,) = uncounted(with_total)
    assert "it says 'Total'" in aside.reason  # why it waited, where no reason is given
    with pytest.raises(InputError, match="Validate again"):
        fix(with_total, [Fix(3, 4, "record", "", COUNTED, "ROW_TOTAL")], decided_by="amina")


def test_a_record_that_does_not_count_can_still_be_tied(with_total):
    decide(with_total, 2, ASIDE, decided_by="amina", reason="entered twice")
    assert link(with_total, 2, links=Links(), case=["A"]) == 1


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"decided_by": " "}, "who decided"), ({"reason": ""}, "Give the reason"),
        ({"seizure": 9}, "no seizure 9"), ({"specimen": 3}, "no seizure 1 with specimens 3"),
        ({"standing": COUNTED}, "counted already"),
    ],
)  # fmt: skip
def test_a_decision_needs_somebody_a_reason_and_a_record(with_total, arguments, match):
    given = {"seizure": 1, "standing": ASIDE, "decided_by": "a", "reason": "r", **arguments}
    with pytest.raises(UsageError, match=match):
        decide(with_total, given.pop("seizure"), given.pop("standing"), **given)
    assert with_total.counts()["decisions"] == 1
