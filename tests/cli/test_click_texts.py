"""click's own texts: every one that the installed click has is known, and told in the reader's language."""

from pathlib import Path

import click
import pytest

from forensics.cli.click_texts import COUNTED, NOT_SEEN, SEEN, counted

babel = pytest.importorskip("babel", reason="babel extracts the messages")

from babel.messages.extract import extract_from_dir  # noqa: E402


def test_every_text_of_the_installed_click_is_known():
    """A new one has to be sorted into those that people see and those that they do not."""
    found = extract_from_dir(
        str(Path(click.__file__).parent),
        [("**.py", "python")],
        keywords={"_": None, "gettext": None, "ngettext": (1, 2)},
    )
    texts = {one[0] if isinstance(one, tuple) else one for _f, _l, one, _c, _x in found if one}
    assert len(texts) > 50
    assert sorted(texts - {*SEEN, *COUNTED, *NOT_SEEN}) == []


def test_each_text_stands_in_one_list():
    every = [*SEEN, *COUNTED, *NOT_SEEN]
    assert len(every) == len(set(every))


def test_texts_that_depend_on_a_number_are_those_of_the_list():
    assert counted(1) == COUNTED
    assert not set(counted(2)) & set(COUNTED)
