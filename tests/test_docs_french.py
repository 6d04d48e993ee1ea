"""The French pages show what the English ones show, as a French reader writes."""

import re
from pathlib import Path

import pytest
from documentation import blocks_of
from sources import module_at

PLACE = Path(__file__).resolve().parents[1] / "docs" / "make_french.py"
make_french = module_at(PLACE)
TRANSLATED = make_french.TRANSLATED
NO_BREAK = "\u00a0"


def prose_of(path):
    """Return a page without its code, links and comments."""
    text = re.sub(r"(?ms)^ *```.*?^ *```", "", path.read_text(encoding="utf-8"))
    text = re.sub(r"`[^`\n]*`|\]\([^)]*\)|<!--.*?-->|(?m:^\|[-|]+\|$)", "x", text)
    return text.replace("![", "[")


def test_every_french_page_is_the_translation_of_a_page(root):
    assert sorted(path.name for path in (root / "docs" / "fr").glob("*.md")) == sorted(TRANSLATED)


@pytest.mark.parametrize("name", TRANSLATED)
def test_a_french_page_has_the_code_of_the_english_one(root, name):
    french = blocks_of(root / "docs" / "fr" / name)
    english = blocks_of(root / TRANSLATED[name])
    assert english
    if name in make_french.OWN_CODE:  # tests/test_docs_run.py runs them
        assert [block.kind for block in french] == [block.kind for block in english]
        french = english
    for in_french, in_english in zip(french, english, strict=True):
        assert (in_french.kind, in_french.text) == (in_english.kind, in_english.text), (
            f"docs/fr/{name}:{in_french.line} differs from {TRANSLATED[name]}:{in_english.line}: make docs"
        )


@pytest.mark.parametrize("name", TRANSLATED)
def test_a_french_page_has_the_sections_of_the_english_one(root, name):
    def levels(path):
        lines = re.sub(r"(?ms)^ *```.*?^ *```", "", path.read_text(encoding="utf-8")).splitlines()
        return [line.split(" ")[0] for line in lines if re.match("#+ ", line)]

    assert levels(root / "docs" / "fr" / name) == levels(root / TRANSLATED[name])


@pytest.mark.parametrize("name", TRANSLATED)
def test_signs_of_a_french_page_stand_behind_a_no_break_space(root, name):
    prose = prose_of(root / "docs" / "fr" / name)
    assert re.findall(r".{0,20}[^\s|]?(?<![\u00a0:\d/-])[;?!»%](?=\s|$)", prose) == []
    assert re.findall(r".{0,20}(?<!\u00a0):(?=\s|$)", prose) == []
    assert not re.search(r"«(?!\u00a0)|\"", prose)
    assert "'" not in prose, "the apostrophe is ’"
    assert NO_BREAK in prose


def test_code_is_put_into_a_french_page_and_prose_is_left():
    english = "# A\n\n```sh\nnew\n```\n\nText\n"
    assert make_french.put_code("# B\n\n```sh\nold\n```\n\nTexte\n", english) == (
        "# B\n\n```sh\nnew\n```\n\nTexte\n"
    )
    with pytest.raises(ValueError, match="2 blocks of code, and 1 in English"):
        make_french.put_code("```sh\na\n```\n```sh\nb\n```\n", english)
