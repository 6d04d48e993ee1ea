"""Writes docs/glossary.md from the table of the package: python docs/make_glossary.py."""

from pathlib import Path

from forensics.glossary import read_glossary

PAGE = Path(__file__).with_name("glossary.md")

HEAD = """\
# Glossary

The field's terms and this project's own names, as they are used here. French and Spanish are those of the program's
messages, and translators keep to them. A definition that follows a standard names it in brackets; none is copied from one. The table is `forensics/glossary.tsv`, from
which `docs/make_glossary.py` makes this page; `forensics explain WORD` says one of them.

| Term | Meaning | French | Spanish |
|---|---|---|---|
"""


def make_page() -> str:
    """Return the page."""
    rows = (
        f"| {entry.term} | {entry.meaning} | {entry.french} | {entry.spanish} |\n"
        for entry in read_glossary()
    )
    return HEAD + "".join(rows)


if __name__ == "__main__":
    PAGE.write_text(make_page(), encoding="utf-8")
