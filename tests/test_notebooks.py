"""The lessons run, in an empty folder and without a network, and give what is stored in them."""

import ast
import html
import importlib
import json
import math
import re
from pathlib import Path

import pytest
from patience import PATIENCE
from sources import module_at

ROOT = Path(__file__).resolve().parent.parent
LESSONS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
# Probabilities come through the system's mathematics and are shown with few digits.
NEAR = 0.011
# Each lesson starts a kernel. The fast tests run one; `make test-all` runs all, as the pages that are marked as slow.
FAST = {"05_custody"}
AGAIN = "run 'python notebooks/execute.py' and look at what changed"


@pytest.fixture(scope="module")
def execute():
    return module_at(ROOT / "notebooks" / "execute.py")


def name(path):
    return path.stem


def cells_of(path, kind):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == kind]


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
            found = re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", "".join(data["text/html"]), re.DOTALL)
            texts += [html.unescape(text).strip() for text in found]
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


@pytest.mark.parametrize("path", [path for path in LESSONS if path.stem in FAST], ids=name)
def test_a_lesson_gives_what_is_stored_in_it(execute, path, tmp_path):
    compare(execute, path, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("path", [path for path in LESSONS if path.stem not in FAST], ids=name)
def test_a_long_lesson_gives_what_is_stored_in_it(execute, path, tmp_path):
    compare(execute, path, tmp_path)


@pytest.mark.parametrize("path", LESSONS, ids=name)
def test_what_a_lesson_imports_exists(path):
    """Also of those that run with the slow tests: a name that was moved is noticed at once."""
    for node in ast.walk(ast.parse("\n".join(cells_of(path, "code")))):
        if isinstance(node, ast.Import):
            for each in node.names:
                importlib.import_module(each.name)
        elif isinstance(node, ast.ImportFrom):
            module = importlib.import_module(node.module)
            assert all(hasattr(module, each.name) for each in node.names), ast.unparse(node)


def compare(execute, path, tmp_path):
    stored = json.loads(path.read_text(encoding="utf-8"))["cells"]
    found = execute.executed(path, tmp_path, longest=PATIENCE)["cells"]
    for number, (before, now) in enumerate(zip(stored, found, strict=True)):
        if "varies" in before["metadata"].get("tags", ()):
            continue
        was, given = shown(before), shown(now)
        assert len(was) == len(given), f"cell {number}: {AGAIN}"
        for one, other in zip(was, given):
            assert alike(one, other), f"cell {number}: {one!r} is now {other!r}; {AGAIN}"
    assert not list(tmp_path.iterdir())  # nothing is left where it was run


@pytest.mark.parametrize("path", LESSONS, ids=name)
def test_a_lesson_has_goals_and_exercises_with_folded_answers(path):
    text = "\n".join(cells_of(path, "markdown"))
    assert re.match(rf"# Lesson {int(path.stem[:2])}: ", text)
    assert "**Goals.**" in text and re.search(r"^## .*Exercise", text, re.MULTILINE)
    assert text.count("<details><summary>") == text.count("</details>") >= 4


@pytest.mark.parametrize("path", LESSONS, ids=name)
def test_links_to_pages_of_the_project_lead_somewhere(path):
    for target in re.findall(
        r"`((?:docs|benchmarks)/[\w./-]+\.md)`", "\n".join(cells_of(path, "markdown"))
    ):
        assert (ROOT / target).is_file(), target


@pytest.mark.parametrize("path", LESSONS, ids=name)
def test_no_stored_result_is_an_error_or_tells_whose_machine_it_was(path):
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        for output in cell.get("outputs", ()):
            assert output["output_type"] != "error"
            assert output.get("name") != "stderr"
            assert not re.search(r"/(home|root|tmp|usr|Users)/", json.dumps(output))


def test_the_list_of_lessons_is_complete():
    text = (ROOT / "notebooks" / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"\]\((\d\d_\w+\.ipynb)\)", text) == [path.name for path in LESSONS]


def test_printed_text_is_compared_whole_however_it_was_sent():
    whole = {"outputs": [{"output_type": "stream", "text": ["a\n", "b\n"]}]}
    pieces = {"outputs": [{"output_type": "stream", "text": [part]} for part in ("a", "\n", "b\n")]}
    assert shown(whole) == shown(pieces) == ["a\nb\n"]
