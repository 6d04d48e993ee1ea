import pytest
from laboratory import Laboratory

from forensics.custody import open_ledger
from forensics.errors import InputError, UsageError
from forensics.trade import create_store, import_file
from forensics.trade.linking import Links, link


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """A simulated laboratory with a case, an exhibit and a finding."""
    lab = Laboratory.founded(tmp_path_factory.mktemp("lab"))
    yield lab, lab.found()
    lab.close()


@pytest.fixture
def ledger(found):
    with open_ledger(found[0].path) as opened:
        yield opened


def table(tmp_path, **cells):
    path = tmp_path / "x.csv"
    path.write_text(",".join(cells) + "\n" + ",".join(map(str, cells.values())) + "\n")
    return path


def test_rows_are_tied_to_what_the_ledger_has(tmp_path, ledger, found):
    finding = found[1]
    exhibit = next(name for name, one in ledger.state.things.items() if one.kind == "exhibit")
    path = table(
        tmp_path, Reference="R1", Species="Manis", Case="C1", Exhibit=exhibit, Finding=finding
    )
    with create_store(tmp_path / "s.db", ledger=ledger.state.ledger) as store:
        import_file(store, path, links=Links.of(ledger, store))
        ties = {(one["kind"], one["name"], one["checked"]) for one in store.table("links")}
    assert ties == {("case", "C1", 1), ("exhibit", exhibit, 1), ("finding", str(finding), 1)}


@pytest.mark.parametrize(
    ("column", "name"), [("Case", "C9"), ("Exhibit", "X"), ("Finding", "99999")]
)
def test_what_the_ledger_has_not_stops_the_import_with_its_row(tmp_path, ledger, column, name):
    path = table(tmp_path, Reference="R1", Species="Manis", **{column: name})
    with create_store(tmp_path / "s.db") as store:
        with pytest.raises(InputError, match=f"line 2: .*{name}"):
            import_file(store, path, links=Links.of(ledger, store))
        assert not any(store.counts().values())


def test_without_a_ledger_ties_are_kept_as_not_checked(tmp_path):
    path = table(tmp_path, Reference="R1", Species="Manis", Case="C9")
    with create_store(tmp_path / "s.db") as store:
        import_file(store, path)
        (tie,) = store.table("links")
    assert (tie["name"], tie["checked"], tie["ledger"]) == ("C9", 0, "")


def test_another_ledger_is_refused(tmp_path, ledger):
    with create_store(tmp_path / "s.db", ledger="another") as store:
        with pytest.raises(UsageError, match="beside the ledger another"):
            Links.of(ledger, store)


def test_a_seizure_is_tied_later_and_only_once(tmp_path, ledger):
    path = table(tmp_path, Reference="R1", Species="Manis")
    with create_store(tmp_path / "s.db") as store:
        import_file(store, path)
        for _time in range(2):
            link(store, 1, links=Links.of(ledger, store), case=["C1"])
        assert len(list(store.table("links"))) == 1
        with pytest.raises(UsageError, match="no case C9"):
            link(store, 1, links=Links.of(ledger, store), case=["C1", "C9"])
        with pytest.raises(UsageError, match="no seizure 5"):
            link(store, 5, links=Links.of(ledger, store), case=["C1"])
