import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.age.methylation import age_of, read_clock, years_of
from forensics.age.options import LifeHistory
from forensics.age.tables import methylation_of, read_table
from forensics.errors import ForensicsError, InputError, UsageError

ELEPHANT = LifeHistory(species="Loxodonta africana", gestation=1.76, maturity=9.0, lifespan=65.0)
TEXT = "index,var,beta_clock\n1,Intercept,0.5\n2,cg1,2.0\n3,cg2,-1.0\n"


def clock_of(folder, transform, text=TEXT):
    path = folder / "made.csv"
    path.write_text(text, encoding="utf-8")
    return read_clock(path, transform=transform)


# The sum is 0.5 + 2 * 0.75 - 1 * 0.25 = 1.75 in every case.
BETAS = {"cg1": 0.75, "cg2": 0.25, "cg9": 0.1}


def test_a_plain_clock_is_the_sum(tmp_path):
    assert age_of(clock_of(tmp_path, "none"), BETAS).age == pytest.approx(1.75)


def test_universal_clock_1_by_hand(tmp_path):
    # e^1.75 = 5.754603
    assert age_of(clock_of(tmp_path, "universal1"), BETAS).age == pytest.approx(3.754603, abs=1e-6)


def test_universal_clock_2_by_hand(tmp_path):
    # e^-1.75 = 0.173774; e^-0.173774 = 0.840487; 1.3 * 65 + 1.76 = 86.26; 0.840487 * 86.26 - 1.76
    found = age_of(clock_of(tmp_path, "universal2"), BETAS, life=ELEPHANT)
    assert found.age == pytest.approx(70.7404, abs=2e-3)
    # Of man the lifespan is not lengthened: 0.840487 * (122.5 + 0.75) - 0.75
    man = LifeHistory(species="Homo sapiens", gestation=0.75, maturity=13.5, lifespan=122.5)
    assert age_of(clock_of(tmp_path, "universal2"), BETAS, life=man).age == pytest.approx(
        0.840487 * 123.25 - 0.75, abs=1e-3
    )


def test_universal_clock_3_by_hand(tmp_path):
    # (1.76 / 9)^0.38 = e^(0.38 * -1.631911) = 0.537880; m = 2.689400
    # grown: x = m * 2.75 = 7.395850; 7.395850 * 10.76 - 1.76 = 77.8193
    found = age_of(clock_of(tmp_path, "universal3"), BETAS, life=ELEPHANT)
    assert found.age == pytest.approx(77.819, abs=0.02)
    # young: y = -0.5; x = m e^-0.5 = 2.689400 * 0.606531 = 1.631204; * 10.76 - 1.76 = 15.7918
    young = clock_of(tmp_path, "universal3", TEXT.replace("0.5", "-1.75"))
    found = age_of(young, BETAS, life=ELEPHANT)
    assert found.linear == pytest.approx(-0.5)
    assert found.age == pytest.approx(15.79, abs=0.02)


@pytest.mark.parametrize(
    ("name", "transform"),
    [("clock1", "universal1"), ("clock2", "universal2"), ("clock3", "universal3")],
)
def test_published_clocks_at_half_methylation(evaluation_data, name, transform):
    path = evaluation_data / "methylation" / f"{name}.csv"
    if not path.is_file():
        pytest.skip("no clocks in the evaluation data")
    rows = [line.split(",") for line in path.read_text().splitlines()[1:] if line]
    y = sum(float(row[2]) * (1.0 if row[1] == "Intercept" else 0.5) for row in rows)
    clock = read_clock(path, transform=transform)
    assert len(clock.coefficients) == len(rows) - 1
    found = age_of(clock, dict.fromkeys(clock.coefficients, 0.5), life=ELEPHANT)
    assert found.linear == pytest.approx(y)
    m = 5 * (1.76 / 9) ** 0.38
    by_hand = {
        "universal1": lambda: math.exp(y) - 2,
        "universal2": lambda: math.exp(-math.exp(-y)) * (1.3 * 65 + 1.76) - 1.76,
        "universal3": lambda: (m * (y + 1) if y >= 0 else m * math.exp(y)) * (9 + 1.76) - 1.76,
    }
    assert found.age == pytest.approx(by_hand[transform]())


@pytest.mark.parametrize("transform", ["universal1", "universal2", "universal3"])
def test_transforms_are_the_inverse_of_those_published(transform):
    # Forward, as published: log(age + 2); -log(-log(relative age)); log-linear relative adult age.
    g, a, m = 1.76, 9.0, 65.0
    for years in (0.0, 5.0, 20.0, 60.0):
        relative, adult = (years + g) / (1.3 * m + g), (years + g) / (a + g)
        tuned = 5 * (g / a) ** 0.38
        y = {
            "universal1": math.log(years + 2),
            "universal2": -math.log(-math.log(relative)),
            "universal3": adult / tuned - 1 if adult >= tuned else math.log(adult / tuned),
        }[transform]
        assert years_of(y, transform, ELEPHANT) == pytest.approx(years)


def test_a_missing_site_is_not_taken_as_unmethylated(tmp_path):
    with pytest.raises(InputError, match="1 of the 2 sites"):
        age_of(clock_of(tmp_path, "none"), {"cg1": 0.5})
    many = "var,b\nIntercept,0\n" + "".join(f"cg{n},1\n" for n in range(40))
    clock = clock_of(tmp_path, "none", many)
    values = {f"cg{n}": 0.5 for n in range(39)}
    with pytest.raises(InputError, match="cg39"):
        age_of(clock, values)
    found = age_of(clock, values, typical={"cg39": 0.25})
    assert found.age == pytest.approx(39 * 0.5 + 0.25) and found.missing == ("cg39",)


def test_values_that_are_no_betas_and_histories_that_cannot_be_are_refused(tmp_path):
    with pytest.raises(InputError, match="between 0 and 1"):
        age_of(clock_of(tmp_path, "none"), {"cg1": 4.2, "cg2": 0.1})
    with pytest.raises(UsageError, match="in years"):
        LifeHistory(species="Loxodonta africana", gestation=660, maturity=9, lifespan=65 / 365)
    with pytest.raises(UsageError, match="needs the species"):
        age_of(clock_of(tmp_path, "universal2"), BETAS)
    with pytest.raises(InputError, match="not an age"):
        years_of(900.0, "universal1")


@given(st.binary(max_size=6), st.integers(0, len(TEXT)), st.integers(0, 8))
def test_a_damaged_clock_is_read_or_refused(tmp_path_factory, new, place, drop):
    content = bytearray(TEXT.encode())
    content[place : place + drop] = new
    path = tmp_path_factory.getbasetemp() / "clock.csv"
    path.write_bytes(bytes(content))
    try:
        age_of(read_clock(path, transform="universal1"), BETAS)
    except ForensicsError:
        pass


@pytest.mark.parametrize(
    "text",
    ["sample,cg1,cg2\na,0.1,0.2\nb,0.3,NA\n", "site;a;b\ncg1;0,1;0,3\ncg2;0,2;\nother;1;1\n"],
)
def test_samples_may_be_rows_or_columns(tmp_path, text):
    path = tmp_path / "x.csv"
    path.write_text(text)
    found = methylation_of(read_table(path), ["cg1", "cg2"])
    assert found == {"a": {"cg1": 0.1, "cg2": 0.2}, "b": {"cg1": 0.3}}


@pytest.mark.parametrize(
    ("text", "said"),
    [("a,b\n1\n", "was the row cut off"), ("a\n", "no rows"), ("sample,cg1\na,x\n", "number"),
     ("sample,cg1\na,1\na,1\n", "twice"), ("q,r\na,1\n", "neither")],
)  # fmt: skip
def test_bad_tables_are_refused(tmp_path, text, said):
    path = tmp_path / "x.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=said):
        methylation_of(read_table(path), ["cg1", "cg2"])


def test_a_dataframe_is_read_as_its_file_is(tmp_path):
    frame = pd.DataFrame({"sample": ["a", "b"], "cg1": [0.1, 0.3], "cg2": [0.2, float("nan")]})
    frame.to_csv(tmp_path / "x.csv", index=False)
    one, other = read_table(frame), read_table(tmp_path / "x.csv")
    assert one.header == other.header
    assert [row.cells for row in one.rows] == [row.cells for row in other.rows]
    assert (one.source, one.sha256) == ("DataFrame", "")
    clock = read_clock(
        pd.DataFrame({"var": ["Intercept", "cg1"], "beta": [0.5, 2.0]}), transform="none"
    )
    assert (clock.intercept, dict(clock.coefficients)) == (0.5, {"cg1": 2.0})


@pytest.mark.parametrize(
    ("text", "said"),
    [("var,b\nIntercept,1\ncg1,x\n", "line 3"), ("var,b\nIntercept,1\ncg1,nan\n", "line 3"),
     ("var,b\nIntercept,1\ncg1,1\ncg1,2\n", "line 4: 'cg1' occurs twice"),
     ("var,b\nIntercept,1\nIntercept,2\ncg1,1\n", "twice"), ("var,b\ncg1,1\n", "intercept"),
     ("b,var\n1,Intercept\n", "'var'"), ("site,b\nIntercept,1\n", "'var'")],
)  # fmt: skip
def test_a_table_that_is_no_clock_is_refused_with_its_line(tmp_path, text, said):
    with pytest.raises(InputError, match=said):
        clock_of(tmp_path, "none", text)


def test_public_names_are_those_of_their_modules():
    import forensics.age

    assert forensics.age.read_clock is read_clock and forensics.age.age_of is age_of
    assert dir(forensics.age) == sorted(forensics.age.__all__)
    assert all(getattr(forensics.age, name) for name in forensics.age.__all__)
    with pytest.raises(AttributeError, match="nothing"):
        forensics.age.nothing  # noqa: B018
