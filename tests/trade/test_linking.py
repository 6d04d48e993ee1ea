"""Ties to a ledger, and what findings say of seizures: the declared beside the found. SIMULATED."""

import pytest
from laboratory import LIBRARY, Laboratory

from forensics.custody import open_ledger
from forensics.errors import InputError, UsageError
from forensics.trade import create_store, import_file
from forensics.trade.linking import Links, compare, link
from forensics.trade.store import open_store


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
        with pytest.raises(UsageError, match="belongs to the ledger another"):
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
        with pytest.raises(UsageError, match="Give --case"):
            link(store, 1, links=Links.of(ledger, store), case=["C1"], exhibit=[" "])
        with pytest.raises(UsageError, match="no seizure 5"):
            link(store, 5, links=Links.of(ledger, store), case=["C1"])


DAY = "2018-05-01"


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory):
    """Findings on the sample S1 of exhibit C1/1, by their names."""
    lab = Laboratory.founded(tmp_path_factory.mktemp("lab"))
    lab.prepared()

    def found(kind, **result):
        return lab.bruno.finding(
            case="C1", thing="S1", kind=kind, runs=["R1"], library=LIBRARY, result=result
        ).seq

    made = {
        "pangolin": found(
            "identification", taxon="Manis javanica", rank="species", probability="0.98"
        ),
        "genus": found("identification", taxon="Loxodonta", rank="genus", probability="0.97"),
        "nothing": found("identification", taxon=None, rank=None, probability=None),
        "kenya": found("origin", origin="Kenya", probability="0.9"),
        "unit": found("origin", origin="river stock 3", probability="0.9"),
    }
    lab.chen.reviewed(case="C1", finding=made["pangolin"], outcome="agrees")
    lab.close()
    return lab, made


@pytest.fixture
def compared(laboratory, tmp_path):
    def compared(finding, exhibit="", day=DAY, **cells):
        cells = {"Reference": "R1", "Date of seizure": day, "Country of incident": "KE", **cells}
        cells |= {"Finding": laboratory[1].get(finding, ""), "Exhibit": exhibit}
        path = table(tmp_path, **cells)
        with open_ledger(laboratory[0].path) as ledger:
            with create_store(tmp_path / "s.db", ledger=ledger.state.ledger) as store:
                import_file(store, path, links=Links.of(ledger, store))
                return list(compare(store, ledger))

    return compared


ORIGIN, SPECIMEN = "Alleged country of origin", "Description of specimen"
COMPARED = {
    "another species is a mismatch, with its probability and both appendices": (
        "pangolin", {"Species": "Crocodylus niloticus", ORIGIN: "BW"},
        {"field": "species", "outcome": "mismatch", "probability": 0.98, "reviewed": True,
         "declared": "Crocodylus niloticus", "found": "Manis javanica", "appendix_declared": "II",
         "appendix_found": "I"}),
    "the source of the specimens counts as in validation: bred for trade": (
        "pangolin", {"Species": "Manis javanica", "Source": "D"},
        {"appendix_declared": "II", "appendix_found": "II"}),
    "a genus that holds the species is compatible": (
        "genus", {"Species": "Loxodonta africana"}, {"outcome": "compatible", "reviewed": False}),
    "a finding without a name is told as one": (
        "nothing", {"Species": "Manis javanica"},
        {"outcome": "no name", "found": "", "appendix_found": "not known"}),
    "a reporting unit is no country to compare with": (
        "unit", {"Species": "Loxodonta africana", ORIGIN: "BW"}, {"outcome": "compatible"}),
    **{f"a finding contradicts no species where {name} was declared": (
        "pangolin", {"Species": declared, SPECIMEN: "SCA"},
        {"declared": declared, "found": "Manis javanica", "outcome": "not comparable"})
       for name, declared in (("none", ""), ("no name", "Ivory"))},
    **{f"a finding contradicts no origin where {name} was declared": (
        "kenya", {"Species": "Loxodonta africana", ORIGIN: declared},
        {"found": "Kenya", "outcome": "not comparable"})
       for name, declared in (("none", ""), ("no country", "XX"))},
    "a day that is not known lets no appendix be told": (
        "pangolin", {"Species": "Panthera tigris", "day": "2018"},
        {"outcome": "mismatch", "appendix_declared": "not known"}),
}  # fmt: skip


@pytest.mark.parametrize("name", COMPARED)
def test_what_was_declared_is_compared_with_what_was_found(compared, name):
    finding, cells, told = COMPARED[name]
    (one,) = compared(finding, **cells)
    assert {field: getattr(one, field) for field in told} == told


def test_the_day_of_the_seizure_decides_the_appendix(compared):
    (one,) = compared("pangolin", Species="Manis javanica", day="2016-12-31")
    assert one.outcome == "same" and one.appendix_found.startswith("II")


def test_ivory_found_to_be_of_another_population_changes_its_appendix(compared):
    (one,) = compared("kenya", Species="Loxodonta africana",
                      **{ORIGIN: "BW", SPECIMEN: "TUS"})  # fmt: skip
    said = one.field, one.declared, one.found, one.outcome
    assert said == ("origin", "BW", "Kenya", "mismatch")
    assert "II" in one.appendix_declared.split("/") and one.appendix_found == "I"


def test_findings_on_an_exhibit_that_is_tied_are_found(compared, laboratory):
    found = compared("", exhibit="C1/1", Species="Manis javanica")
    assert {one.finding for one in found} == set(laboratory[1].values())


def test_ties_to_another_ledger_are_refused(compared, laboratory, tmp_path):
    compared("pangolin", Species="Manis javanica")
    other = Laboratory.founded(tmp_path)
    other.close()
    with open_store(tmp_path / "s.db") as store, open_ledger(other.path) as ledger:
        with pytest.raises(UsageError, match="is tied to the ledger"):
            list(compare(store, ledger))
