"""Quantities as people write them, and free text that lists specimens."""

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from forensics.io.numbers import MAX_QUANTITY, read_number
from forensics.trade.mapping import ColumnMapping
from forensics.trade.reading import items_of, read_quantity
from forensics.trade.record import number_text, quantity_text

READ = {
    "12,5 kg": (12.5, 12.5, "kg"),
    "12kg": (12, 12, "kg"),
    "0,250 kg": (0.25, 0.25, "kg"),
    "30 ~ 40 pcs": (30, 40, "no."),
    "30-40": (30, 40, ""),
    "30 à 40 pièces": (30, 40, "no."),
    "entre 30 et 40 kg": (30, 40, "kg"),
    "entre 30 e 40 kg": (30, 40, "kg"),
    "1 200 kg": (1200, 1200, "kg"),
    "1\u202f200,5 kg": (1200.5, 1200.5, "kg"),
    "1'200": (1200, 1200, ""),
    "1,234,567": (1234567, 1234567, ""),
    "1.234,5": (1234.5, 1234.5, ""),
    "vingt-cinq": (25, 25, ""),
    "quatre-vingt-dix": (90, 90, ""),
    "soixante et onze": (71, 71, ""),
    "two hundred and five": (205, 205, ""),
    "quinhentos e cinquenta": (550, 550, ""),
    "12 (twelve) pcs": (12, 12, "no."),
    "5 m³": (5, 5, "m3"),
    "deux paires": (2, 2, "pairs"),
    "2 mil": (2000, 2000, ""),
    "3 mil kg": (3000, 3000, "kg"),
    "1,5 mil kg": (1500, 1500, "kg"),
    "2 thousand pcs": (2000, 2000, "no."),
    "02 (dois) mil kg": (2000, 2000, "kg"),
    "2 mil (dois mil) kg": (2000, 2000, "kg"),
    "2 million": (2e6, 2e6, ""),
    "two million": (2e6, 2e6, ""),
    "dois milhões de kg": (2e6, 2e6, "kg"),
    "mil e duzentos": (1200, 1200, ""),
    "mil e cem kg": (1100, 1100, "kg"),
    "vinte e cinco mil e trezentos": (25300, 25300, ""),
}


@pytest.mark.parametrize("text", READ)
def test_what_has_one_reading_is_read(text):
    found = read_quantity(text)
    assert (found.low, found.high, found.unit) == READ[text]
    assert not found.problem and not found.rest


@pytest.mark.parametrize("text", ["1.200 kg", "1,200 kg", "12.500", "1.200 ~ 1.400 kg"])
def test_a_separator_before_three_digits_is_told_and_not_guessed(text):
    found = read_quantity(text)
    assert found.problem == "QUANTITY_AMBIGUOUS"
    assert found.low is None and len(found.readings) == 2


def test_the_decimal_sign_of_the_file_settles_it():
    assert read_quantity("1.200 kg", decimal=".").low == 1.2
    assert read_quantity("1.200 kg", decimal=",").low == 1200


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("une dizaine", 10, 10), ("about 20 kg", 20, 20), ("env. 5", 5, 5), ("~ 30", 30, 30),
        ("cerca de 50 (cinquenta)", 50, 50), ("deux douzaines", 24, 24), ("plus de 100 kg", 100, None),
        ("menos de 5", None, 5), ("5 dozen", 60, 60), ("2 dúzias", 24, 24), ("02 (duas) dúzias", 24, 24),
        ("duas (02) dúzias", 24, 24), ("3 centaines", 300, 300),
    ],
)  # fmt: skip
def test_estimates_are_read_and_told(text, low, high):
    found = read_quantity(text)
    assert (found.low, found.high, found.problem) == (low, high, "QUANTITY_APPROXIMATE")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("02 (três) aves", "QUANTITY_CONTRADICTORY"), ("deux (3)", "QUANTITY_CONTRADICTORY"),
        ("5 pcs (12 kg)", "QUANTITY_SEVERAL"), ("3 x 500 g", "QUANTITY_SEVERAL"),
        ("1/2", "QUANTITY_SEVERAL"), ("several", "QUANTITY_UNREADABLE"), ("-5", "QUANTITY_UNREADABLE"),
        ("N° 5", "QUANTITY_UNREADABLE"), ("1e5", "QUANTITY_UNREADABLE"), ("", "QUANTITY_UNREADABLE"),
        ("a load of tusks", "QUANTITY_UNREADABLE"), ("40 - 30", "QUANTITY_UNREADABLE"),
        ("9" * 20, "QUANTITY_UNREADABLE"), ("999999999999 million", "QUANTITY_UNREADABLE"),
        ("one and a half kg", "QUANTITY_UNREADABLE"), ("une demi-tonne", "QUANTITY_UNREADABLE"),
        ("2 et demi kg", "QUANTITY_UNREADABLE"), ("6k", "QUANTITY_UNREADABLE"),
        ("2 a 3 mil", "QUANTITY_UNREADABLE"), ("1kg500", "QUANTITY_SEVERAL"),
    ],
)  # fmt: skip
def test_what_has_no_reading_or_several_is_told(text, problem):
    found = read_quantity(text)
    assert found.problem == problem
    assert found.low is None and found.high is None


@pytest.mark.parametrize("text", ["uma meia tonelada", "um e meio kg", "02 meias caixas", "1kg500"])
def test_a_part_of_a_quantity_is_not_taken_for_the_whole_where_things_follow(text):
    assert read_quantity(text, things=True).problem in ("QUANTITY_UNREADABLE", "QUANTITY_SEVERAL")


def test_thousands_and_dozens_count_where_things_follow():
    assert read_quantity("2 mil papagaios", things=True).low == 2000
    assert read_quantity("5 dúzias de ovos", things=True).low == 60


def test_one_heap_is_no_number_of_pieces():
    assert read_quantity("une pile").unit == "lots"
    assert read_quantity("um casal", things=True).unit == "pairs"


def test_one_thing_is_one_where_things_follow():
    assert read_quantity("UM PAPAGAIO", things=True).low == 1
    assert read_quantity("UM PAPAGAIO").problem == "QUANTITY_UNREADABLE"


@examples(300)
@given(st.floats(0.000001, MAX_QUANTITY / 10).map(lambda value: float(f"{value:.12g}")))
def test_a_number_that_is_written_has_one_reading_and_is_the_same(value):
    assert read_number(number_text(value)) == value


bounds = st.one_of(st.none(), st.floats(0.01, 1e9).map(lambda value: float(f"{value:.8g}")))


@examples(300)
@given(bounds, bounds, st.booleans())
def test_a_quantity_that_is_written_is_read_as_the_same(low, high, approximate):
    if low is None and high is None:
        return
    if low is not None and high is not None:
        low, high = sorted((low, high))
    values = {"quantity_low": low, "quantity_high": high, "approximate": int(approximate)}
    found = read_quantity(quantity_text(values))
    assert (found.low, found.high, found.approximate) == (low, high, approximate)


@examples(500)
@given(st.text(max_size=40))
def test_no_text_breaks_the_reader_and_bounds_are_in_order(text):
    found = read_quantity(text)
    assert found.problem or found.low is not None or found.high is not None
    if found.low is not None and found.high is not None:
        assert 0 <= found.low <= found.high <= MAX_QUANTITY


MAPPING = ColumnMapping(
    "own", "", "", {}, separator=";", country="BR", decimal=",", default_unit="no."
)


def read(text):
    return list(items_of(text, MAPPING))


def test_entries_are_specimens_with_their_quantity():
    one, two = read("01 (UM) PÁSSARO CURIÓ VIVO;DOIS (02) PAPAGAIOS-VERDADEIROS")
    assert one.values["quantity_low"] == 1 and one.values["term"] == "LIV"
    assert two.values["quantity_low"] == 2 and "term" not in two.values


def test_a_word_for_an_animal_is_proposed_and_not_put_in():
    (item,) = read("3 TRINCA-FERROS")
    assert "species" not in item.values
    (problem,) = item.problems
    assert (problem.code, problem.suggestion) == ("TAXON_VERNACULAR", "Saltator similis")


def test_two_words_propose_nothing():
    (item,) = read("3 PÁSSAROS, TIZIU OU CURIÓ")
    assert [one.suggestion for one in item.problems] == [""]


def test_a_scientific_name_that_stands_there_is_taken():
    (item,) = read('UM PAPAGAIO, APARENTEMENTE DA ESPÉCIE "AMAZONA AESTIVA"')
    assert item.values["species"] == "Amazona aestiva"


def test_the_same_words_are_taken_once_and_told():
    (item,) = read("UM CURIÓ;UM CURIÓ;UM CURIÓ")
    assert item.values["quantity_low"] == 1
    assert "TEXT_REPEATED" in {one.code for one in item.problems}


def test_parts_that_do_not_add_up_leave_the_quantity_out():
    (good,) = read("10 AVES, SENDO 02 (DOIS) CURIÓS, 06 (SEIS) TIZIUS E 02 (DOIS) COLEIRINHAS")
    (bad,) = read("10 AVES, SENDO 02 (DOIS) CURIÓS, 06 (SEIS) TIZIUS E 03 (TRÊS) COLEIRINHAS")
    assert good.values["quantity_low"] == 10 and "quantity_low" not in bad.values
    for item in (good, bad):
        assert "TEXT_SEVERAL_KINDS" in {one.code for one in item.problems}


def test_numbers_of_rings_count_nothing():
    (item,) = read("UM CURIÓ COM ANILHA IBAMA OA 2,6 471254")
    assert item.values["quantity_low"] == 1


def test_figure_and_words_that_differ_are_told():
    (item,) = read("02(TRÊS) CURIÓS")
    assert "quantity_low" not in item.values
    assert "QUANTITY_CONTRADICTORY" in {one.code for one in item.problems}


def test_what_was_not_alive_is_not_live():
    (item,) = read("1 (UM) TATU MORTO")
    assert item.values["term"] == "BOD"
