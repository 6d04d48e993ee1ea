from forensics.trade.reading import items_of


def read(text):
    return list(items_of(text, separator=";", country="BR", decimal=",", default_unit="no."))


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
