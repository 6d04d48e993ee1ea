"""MIKE's table, read and refused."""

import pytest
from indicator_simulation import carcass_table

from forensics.errors import InputError, UsageError
from forensics.trade.pike import read_carcasses


@pytest.fixture
def written(tmp_path):
    table, _truth = carcass_table()

    def write(change=None):
        held = table.astype(object).copy()
        if change:
            change(held)
        path = tmp_path / "carcasses.csv"
        held.to_csv(path, index=False)
        return path

    return write


def put(column, value, row=3):
    def change(table):
        table.loc[row, column] = value

    return change


def test_a_table_is_read_whole(written):
    found = read_carcasses(written())
    table, _truth = carcass_table()
    assert len(found) == len(table)
    assert found.total.sum() == table["TotalNumberOfCarcasses"].sum()
    assert found.areas() == ("Africa", "East", "West")


def test_namibia_is_no_missing_value(written):
    found = read_carcasses(written(put("MIKEsiteID", "NA")))
    assert "NA" in found.site


def test_several_rows_of_a_site_and_year_are_added_up_and_told(written, tmp_path):
    path = written()
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines, lines[1]]) + "\n")
    twice, once = read_carcasses(path), read_carcasses(written())
    assert twice.repeated == ("S0 2000",)
    assert len(twice) == len(once)
    assert twice.total[0] == 2 * once.total[0]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("year", "20x4"),
        ("year", "12"),
        ("TotalNumberOfCarcasses", "-1"),
        ("TotalNumberOfCarcasses", "1.5"),
        ("NumberOfIllegalCarcasses", "1_0"),
        ("NumberOfIllegalCarcasses", "999"),
        ("NumberOfIllegalCarcasses", ""),
        ("NumberOfIllegalCarcasses", "٣"),
        ("MIKEsiteID", ""),
        ("SubregionName", "Elsewhere"),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(written, column, value):
    with pytest.raises(InputError) as caught:
        read_carcasses(written(put(column, value)))
    assert caught.value.line in (5, 6)  # of two rows that contradict each other, the second


def test_a_missing_column_and_an_empty_table_are_refused(written, tmp_path):
    def drop(table):
        del table["year"]

    with pytest.raises(InputError, match="expected one column year"):
        read_carcasses(written(drop))
    path = written()
    path.write_text(path.read_text().splitlines()[0] + "\n")
    with pytest.raises(InputError):
        read_carcasses(path)


def test_an_area_or_years_without_carcasses_are_refused_by_name(written):
    found = read_carcasses(written())
    with pytest.raises(UsageError, match="East, West"):
        found.select("Atlantis")
    with pytest.raises(UsageError):
        found.select("East", first=2050)
