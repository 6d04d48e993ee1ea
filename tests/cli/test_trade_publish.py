"""``forensics trade publish`` and ``serve``."""

import sqlite3
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from forensics.cli import trade_export
from forensics.errors import InputError
from forensics.trade.decisions import decide
from forensics.trade.importing import import_file
from forensics.trade.publishing import accounts
from forensics.trade.publishing.writing import command, publish
from forensics.trade.store import create_store, open_store

sys.path.insert(0, str(Path(__file__).parents[1]))
import trade_simulation


def _run(command, *arguments, **options):
    return CliRunner().invoke(command, [str(one) for one in arguments], **options)


def _store(folder, *, linked=True):
    (folder / "r.csv").write_bytes(trade_simulation.as_csv(trade_simulation.rows(60)))
    with create_store(folder / "s.db") as store:
        import_file(store, folder / "r.csv")
        with store.changing():
            for number, case in ((1, "A"), (2, "B"), (2, "A")):
                store.add_link(number, None, "case", "", case, False)
            for number in range(3, 61) if linked else ():
                store.add_link(number, None, "case", "", "closed", False)
    return folder / "s.db"


def test_a_seizure_of_a_case_is_released_when_all_its_cases_are_closed(tmp_path):
    store = _store(tmp_path)
    for closed, count in (((), 58), (("A",), 59), (("A", "B"), 60)):
        output = tmp_path / "-".join(("site", *closed))
        options = [part for one in (*closed, "closed") for part in ("--closed-case", one)]
        found = _run(trade_export.publish, store, "--output", output, *options)
        assert found.exit_code == 0, found.output
        with sqlite3.connect(output / "parties.db") as database:
            assert database.execute("SELECT count(*) FROM seizures").fetchone() == (count,)
        with sqlite3.connect(output / "secretariat.db") as database:
            assert database.execute("SELECT sum(open_case) FROM seizures").fetchone() == (
                60 - count,
            )


def test_a_folder_that_exists_is_left_as_it_was(tmp_path):
    store = _store(tmp_path)
    (tmp_path / "site").mkdir()
    found = _run(trade_export.publish, store, "--output", tmp_path / "site")
    assert found.exit_code != 0
    assert not any((tmp_path / "site").iterdir())
    assert not [one for one in tmp_path.iterdir() if one.name.startswith(".site")]


def test_public_counts_add_up_and_small_ones_are_null(tmp_path):
    _run(trade_export.publish, _store(tmp_path), "--output", tmp_path / "site", "--fewest", 5,
         "--closed-case", "closed")  # fmt: skip
    with sqlite3.connect(tmp_path / "site" / "public.db") as database:
        for table in ("country", "taxon", "year"):
            assert database.execute(f"SELECT sum(records) FROM {table}").fetchone() == (58,)
            assert database.execute(f"SELECT min(records) FROM {table}").fetchone()[0] >= 5
        for table in ("country_year", "taxon_year"):
            rows = database.execute(f"SELECT records, hidden FROM {table}").fetchall()
            assert all((records is None) == bool(hidden) for records, hidden in rows)
            assert any(hidden for _records, hidden in rows)
            assert all(records >= 5 for records, hidden in rows if not hidden)


def test_an_account_line_holds_no_password_and_is_read_again():
    found = _run(
        trade_export.serve, "--account", "amina", "--clearance", "parties",
        input="twelve letters\ntwelve letters\n",
    )  # fmt: skip
    assert found.exit_code == 0, found.output
    line = found.output.splitlines()[-1]
    assert "twelve" not in line
    held = accounts.read_accounts(line)
    assert accounts.check(held, "amina", "twelve letters").clearance == "parties"
    assert accounts.check(held, "amina", "twelve letterz") is None
    assert accounts.check(held, "nobody", "twelve letters") is None


@pytest.mark.parametrize(
    "name", ["plugins/clearance.py", "plugins/more.py", "templates/index.html", "static/x.js"]
)
def test_code_of_others_in_a_published_folder_is_not_served(name, tmp_path):
    with create_store(tmp_path / "s.db") as store:
        publish(store, tmp_path / "site")
    command(tmp_path / "site", host="127.0.0.1", port=0)
    (tmp_path / "site" / name).parent.mkdir(exist_ok=True)
    (tmp_path / "site" / name).write_text("import os")
    found = _run(trade_export.serve, tmp_path / "site")
    assert isinstance(found.exception, InputError) and f"({name} differs)" in str(found.exception)


def test_free_text_in_a_coded_field_and_lines_of_legal_trade_do_not_reach_the_parties(tmp_path):
    with create_store(tmp_path / "s.db") as store, store.changing():
        for number, values in enumerate(
            ({"agency": "Mr Smith of Quay 4", "country": "NA"}, {"basis": "trade report"}), 1
        ):
            key = store.add_seizure({"date": "2020-05-17", **values})
            store.add_specimen(key, number, None, {"species": "horn of Mr Smith", "term": "HOR"})
    found = _run(
        trade_export.publish, tmp_path / "s.db", "--output", tmp_path / "site", "--unlinked"
    )
    assert found.exit_code == 3, found.output  # published, and named as not valid
    with sqlite3.connect(tmp_path / "site" / "parties.db") as database:
        rows = database.execute("SELECT month, country, agency FROM seizures").fetchall()
        assert rows == [("2020-05", "NA", None)]
        rows = database.execute("SELECT species, term FROM specimens").fetchall()
        assert rows == [(None, "HOR")]
    with sqlite3.connect(tmp_path / "site" / "public.db") as database:
        assert database.execute("SELECT count(*) FROM country").fetchone() == (0,)


def test_what_is_tied_to_nothing_is_published_only_where_it_is_asked_for(tmp_path):
    store = _store(tmp_path, linked=False)
    found = _run(trade_export.publish, store, "--output", tmp_path / "site")
    assert found.exit_code == 0 and "2 of open cases, 58 tied to no case" in found.output
    assert "--unlinked" in found.stderr
    with sqlite3.connect(tmp_path / "site" / "parties.db") as database:
        assert database.execute("SELECT count(*) FROM seizures").fetchone() == (0,)
    with sqlite3.connect(tmp_path / "site" / "secretariat.db") as database:
        assert database.execute("SELECT sum(unlinked) FROM seizures").fetchone() == (58,)
    found = _run(trade_export.publish, store, "--output", tmp_path / "all", "--unlinked")
    assert found.exit_code == 0 and "0 tied to no case" in found.output
    with sqlite3.connect(tmp_path / "all" / "parties.db") as database:
        assert database.execute("SELECT count(*) FROM seizures").fetchone() == (58,)


def test_what_is_not_counted_is_published_to_the_secretariat_alone(tmp_path):
    store = _store(tmp_path)
    with open_store(store) as opened:
        decide(opened, 3, "set aside", decided_by="amina", reason="entered twice")
    found = _run(trade_export.publish, store, "--output", tmp_path / "site", "--unlinked")
    assert "1 record that waits" in found.stderr
    with sqlite3.connect(tmp_path / "site" / "secretariat.db") as database:
        assert database.execute("SELECT count(*) FROM seizures").fetchone() == (59,)
        rows = database.execute("SELECT seizure, reason, decided_by FROM not_counted").fetchall()
    assert rows == [(3, "entered twice", "amina")]
    for name in ("public", "parties"):
        assert b"entered twice" not in (tmp_path / "site" / f"{name}.db").read_bytes()


def test_a_date_that_cannot_be_read_is_no_month(tmp_path):
    (tmp_path / "r.csv").write_text("Reference,Date,Species\nR1,Zyxwvut street,Manis javanica\n")
    with create_store(tmp_path / "s.db") as store:
        import_file(store, tmp_path / "r.csv")
    _run(trade_export.publish, tmp_path / "s.db", "--output", tmp_path / "site", "--unlinked")
    with sqlite3.connect(tmp_path / "site" / "parties.db") as database:
        assert database.execute("SELECT month FROM seizures").fetchall() == [(None,)]


def _public(folder):
    with sqlite3.connect(folder / "public.db") as database:
        return {
            table: set(database.execute(f"SELECT * FROM {table}"))
            for table in ("country", "taxon", "year", "country_year", "taxon_year")
        }


def _released_in_turn(folder, seed, closing):
    """Publish, close cases, publish again, by the command; return both public databases."""
    (folder / "r.csv").write_bytes(trade_simulation.as_csv(trade_simulation.rows(120, seed)))
    with create_store(folder / "s.db") as store:
        import_file(store, folder / "r.csv")
        with store.changing():
            for number in range(1, 121):
                store.add_link(number, None, "case", "", f"C{number}", False)
    first = [f"C{number}" for number in range(1, 121) if number not in closing]
    second = [*first, *(f"C{number}" for number in closing)]
    found = []
    for name, closed in (("one", first), ("two", second)):
        options = [part for case in closed for part in ("--closed-case", case)]
        found.append(
            _run(trade_export.publish, folder / "s.db", "--output", folder / name, *options)
        )
        assert found[-1].exit_code == 0, found[-1].output
    return _public(folder / "one"), _public(folder / "two"), found[-1]


@pytest.mark.parametrize(
    "seed", [*range(3), *(pytest.param(n, marks=pytest.mark.slow) for n in range(3, 30))]
)
def test_closing_one_case_between_two_publications_tells_nothing_of_it(tmp_path, seed):
    before, after, said = _released_in_turn(tmp_path, seed, [7 * seed % 120 + 1])
    told = {
        table: after[table] - before[table] for table in before if after[table] != before[table]
    }
    assert not told
    assert "1 seizure is in the public counts as before" in said.stderr
    with sqlite3.connect(
        tmp_path / "two" / "parties.db"
    ) as database:  # it is closed: the Parties see it
        assert database.execute("SELECT count(*) FROM seizures").fetchone() == (120,)


@pytest.mark.parametrize("seed", [1, 2])
def test_many_cases_are_published_where_no_difference_tells_of_fewer_than_three(tmp_path, seed):
    closing = range(1, 61)
    before, after, said = _released_in_turn(tmp_path, seed, closing)
    assert sum(row[1] for row in after["year"]) > sum(row[1] for row in before["year"])
    with open_store(tmp_path / "s.db") as store:
        (_fewest, old), (_same, new) = store.releases()
        changed = new - old
        for table, place in (("country", 0), ("taxon", 1), ("year", 2)):
            shown = {name for name, _count in before[table] & before[table]} & {
                name for name, _count in after[table]
            }
            for name in shown - {"other"}:
                seizures = {record[3] for record in changed if record[place] == name}
                assert len(seizures) == 0 or len(seizures) >= 3, (table, name)
