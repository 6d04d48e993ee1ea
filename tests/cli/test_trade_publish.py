"""``forensics trade publish`` and ``serve``."""

import sqlite3

import pytest
import trade_simulation
from command_line import typed

from forensics.trade.decisions import decide
from forensics.trade.importing import import_file
from forensics.trade.publishing import accounts
from forensics.trade.publishing.writing import command, publish
from forensics.trade.store import create_store, open_store


def closing(*cases):
    return [part for case in cases for part in ("--closed-case", case)]


def asked(path, query):
    with sqlite3.connect(path) as database:
        return database.execute(query).fetchall()


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
        typed("trade publish", store, "--output", output, *closing(*closed, "closed"))
        assert asked(output / "parties.db", "SELECT count(*) FROM seizures") == [(count,)]
        open_ = asked(output / "secretariat.db", "SELECT sum(open_case) FROM seizures")
        assert open_ == [(60 - count,)]


def test_a_folder_that_exists_is_left_as_it_was(tmp_path):
    store = _store(tmp_path)
    (tmp_path / "site").mkdir()
    typed("trade publish", store, "--output", tmp_path / "site", expect=2)
    assert not any((tmp_path / "site").iterdir())
    assert not [one for one in tmp_path.iterdir() if one.name.startswith(".site")]


def test_public_counts_add_up_and_small_ones_are_null(tmp_path):
    site = tmp_path / "site"
    typed("trade publish --fewest 5 --closed-case closed", _store(tmp_path), "--output", site)
    for table in ("country", "taxon", "year"):
        ((total, least),) = asked(
            site / "public.db", f"SELECT sum(records), min(records) FROM {table}"
        )
        assert total == 58 and least >= 5
    for table in ("country_year", "taxon_year"):
        found = asked(site / "public.db", f"SELECT records, hidden FROM {table}")
        assert all((records is None) == bool(hidden) for records, hidden in found)
        assert any(hidden for _records, hidden in found)
        assert all(records >= 5 for records, hidden in found if not hidden)


def test_an_account_line_holds_no_password_and_is_read_again():
    phrase = "twelve letters\ntwelve letters\n"
    found = typed("trade serve --account amina --clearance parties", text=phrase)
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
    site = tmp_path / "site"
    with create_store(tmp_path / "s.db") as store:
        publish(store, site)
    command(site, host="127.0.0.1", port=0)
    (site / name).parent.mkdir(exist_ok=True)
    (site / name).write_text("import os")
    assert f"({name} differs)" in typed("trade serve", site, expect=3).stderr


def test_free_text_in_a_coded_field_and_lines_of_legal_trade_do_not_reach_the_parties(tmp_path):
    with create_store(tmp_path / "s.db") as store, store.changing():
        for number, values in enumerate(
            ({"agency": "Mr Smith of Quay 4", "country": "NA"}, {"basis": "trade report"}), 1
        ):
            key = store.add_seizure({"date": "2020-05-17", **values})
            store.add_specimen(key, number, None, {"species": "horn of Mr Smith", "term": "HOR"})
    site = tmp_path / "site"
    # Published, and named as not valid.
    typed("trade publish --unlinked", tmp_path / "s.db", "--output", site, expect=3)
    parties = site / "parties.db"
    assert asked(parties, "SELECT month, country, agency FROM seizures") == [
        ("2020-05", "NA", None)
    ]
    assert asked(parties, "SELECT species, term FROM specimens") == [(None, "HOR")]
    assert asked(site / "public.db", "SELECT count(*) FROM country") == [(0,)]


def test_what_is_tied_to_nothing_is_published_only_where_it_is_asked_for(tmp_path):
    store = _store(tmp_path, linked=False)
    found = typed("trade publish", store, "--output", tmp_path / "site")
    assert "2 of open cases, 58 tied to no case" in found.output and "--unlinked" in found.stderr
    assert asked(tmp_path / "site" / "parties.db", "SELECT count(*) FROM seizures") == [(0,)]
    unlinked = asked(tmp_path / "site" / "secretariat.db", "SELECT sum(unlinked) FROM seizures")
    assert unlinked == [(58,)]
    found = typed("trade publish --unlinked", store, "--output", tmp_path / "all")
    assert "0 tied to no case" in found.output
    assert asked(tmp_path / "all" / "parties.db", "SELECT count(*) FROM seizures") == [(58,)]


def test_what_is_not_counted_is_published_to_the_secretariat_alone(tmp_path):
    store, site = _store(tmp_path), tmp_path / "site"
    with open_store(store) as opened:
        decide(opened, 3, "set aside", decided_by="amina", reason="entered twice")
    found = typed("trade publish --unlinked", store, "--output", site)
    assert "1 record that waits" in found.stderr
    secretariat = site / "secretariat.db"
    assert asked(secretariat, "SELECT count(*) FROM seizures") == [(59,)]
    rows = asked(secretariat, "SELECT seizure, reason, decided_by FROM not_counted")
    assert rows == [(3, "entered twice", "amina")]
    for name in ("public", "parties"):
        assert b"entered twice" not in (site / f"{name}.db").read_bytes()


def test_a_date_that_cannot_be_read_is_no_month(tmp_path):
    (tmp_path / "r.csv").write_text("Reference,Date,Species\nR1,Zyxwvut street,Manis javanica\n")
    with create_store(tmp_path / "s.db") as store:
        import_file(store, tmp_path / "r.csv")
    site = tmp_path / "site"
    typed("trade publish --unlinked", tmp_path / "s.db", "--output", site, expect=3)
    assert asked(site / "parties.db", "SELECT month FROM seizures") == [(None,)]


def _released_in_turn(folder, seed, later):
    """Publish, close cases, publish again, by the command; return both public databases."""
    (folder / "r.csv").write_bytes(trade_simulation.as_csv(trade_simulation.rows(120, seed)))
    with create_store(folder / "s.db") as store:
        import_file(store, folder / "r.csv")
        with store.changing():
            for number in range(1, 121):
                store.add_link(number, None, "case", "", f"C{number}", False)
    first = [f"C{number}" for number in range(1, 121) if number not in later]
    second = [*first, *(f"C{number}" for number in later)]
    found = []
    for name, closed in (("one", first), ("two", second)):
        said = typed("trade publish", folder / "s.db", "--output", folder / name, *closing(*closed))
        found.append({
            table: set(asked(folder / name / "public.db", f"SELECT * FROM {table}"))
            for table in ("country", "taxon", "year", "country_year", "taxon_year")
        })  # fmt: skip
    return *found, said


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
    # It is closed: the Parties see it.
    assert asked(tmp_path / "two" / "parties.db", "SELECT count(*) FROM seizures") == [(120,)]


@pytest.mark.parametrize("seed", [1, 2])
def test_many_cases_are_published_where_no_difference_tells_of_fewer_than_three(tmp_path, seed):
    before, after, _said = _released_in_turn(tmp_path, seed, range(1, 61))
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
