"""Messages: every text is marked, every catalogue is whole and compiled, numbers are the reader's."""

import ast
import gettext
import io
import json
import pickle
import re
import tomllib
from decimal import Decimal

import numpy as np
import pytest

from forensics import messages
from forensics.messages import DOMAIN, LOCALE, SPECIMEN, _, available, language, ngettext, numeral

babel = pytest.importorskip("babel", reason="babel extracts the messages")

from babel.messages.catalog import Catalog  # noqa: E402
from babel.messages.extract import extract_from_dir  # noqa: E402
from babel.messages.mofile import read_mo, write_mo  # noqa: E402
from babel.messages.pofile import read_po  # noqa: E402

KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}
LANGUAGES = sorted(path.name for path in LOCALE.iterdir() if path.is_dir())
PLACEHOLDER = re.compile(r"\{[^{}]*\}")


@pytest.fixture(scope="module")
def extracted(root):
    """Messages of the code and of the tables of notices: text, or (singular, plural)."""
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    methods = [(one["pattern"], one["method"]) for one in settings["tool"]["babel"]["mappings"]]
    found = extract_from_dir(str(root / "forensics"), methods, keywords=KEYWORDS)
    return {message for _file, _line, message, _comments, _context in found if message}


@pytest.fixture(scope="module", params=LANGUAGES)
def folder(request):
    return LOCALE / request.param / "LC_MESSAGES"


@pytest.fixture(scope="module")
def catalogue(folder):
    with open(folder / f"{DOMAIN}.po", "rb") as file:
        return read_po(file, domain=DOMAIN)


def texts(value):
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def test_the_languages_that_ship_are_there():
    assert {"es", "fr"} <= set(LANGUAGES)
    assert available() == sorted({"en", *LANGUAGES})


def texts_inside_f_strings(tree):
    """Yield the line of an f-string and a text that is marked within it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            for call in (part for part in ast.walk(node) if isinstance(part, ast.Call)):
                if getattr(call.func, "id", "") in KEYWORDS and any(
                    isinstance(argument, ast.Constant) for argument in call.args
                ):
                    yield node.lineno, ast.unparse(call)


def translated_at_import(tree):
    """Yield the lines of a module that translate while it is imported."""
    nodes = [tree]
    while nodes:
        for child in ast.iter_child_nodes(nodes.pop()):
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                continue
            if isinstance(child, ast.Call) and getattr(child.func, "id", "") in ("_", "ngettext"):
                yield child.lineno
            nodes.append(child)


@pytest.fixture(scope="module")
def faults(root):
    """Places of texts inside f-strings, and of texts that are translated while a module is imported."""
    inside, at_import = [], []
    for path in (root / "forensics").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        inside += [(path, *fault) for fault in texts_inside_f_strings(tree)]
        if path.parent.name != "cli":
            at_import += [(path, line) for line in translated_at_import(tree)]
    return inside, at_import


def test_no_text_stands_inside_an_f_string(faults):
    """What extracts the messages does not look there on every Python, so some were never translated."""
    assert faults[0] == []


def test_no_module_but_those_of_commands_keeps_a_translated_text(faults):
    """Who speaks another language later would still get the first one."""
    assert faults[1] == []


def test_faults_of_texts_are_recognised():
    assert list(texts_inside_f_strings(ast.parse("f\"{_('a')}: {_(text)}\""))) == [(1, "_('a')")]
    code = "NAME = _('a')\ndef say():\n    return _('b')\n"
    assert list(translated_at_import(ast.parse(code))) == [1]


def test_the_catalogue_has_every_message_and_no_other(extracted, catalogue):
    known = {texts(message.id) for message in catalogue if message.id}
    needed = {texts(message) for message in extracted}
    assert sorted(needed - known) == []
    assert sorted(known - needed) == []


def test_every_message_is_translated_and_none_is_doubtful(catalogue):
    for message in catalogue:
        if message.id:
            assert all(texts(message.string)) and message.string, message.id
            assert not message.fuzzy, message.id
    assert not catalogue.obsolete


def test_placeholders_are_the_same_in_source_and_translation(catalogue):
    for message in catalogue:
        if not message.id:
            continue
        expected = {frozenset(PLACEHOLDER.findall(text)) for text in texts(message.id)}
        for text in texts(message.string):
            assert frozenset(PLACEHOLDER.findall(text)) in expected, (message.id, text)


def test_commands_options_and_file_names_are_not_translated(catalogue):
    kept = re.compile(r"--[a-z]+|forensics (?:library (?:build|info|export|import)|identify)\b")
    for message in catalogue:
        for text in texts(message.string) if message.id else ():
            assert sorted(kept.findall(text)) == sorted(kept.findall(texts(message.id)[0])), text


def test_the_compiled_catalogue_is_made_from_the_source(folder, catalogue):
    fresh = io.BytesIO()
    write_mo(fresh, catalogue)
    fresh.seek(0)
    with open(folder / f"{DOMAIN}.mo", "rb") as file:
        compiled = read_mo(file)

    def content(found):
        return {texts(m.id): tuple(texts(m.string)) for m in found if m.id}

    assert content(compiled) == content(read_mo(fresh))


def test_gettext_speaks_the_language(folder):
    language = folder.parent.name
    found = gettext.translation(DOMAIN, LOCALE, languages=[language])
    assert found.gettext("Best match") != "Best match"
    assert found.gettext("en") == language


def test_a_catalogue_writes_the_specimen_with_signs_of_its_own(folder):
    """The digits are the same; what stands between them is the language's."""
    found = gettext.translation(DOMAIN, LOCALE, languages=[folder.parent.name])
    assert re.fullmatch(r"97\D9\D+", found.gettext(SPECIMEN))


def test_texts_for_people_are_marked(root):
    """Errors raised with a bare text would never be translated."""
    bare = re.compile(r"""raise \w*(?:Input|Library|Usage|Verification)Error\(\s*f?["']""")
    for path in (root / "forensics").rglob("*.py"):
        assert not bare.search(path.read_text(encoding="utf-8")), path


def test_marked_texts_are_no_f_strings(root):
    """gettext would look up the text after formatting, and extraction reads none inside one."""
    wrong = re.compile(r"""\b_\(\s*f["']|\bf["'].*\{_\(""")
    for path in (root / "forensics").rglob("*.py"):
        assert not wrong.search(path.read_text(encoding="utf-8")), path


# -- speaking, with small catalogues made here ------------------------------------------------


def write_catalogue(folder, language, **more):
    """Write a catalogue of few texts; its numbers have a decimal comma, and a no-break space before %."""
    held = Catalog(locale=language, domain=DOMAIN)
    held.add("en", language)
    held.add("97.9%", more.get("share", "97,9\u00a0%"))
    held.add("{name}: {share:.1%} of {count}", "{count} · {share:.1%} · {name}")
    # How many plurals a language has is for the tables of Babel to say: French has two or three.
    plurals = ("{n:.1f} chose", *["{n:.1f} choses"] * (held.num_plurals - 1))
    held.add(("{n:.1f} thing", "{n:.1f} things"), plurals)
    held.add("no number", "kein {Feld}")
    path = folder / language / "LC_MESSAGES"
    path.mkdir(parents=True)
    with open(path / f"{DOMAIN}.mo", "wb") as file:
        write_mo(file, held)


@pytest.fixture
def speak(tmp_path, monkeypatch):
    """Catalogues of fr, pt_BR and of ko, which writes numbers as English does."""
    write_catalogue(tmp_path, "fr")
    write_catalogue(tmp_path, "pt_BR", share="97,9%")
    write_catalogue(tmp_path, "ko", share="97.9%")
    monkeypatch.setattr(messages, "LOCALE", tmp_path)
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    yield messages.speak
    monkeypatch.undo()
    messages.speak()


def filled_in():
    return _("{name}: {share:.1%} of {count}").format(
        name="1.5", share=0.979, count=messages.thousands(12345)
    )


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("en", "1.5: 97.9% of 12\u00a0345"),
        ("en_US.UTF-8", "1.5: 97.9% of 12\u00a0345"),
        ("fr", "12\u00a0345 · 97,9\u00a0% · 1.5"),
        ("pt_BR", "12\u00a0345 · 97,9% · 1.5"),
        ("ko", "12\u00a0345 · 97.9% · 1.5"),
    ],
)
def test_numbers_in_a_text_have_the_form_of_its_language_and_names_stay(speak, code, expected):
    speak(code)
    assert filled_in() == expected


@pytest.mark.parametrize(
    ("value", "form", "expected"),
    [
        (0.5, "", "0,5"),
        (Decimal("0.50"), "", "0,50"),
        (np.float32(0.5), ".2f", "0,50"),
        (1.2e-9, ".2g", "1,2e-09"),
        (2026, "", "2026"),
        (-22.25, "8.1f", "   -22,2"),
        ("48.20", "", "48,20"),
        (float("nan"), ".1f", "nan"),
    ],
)
def test_numerals(speak, value, form, expected):
    plain = format(value, form)
    assert numeral(value, form) == plain  # English is what Python writes
    speak("fr")
    assert numeral(value, form) == expected


def test_a_plural_has_its_numbers_in_the_form_of_the_language(speak):
    speak("fr")
    assert ngettext("{n:.1f} thing", "{n:.1f} things", 2).format(n=2.5) == "2,5 choses"


def test_a_translated_text_is_a_text_like_any_other(speak):
    speak("fr")
    text = _("no number")
    assert isinstance(text, str)
    assert json.loads(json.dumps([text])) == ["kein {Feld}"]
    assert pickle.loads(pickle.dumps(text)) == text
    assert f"{text}" == "".join([text]) == "kein {Feld}"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"LANGUAGE": "fr"}, "fr"),
        ({"LANGUAGE": "fr_CA"}, "fr"),
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANGUAGE": "xx:fr"}, "fr"),
        ({"LANGUAGE": "en:fr"}, "en"),  # English comes first, and needs no catalogue
        ({"LANGUAGE": "xx"}, "en"),
        ({}, "en"),
    ],
)
def test_the_environment_says_the_language(speak, monkeypatch, environment, expected):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    speak()
    assert language() == expected


def test_an_unknown_language_is_refused_and_changes_nothing(speak):
    speak("fr")
    for code in ("xx", "", "english"):
        with pytest.raises(ValueError):
            speak(code)
    assert language() == "fr"
