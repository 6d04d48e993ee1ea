"""Words that no report may have are found in four languages, whoever wrote them."""

import copy
from dataclasses import replace

import pytest

from forensics.messages import LOCALE
from forensics.report.banned_phrases import find_faults
from forensics.report.linter import check
from forensics.report.template import read_template

BAD = {
    "OVERSTATED": {
        "en": ["It is 100.0 % sure.", "A hundred percent.", "The origin is proven.",
               "There is no doubt: it is certain that it is ivory."],
        "fr": [
            "L'origine est irréfutable.", "Il est certain que c'est de l'ivoire.", "Certain.",
            "L'origine est prouvée.", "Cela prouve que c'est de l'ivoire.", "C'est sûr à 100 %.",
            "Cent pour cent.", "Hors de tout doute raisonnable.", "Au-delà de tout doute.",
            "Sans l\u2019ombre d\u2019un doute.", "À coup sûr, de l'ivoire.", "Avec certitude.",
            "Une méthode infaillible.", "C'est indiscutable.", "0 % d'erreur.", "Zéro erreur.",
        ],
        "es": [
            "El origen es irrefutable.", "Es cierto que es marfil.", "Con certeza es marfil.",
            "Está probado que es marfil.", "Queda demostrado el origen.", "Al 100 %.",
            "Cien por cien.", "Sin ninguna duda.", "Más allá de toda duda razonable.",
            "Con toda seguridad es marfil.", "Es seguro.", "Un método infalible.",
            "No cabe duda de que es marfil.", "El hallazgo demuestra que es marfil.", "Ha sido comprobado.", "Cero errores.",
        ],
        "pt": [
            "A origem é irrefutável.", "É certo.", "Com certeza.", "Está provado.",
            "Sem qualquer dúvida.", "Cem por cento.", "Para além de qualquer dúvida razoável.",
        ],
    },
    "TRANSPOSED": {
        "fr": [
            "Il est très probable que l'ivoire vienne du Gabon.",
            "Il est 500 fois plus probable que l'ivoire vienne du Gabon.",
            "Il est 500 fois plus probable qu\u2019il vienne du Gabon.",
            "Il y a une chance sur un million qu'un autre animal l'ait laissé.",
            "Il y a 99 % de chances que ce soit de l'ivoire.",
            "Un rapport de vraisemblance de 1000 signifie que c'est de l'ivoire.",
        ],
        "es": [
            "Es muy probable que el marfil sea de Gabón.",
            "Es 500 veces más probable que el marfil sea de Gabón.",
            "Hay una posibilidad entre un millón de que sea de otro animal.",
            "Hay un 99 % de probabilidades de que sea marfil.",
            "Una razón de verosimilitud de 1000 significa que es marfil.",
        ],
        "pt": [
            "É muito provável que o marfim seja do Gabão.",
            "É 500 vezes mais provável que o marfim seja do Gabão.",
            "Uma hipótese em um milhão.",
        ],
    },
    "PRIOR_UNSTATED": {
        "fr": ["Elle vient du Gabon avec une probabilité de 0,99.",
               "La probabilité a posteriori du Gabon est de 0,99."],
        "es": ["Viene de Gabón con una probabilidad de 0,99.",
               "La probabilidad a posteriori de Gabón es 0,99."],
        "pt": ["Vem do Gabão com uma probabilidade de 0,99."],
    },
}  # fmt: skip
GOOD = [
    "Un certain nombre de pièces fut examiné.", "Dans un certain temps.", "Certains animaux.",
    "Les constats sont 500 fois plus probables si l'ivoire vient du Gabon que s'il vient du Kenya.",
    "Les constats sont 500 fois plus probables que si l'ivoire venait du Kenya.",
    "Cela ne prouve pas que c'est de l'ivoire.", "Cela n'est pas certain.", "C'est incertain.",
    "Los hallazgos son 500 veces más probables si el marfil es de Gabón que si es de Kenia.",
    "Ciertos animales fueron examinados.", "No es cierto que sea marfil.",
    "El método se ensayó en 500 especies.",
    "79,0 % des animaux de la référence.", "100.0 % of animals like those of the reference.",
    "Avec un prior de 0,5, la probabilité que l'échantillon soit sauvage est de 0,97.",
    "Con una probabilidad a priori de 0,5, la probabilidad de que el animal sea salvaje es 0,97.",
    "The call rests on the assumption that the library holds the species with a probability of 0.9.",
]  # fmt: skip


@pytest.mark.parametrize("code", BAD)
@pytest.mark.parametrize("language", ["en", "fr", "es", "pt"])
def test_a_fault_is_found_in_each_language(code, language):
    for text in BAD[code].get(language, ()):
        assert code in {found for found, _words in find_faults(text)}, text


@pytest.mark.parametrize("text", GOOD)
def test_what_is_right_is_left_alone(text):
    assert list(find_faults(text)) == []


def test_warnings_of_the_software_and_the_oath_are_read_like_texts_of_people(statement):
    changed = copy.deepcopy(statement)
    changed["findings"][0]["result"]["warnings"][0]["message"] = "This is certain."
    assert {p.code for p in check(changed)} == {"OVERSTATED"}
    changed = copy.deepcopy(statement)
    changed["findings"][0]["listings"][0]["lines"].append(["Note", "It is proved."])
    assert [(p.code, p.field) for p in check(changed)] == [("OVERSTATED", "findings")]
    changed = copy.deepcopy(statement)
    changed["people"][0]["name"] = "Certainly Right"
    assert [(p.code, p.field) for p in check(changed)] == [("OVERSTATED", "people")]
    template = read_template()
    for bad in (
        replace(template, declaration=template.declaration | {"en": "I swear it is irrefutable."}),
        replace(template, declaration=template.declaration | {"es": "Es cierto."}),
        replace(template, letterhead=("The laboratory that never errs",)),
        replace(template, footer="100 % right"),
    ):
        assert "OVERSTATED" in {problem.code for problem in check(statement, bad)}


def test_a_fault_that_stands_in_two_places_is_told_once(statement):
    statement["method"]["limits"] = "It is proved."
    assert [p.field for p in check(statement, read_template())] == ["method.limits"]


# The texts of the problems name what is refused.
_PRINTED = ("report", "taxonomy/listings", "barcode/calling", "barcode/checking", "origin", "age",
            "individual", "genetics")  # fmt: skip
_ABOUT_WORDS = ("problems.py", "banned_phrases.py")


@pytest.fixture(scope="module")
def printed(root):
    """Texts of the rooms that a report may print: sentences, warnings, limits."""
    return frozenset(texts_of_rooms(root))


def texts_of_rooms(root):
    extract = pytest.importorskip("babel.messages.extract").extract_from_dir
    keywords = {"_": None, "N_": None, "ngettext": (1, 2)}
    for room in _PRINTED:
        found = extract(str(root / "forensics" / room), [("**.py", "python")], keywords=keywords)
        for file, _line, message, _comments, _context in found:
            if message and not file.endswith(_ABOUT_WORDS):
                yield message if isinstance(message, tuple) else (message,)


@pytest.mark.parametrize(
    "language", ["en", *sorted(p.name for p in LOCALE.iterdir() if p.is_dir())]
)
def test_the_package_says_nothing_itself_that_it_refuses(language, printed):
    texts = {text for message in printed for text in message}
    if language != "en":
        from babel.messages.pofile import read_po

        with open(LOCALE / language / "LC_MESSAGES" / "forensics.po", "rb") as stream:
            catalogue = read_po(stream, domain="forensics")
        held = [
            one for one in catalogue
            if (tuple(one.id) if isinstance(one.id, (tuple, list)) else (one.id,)) in printed
        ]  # fmt: skip
        texts = {
            text for one in held
            for text in (one.string if isinstance(one.string, (tuple, list)) else (one.string,))
        }  # fmt: skip
    assert len(texts) > 300
    assert {(code, text) for text in texts for code, _words in find_faults(text)} == set()


@pytest.mark.parametrize("hidden", [
    "The origin is pro\u00adved.", "The origin is prov\u200bed.", "The origin is \uff50roved.",
    "It is ivory beyond  reasonable doubt.", "It is ivory beyond\nreasonable doubt.",
    "Hors de tout\u00a0doute.",
])  # fmt: skip
def test_signs_that_nobody_sees_hide_no_word(hidden):
    assert [code for code, _word in find_faults(hidden)] == ["OVERSTATED"]


@pytest.mark.parametrize("text, code", [
    ("The sample is 99.9 % likely to be ivory.", "TRANSPOSED"),
    ("We are 99 % confident that it is ivory.", "TRANSPOSED"),
    ("That another animal left it is one in a billion.", "TRANSPOSED"),
    ("The probability is 99.9 % that the sample is ivory.", "PRIOR_UNSTATED"),
    ("A 99 % probability of being African elephant.", "PRIOR_UNSTATED"),
    ("It is from Gabon with probability 0.99.", "PRIOR_UNSTATED"),
    ("Con 99 % de probabilidad es marfil.", "PRIOR_UNSTATED"),
    ("Avec 99 % de probabilité, c'est de l'ivoire.", "PRIOR_UNSTATED"),
    ("This is definitely ivory.", "OVERSTATED"),
])  # fmt: skip
def test_a_posterior_in_other_words_is_found(text, code):
    assert [found for found, _words in find_faults(text)] == [code]
