"""The lessons: made of their sources, in every language; they run in an empty folder and give what is stored."""

import ast
import html
import importlib
import json
import math
import re
from pathlib import Path

import pytest
from patience import PATIENCE
from public_names import PACKAGES
from sources import module_at

from forensics.training.lessons import questions

ROOT = Path(__file__).resolve().parent.parent
make = module_at(ROOT / "notebooks" / "make.py")
SOURCES = make.sources()
LANGUAGES = make.languages()
MADE = [(source, language) for source in SOURCES for language in LANGUAGES]
# Probabilities come through the system's mathematics and are shown with few digits.
NEAR = 0.011
# Each lesson starts a kernel. The fast tests run one; `make test-all` runs all, as the pages that are marked as slow.
FAST = {("01_identify", "fr")}
AGAIN = "run 'python notebooks/make.py' and look at what changed"
MOST_LINES = 5
OTHERS = {"pandas", "matplotlib.pyplot"}
"""What a lesson may import beside the public packages."""


def name(value):
    return value.stem if isinstance(value, Path) else value


def stored(source, language):
    return json.loads(make.notebook_of(source, language).read_text(encoding="utf-8"))


def cells_of(source, kind):
    return [cell.source for cell in make.read_source(source).cells if cell.cell_type == kind]


def prose_of(source):
    return "\n\n".join(cells_of(source, "markdown"))


def code_of(cell):
    """Return a cell of code without comments and language."""
    return ast.unparse(ast.parse(re.sub(r'begin\("\w+"\)', 'begin("")', "".join(cell["source"]))))


def shown(cell):
    """Return the texts that a cell gave: what it printed, tables cell by cell, no pictures."""
    texts, before = [], None
    for output in cell.get("outputs", ()):
        data = output.get("data", {})
        kind = output["output_type"]
        if kind == "stream":
            # A kernel may send what is printed in one piece or in several.
            text = "".join(output["text"])
            texts[-1:] = [texts[-1] + text] if before == kind else [*texts[-1:], text]
        elif "image/png" in data:
            texts.append("picture")
        elif "text/html" in data:
            found = re.findall(
                r"<(?:t[dh]|p)[ >].*?</(?:t[dh]|p)>", "".join(data["text/html"]), re.DOTALL
            )
            texts += [html.unescape(re.sub("<[^>]*>", "", text)).strip() for text in found]
        else:
            texts.append("".join(data.get("text/plain", "")))
        before = kind
    return texts


def alike(one, other):
    if one == other:
        return True
    try:
        return math.isclose(float(one), float(other), rel_tol=0, abs_tol=NEAR)
    except ValueError:
        return False


def compare(source, language, folder):
    was = stored(source, language)["cells"]
    now = make.executed(make.made(source, language), language, folder, longest=PATIENCE)["cells"]
    for number, (before, found) in enumerate(zip(was, now, strict=True)):
        if "varies" in before["metadata"].get("tags", ()):
            continue
        texts, given = shown(before), shown(found)
        assert len(texts) == len(given), f"cell {number}: {AGAIN}"
        for one, other in zip(texts, given):
            assert alike(one, other), f"cell {number}: {one!r} is now {other!r}; {AGAIN}"
    assert not list(folder.iterdir())  # nothing is left where it was run


@pytest.mark.parametrize(
    ("source", "language"), [one for one in MADE if (one[0].stem, one[1]) in FAST], ids=name
)
def test_a_lesson_gives_what_is_stored_in_it(source, language, tmp_path):
    compare(source, language, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "language"), [one for one in MADE if (one[0].stem, one[1]) not in FAST], ids=name
)
def test_every_other_lesson_gives_what_is_stored_in_it(source, language, tmp_path):
    compare(source, language, tmp_path)


@pytest.mark.parametrize(("source", "language"), MADE, ids=name)
def test_a_notebook_is_made_of_its_source_and_catalogue(source, language):
    """Also what is translated: `made` refuses a text without translation, and a translation without text."""

    def plain(cell):
        return cell["cell_type"], cell["id"], cell["metadata"], "".join(cell["source"])

    was, now = stored(source, language), make.made(source, language)
    assert list(map(plain, was["cells"])) == list(map(plain, now["cells"])), AGAIN
    assert was["metadata"] == now["metadata"]


@pytest.mark.parametrize("source", SOURCES, ids=name)
def test_a_lesson_has_the_same_code_in_every_language(source):
    first, *others = (
        [code_of(cell) for cell in stored(source, language)["cells"] if cell["cell_type"] == "code"]
        for language in LANGUAGES
    )
    assert all(other == first for other in others)
    assert sum('begin("")' in cell or "begin('')" in cell for cell in first) == 1


@pytest.mark.parametrize("source", SOURCES, ids=name)
def test_a_cell_of_code_is_short(source):
    for cell in cells_of(source, "code"):
        lines = [line for line in cell.splitlines() if line.strip() and line.strip()[0] != "#"]
        assert len(lines) <= MOST_LINES, cell


@pytest.mark.parametrize("source", SOURCES, ids=name)
def test_a_lesson_uses_public_names_alone(source):
    code = ast.parse("\n".join(cells_of(source, "code")))
    packages = {"forensics": "forensics"}
    for node in ast.walk(code):
        if isinstance(node, ast.Import):
            assert {each.name for each in node.names} <= {*PACKAGES, *OTHERS}, ast.unparse(node)
        elif isinstance(node, ast.ImportFrom):
            assert node.module in PACKAGES, ast.unparse(node)
            public = importlib.import_module(node.module).__all__
            assert {each.name for each in node.names} <= {*public}, ast.unparse(node)
            packages.update({each.name: f"{node.module}.{each.name}" for each in node.names})
    for node in ast.walk(code):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in packages:
            package = packages[ast.unparse(node.value)]
            if package in PACKAGES:
                assert node.attr in importlib.import_module(package).__all__, ast.unparse(node)
        assert not (isinstance(node, ast.Attribute) and node.attr.startswith("_"))


@pytest.mark.parametrize("source", SOURCES, ids=name)
def test_every_question_of_the_table_is_asked_before_its_cell_and_checked_once(source):
    cells, asked = make.read_source(source).cells, []
    for before, cell in zip(cells, cells[1:]):
        for number in re.findall(r'check\("([^"]*)"', cell.source):
            asked.append(number)
            assert f"**Question {number}.**" in before.source, number
            assert re.search(r"(?m)^answer = None  # \S", cell.source), cell.source
    lesson = int(source.stem[:2])
    assert asked == [each for each in questions() if each.startswith(f"{lesson}.")]
    assert 5 <= len(asked) <= 8


@pytest.mark.parametrize("source", SOURCES, ids=name)
def test_a_lesson_has_a_goal_a_picture_three_sentences_and_a_task(source):
    text = prose_of(source)
    assert re.match(rf"# Lesson {int(source.stem[:2])}: ", text)
    assert re.findall(r"(?m)^## (The picture to remember|Take home|Your task)$", text) == [
        "The picture to remember", "Take home", "Your task",
    ]  # fmt: skip
    assert re.search(r"\*\*Goal\.\*\* [^.]*\.\n", text)
    taken = text.split("## Take home\n")[1].split("\n## ")[0]
    assert len(re.findall(r"(?m)^\d\. ", taken)) == 3
    assert len(re.findall(r"[.!?](?=\s|$)", re.sub(r"(?m)^\d\. ", "", taken))) == 3
    assert 20 <= make.minutes(make.read_source(source)) <= 40


@pytest.mark.parametrize(("source", "language"), MADE, ids=name)
def test_pictures_and_results_can_be_read(source, language):
    pictures = 0
    for cell in stored(source, language)["cells"]:
        for output in cell.get("outputs", ()):
            assert output["output_type"] != "error"
            assert output.get("name") != "stderr"
            assert not re.search(r"/(home|root|tmp|usr|Users)/", json.dumps(output))
            if picture := output.get("data", {}).get("image/png"):
                # The width stands in bytes 16 to 20 of a PNG.
                import base64

                width = int.from_bytes(base64.b64decode("".join(picture))[16:20], "big")
                assert width <= 900, "wider than a screen of 1024 shows beside the margin"
                pictures += 1
    assert pictures


@pytest.mark.parametrize("source", SOURCES, ids=name)
def test_links_to_pages_of_the_project_lead_somewhere(source):
    for target in re.findall(r"`((?:docs|benchmarks)/[\w./-]+\.md)`", prose_of(source)):
        assert (ROOT / target).is_file(), target


@pytest.mark.parametrize("source", SOURCES, ids=name)
def test_french_is_set_as_in_french_and_keeps_what_is_code(source):
    import io

    catalogue = make.read_po(io.BytesIO(make.catalogue_of(source, "fr").read_bytes()))
    for entry in catalogue:
        if not entry.id:
            continue
        assert sorted(re.findall(r"`[^`]*`", entry.string)) == sorted(
            re.findall(r"`[^`]*`", entry.id)
        )
        text = re.sub(r"`[^`\n]*`|\]\([^)]*\)|(?m:^\|[-|: ]+\|$)", "x", entry.string)
        assert re.findall(r".{0,20}[^\s|](?<![\u00a0:\d/-])[:;?!»%](?=\s|$)", text) == []
        assert not re.search(r"«(?!\u00a0)|[^\u00a0\n] [:;?!»%]|'", text), text


@pytest.fixture
def small(tmp_path):
    """A source with a catalogue that fits."""
    source = tmp_path / "01_small.py"
    source.write_text(
        "# %% [markdown]\n# # Head\n#\n# A sentence\n# in two lines.\n\n# %%\nx = 1  # why\n",
        encoding="utf-8",
    )
    catalogue = make.catalogue_of(source, "fr")
    make._write_texts(source, "fr")
    text = catalogue.read_text(encoding="utf-8")
    for english, french in (("# Head", "# Tête"), ("A sentence in two lines.", "Une phrase."), ("why", "cause")):  # fmt: skip
        text = text.replace(
            f'msgid "{english}"\nmsgstr ""', f'msgid "{english}"\nmsgstr "{french}"'
        )
    catalogue.write_text(text, encoding="utf-8")
    return source


def test_a_source_becomes_a_notebook_of_each_language(small):
    assert make.messages(small) == ["# Head", "A sentence in two lines.", "why"]
    assert [cell.source for cell in make.made(small, "en").cells] == [
        "# Head\n\nA sentence in two lines.", "x = 1  # why",
    ]  # fmt: skip
    assert [cell.source for cell in make.made(small, "fr").cells] == [
        "# Tête\n\nUne phrase.", "x = 1  # cause",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('msgstr "cause"', 'msgstr ""', "not translated: why"),
        ('msgid "why"', '#, fuzzy\nmsgid "why"', "not translated: why"),
        ('msgid "why"', 'msgid "when"', "not in the lesson: when"),
        ('msgid "why"\nmsgstr "cause"', '#~ msgid "why"\n#~ msgstr "cause"', "not in the lesson: why|not translated: why"),
    ],
    ids=["missing", "fuzzy", "of another text", "obsolete"],
)  # fmt: skip
def test_a_catalogue_that_does_not_fit_is_an_error_with_file_and_message(small, old, new, said):
    catalogue = make.catalogue_of(small, "fr")
    text = catalogue.read_text(encoding="utf-8")
    assert old in text
    catalogue.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(make.CatalogueError, match=said) as found:
        make.made(small, "fr")
    assert str(catalogue) in str(found.value)


def test_texts_are_brought_into_line_with_the_source_and_translations_are_kept(small):
    text = small.read_text(encoding="utf-8").replace("# # Head", "# # Another head")
    small.write_text(text, encoding="utf-8")
    make._write_texts(small, "fr")
    with pytest.raises(make.CatalogueError, match="not translated: # Another head") as found:
        make.made(small, "fr")
    assert len(str(found.value).splitlines()) == 1


def test_every_lesson_is_listed_in_every_language():
    text = (ROOT / "notebooks" / "README.md").read_text(encoding="utf-8")
    folder = ROOT / "notebooks"
    made = {make.notebook_of(*one) for one in MADE}
    assert made == {*folder.glob("*.ipynb"), *folder.glob("[a-z][a-z]/*.ipynb")}
    listed = re.findall(r"\]\(((?:\w\w/)?\d\d_\w+\.ipynb)\)", text)
    assert sorted(listed) == sorted(path.relative_to(folder).as_posix() for path in made)


def test_printed_text_is_compared_whole_however_it_was_sent():
    whole = {"outputs": [{"output_type": "stream", "text": ["a\n", "b\n"]}]}
    pieces = {"outputs": [{"output_type": "stream", "text": [part]} for part in ("a", "\n", "b\n")]}
    assert shown(whole) == shown(pieces) == ["a\nb\n"]
