"""The page of all commands."""

import click
import pytest

from forensics.cli.reference import make_reference


@pytest.mark.skipif(
    not hasattr(click, "NoSuchCommand"), reason="an old click writes ranges otherwise"
)
def test_the_page_of_commands_is_what_make_docs_writes(root):
    written = (root / "docs" / "commands.md").read_text(encoding="utf-8")
    assert written == make_reference(), "run: make docs"


def test_the_page_shows_each_group_of_options_once_and_each_default_once():
    section = make_reference().split("## forensics individual kinship\n")[1].split("\n## ")[0]
    titles = [line.split("|")[1].strip() for line in section.splitlines() if line.startswith("| ")]
    assert [title for title in titles if title] == [
        "What to examine", "How to decide", "Output", "Custody", "Advanced",
    ]  # fmt: skip
    assert section.count("`--ledger FILE`") == 1 and "[default: 0.001; 0<=x<1]" in section
