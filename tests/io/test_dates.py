import datetime

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from forensics.io.numbers import day_of, read_date


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2019-03-05", "2019-03-05"), ("2019-3-5", "2019-03-05"), ("2019-03-05T10:20:00Z", "2019-03-05"),
        ("31/01/2015", "2015-01-31"), ("01/31/2015", "2015-01-31"), ("5.5.2019", "2019-05-05"),
        ("3 mars 2019", "2019-03-03"), ("1er août 2019", "2019-08-01"), ("March 3, 2019", "2019-03-03"),
        ("12 de março de 2020", "2020-03-12"), ("fév 2019", "2019-02"), ("2019", "2019"),
        ("2019-07", "2019-07"),
    ],
)  # fmt: skip
def test_a_date_with_one_reading_is_read(text, day):
    assert read_date(text) == day


@pytest.mark.parametrize(
    "text", ["2019-02-30", "43525", "03/04/19", "soon", "", "32/13/2019", "2019-13"]
)
def test_what_is_no_date_is_none(text):
    assert read_date(text) is None


def test_an_ambiguous_date_is_told_unless_the_order_is_known():
    assert read_date("03/04/2019") == ("2019-04-03", "2019-03-04")
    assert read_date("03/04/2019", "dmy") == "2019-04-03"
    assert read_date("03/04/2019", "mdy") == "2019-03-04"


@examples(100)
@given(st.dates(datetime.date(1900, 1, 1)))
def test_the_orders_never_make_another_day(day):
    assert (
        read_date(f"{day:%d/%m/%Y}", "dmy")
        == read_date(f"{day:%m/%d/%Y}", "mdy")
        == day.isoformat()
    )
    found = read_date(f"{day:%d/%m/%Y}")
    assert day.isoformat() in (found if isinstance(found, tuple) else (found,))
    assert day_of(day.isoformat()) == day
