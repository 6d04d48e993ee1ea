"""The glossary: the words of the field and of this project, with their French and Spanish.

The table ``glossary.tsv`` has a row a term; the page of the site is made from it (docs/make_site.py).
"""

import functools
from dataclasses import dataclass
from pathlib import Path

_TABLE = Path(__file__).with_name("glossary.tsv")


@dataclass(frozen=True, slots=True)
class Term:
    """A row of the glossary.

    Attributes
    ----------
    term, meaning : str
        In English; the meaning may hold Markdown.
    french, spanish : str
        The term in these languages, as the messages of the program have it.
    french_meaning, spanish_meaning : str
    """

    term: str
    meaning: str
    french: str
    french_meaning: str
    spanish: str
    spanish_meaning: str

    @property
    def names(self) -> tuple[str, ...]:
        """The term in each language."""
        return self.term, self.french, self.spanish

    def in_language(self, code: str) -> tuple[str, str]:
        """Return term and meaning in a language; in English where the glossary has no other."""
        others = {
            "fr": (self.french, self.french_meaning),
            "es": (self.spanish, self.spanish_meaning),
        }
        return others.get(code, (self.term, self.meaning))


@functools.cache
def read_glossary() -> tuple[Term, ...]:
    """Return all terms, in alphabetical order."""
    _head, *rows = _TABLE.read_text(encoding="utf-8").splitlines()
    return tuple(Term(*row.split("\t")) for row in rows)
