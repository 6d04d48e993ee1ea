"""The pages that are tables of the program are those that it makes now."""

import importlib.util

import pytest


@pytest.fixture(scope="module")
def make_tables(root):
    spec = importlib.util.spec_from_file_location("make_tables", root / "docs" / "make_tables.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["custody-events.md", "primers.md", "trade-rules.md"])
def test_the_page_is_made_from_the_tables_of_the_program(make_tables, root, name):
    page = (root / "docs" / name).read_text(encoding="utf-8")
    assert page == make_tables.PAGES[name](), "make docs"


def test_every_page_of_tables_is_compared(make_tables):
    assert set(make_tables.PAGES) == {
        "custody-events.md",
        "primers.md",
        "trade-rules.md",
    }
