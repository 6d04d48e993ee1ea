"""Messages: every text is marked, and the French catalogue is whole and compiled."""

import gettext
import io
import re

import pytest

from forensics.messages import DOMAIN, LOCALE

babel = pytest.importorskip("babel", reason="babel extracts the messages")

from babel.messages.extract import extract_from_dir  # noqa: E402
from babel.messages.mofile import read_mo, write_mo  # noqa: E402
from babel.messages.pofile import read_po  # noqa: E402

KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}
LANGUAGES = ("fr",)
PLACEHOLDER = re.compile(r"\{[^{}]*\}")


@pytest.fixture(scope="module")
def extracted(root):
    """Messages of the code: text, or (singular, plural)."""
    found = extract_from_dir(str(root / "forensics"), [("**.py", "python")], keywords=KEYWORDS)
    return {message for _file, _line, message, _comments, _context in found if message}


@pytest.fixture(params=LANGUAGES)
def folder(request):
    return LOCALE / request.param / "LC_MESSAGES"


@pytest.fixture
def catalogue(folder):
    with open(folder / f"{DOMAIN}.po", "rb") as file:
        return read_po(file, domain=DOMAIN)


def texts(value):
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


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
