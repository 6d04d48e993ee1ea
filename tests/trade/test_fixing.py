import csv

import pytest

from forensics.errors import InputError, UsageError
from forensics.trade import fix, import_file, validate
from forensics.trade.decisions import Fix, accept, read_decisions
from forensics.trade.store import memory_store

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
    from forensics.cli.trade_options import write_problem_table

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


def test_a_dry_run_changes_nothing(store):
    fixes = accept(validate(store).problems, ["COUNTRY_FORMER"])
    assert fix(store, fixes, decided_by="amina", dry_run=True)
    assert next(store.seizures()).get("destination") == "ZR"


def test_contradictions_strangers_and_nobody_are_refused(store):
    with pytest.raises(UsageError, match="two values"):
        fix(store, [Fix(1, 0, "destination", "ZR", x, "X") for x in ("CD", "CG")], decided_by="a")
    with pytest.raises(UsageError, match="no seizure 9"):
        fix(store, [Fix(9, 0, "destination", "ZR", "CD", "X")], decided_by="a")
    with pytest.raises(UsageError, match="who accepted"):
        fix(store, [], decided_by=" ")
    with pytest.raises(UsageError, match="no rule NONSENSE"):
        accept([], ["NONSENSE"])


@pytest.mark.parametrize(
    ("answer", "expected"),
    [({"accept": "perhaps"}, "expected yes or nothing"), ({"accept": "yes", "suggestion": ""}, "no value"),
     ({"accept": "yes", "field": "id"}, "cannot be changed"),
     ({"accept": "yes", "seizure": "x"}, "must be the numbers")],
)  # fmt: skip
def test_decisions_that_make_no_sense_are_told_with_their_row(store, tmp_path, answer, expected):
    path = decisions(store, tmp_path, COUNTRY_FORMER=answer)
    with pytest.raises(InputError, match=f"line .*{expected}"):
        read_decisions(path)
