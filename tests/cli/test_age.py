"""``forensics age`` on made curves and SIMULATED methylation: what the golden scenes do not show."""

import pytest
from command_line import records, typed

from forensics.age import known_ages_of, read_table
from forensics.age.methylation import read_clock
from forensics.errors import InputError

COEFFICIENTS = "var;beta\nIntercept;1,5\ncg1;2\ncg2;4,25\n"


@pytest.mark.parametrize(
    "content",
    [COEFFICIENTS.encode(), COEFFICIENTS.encode("utf-16"),
     f"é;{COEFFICIENTS}".replace("\n", "\né;").encode("cp1252").rpartition(b"\n")[0],
     COEFFICIENTS.replace(";", "\t").encode("utf-8-sig")],
    ids=["semicolons", "utf-16", "cp1252", "tabulators"],
)  # fmt: skip
def test_coefficients_are_read_as_other_tables_are(tmp_path, content):
    (tmp_path / "clock.csv").write_bytes(content)
    clock = read_clock(tmp_path / "clock.csv", transform="none")
    assert clock.coefficients == {"cg1": 2.0, "cg2": 4.25} and clock.intercept == 1.5


def test_coefficients_of_which_nothing_says_how_they_are_written_are_refused(tmp_path):
    (tmp_path / "clock.csv").write_bytes(COEFFICIENTS.encode("utf-16-be"))
    with pytest.raises(InputError) as told:
        read_clock(tmp_path / "clock.csv", transform="none")
    assert "\0" not in str(told.value)


@pytest.mark.parametrize(
    ("sheet", "said"),
    [
        ("sample,age\nunknown,3\n", "unknown"),
        ("sample,age\ns1,3\ns1,4\n", "twice"),
        ("sample,age\ns1,young\n", "line 2"),
        ("sample,age\ns1,\n", "line 2"),
        ("sample,born\ns1,1990\n", "age"),
    ],
)
def test_a_sheet_that_does_not_fit_is_an_error(tmp_path, sheet, said):
    (tmp_path / "betas.csv").write_text("sample,cg1\ns1,0.5\n")
    (tmp_path / "sheet.csv").write_text(sheet)
    tables = read_table(tmp_path / "sheet.csv"), read_table(tmp_path / "betas.csv")
    with pytest.raises(InputError, match=said):
        known_ages_of(*tables)


def test_an_age_beyond_the_lifespan_is_told(tmp_path):
    clock, samples = tmp_path / "clock.csv", tmp_path / "x.csv"
    clock.write_text("var,beta\nIntercept,8\ncg1,2\ncg2,4\n")
    samples.write_text("sample,cg1,cg2\na,0.5,0.25\n")
    life = "--species 'Loxodonta africana' --gestation 1.76 --maturity 9 --format json"
    for lifespan, told in ((65, True), (400, False)):
        asked = f"age methylation --transform universal3 {life} --lifespan {lifespan}"
        (one,) = records(typed(asked, samples, "--clock", clock))
        assert (one["age"] > lifespan) is told
        assert ("BEYOND_LIFESPAN" in [said["code"] for said in one["warnings"]]) is told
    clock.write_text("var,beta\nIntercept,-8\ncg1,2\ncg2,4\n")
    (one,) = records(typed(asked, samples, "--clock", clock))
    assert one["age"] < 0 and one["warnings"][0]["code"] == "BEFORE_BIRTH"
