"""The catalogue of notices: a table a subject (TOML), with severity, text, meaning and advice of each kind.

>>> from forensics.notices import calls
>>> calls.SINGLE_RECORD(species="Panthera onca").severity
<Severity.INFORMS: 'informs'>

Below the code of a kind stand

``severity``   one of `forensics.core.notice.Severity`
``text``       a sentence with ``{parameters}``; a list has several sentences, ``text.one`` and ``text.many``
               are a singular and a plural, ``text.NAME`` are the variants of a text. A kind without has
               sentences that are composed where they are made (`forensics.core.notice.NoticeKind.worded`)
``counted``    the parameter that decides between singular and plural, if it is not ``count``
``meaning``    what it means, in Markdown, for ``forensics explain`` and the page of notices
``advice``     what to do, likewise; the first sentence is short, for the line of a sample

Every value is one line: a string or a list, written as in JSON. That too is TOML, and it lets one kind be
read alone, without the milliseconds that ``tomllib`` takes to be imported.
"""

import functools
import itertools
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from forensics.core.notice import NoticeKind, Plural, Severity, Text

SUBJECTS = (
    "unusable", "sequence", "search", "checks", "calls", "loci", "mixture", "origin", "individual", "captive",
    "age", "listings",
)  # fmt: skip
"""All subjects, in the order of the documentation."""
SEQUENCE_SUBJECTS = SUBJECTS[:6]
"""The subjects whose notices the result of a questioned sequence may bear; no code stands in two of them."""


class Kinds(Mapping[str, NoticeKind]):
    """Kinds of notices of some subjects, by their code: as ``kinds["DISTANT"]`` or as ``kinds.DISTANT``.

    A table is opened when a kind of it is first asked for, and that kind alone is read. Where a code stands in
    two of the subjects, that of the first counts.

    Parameters
    ----------
    *subjects : str
        Some of `SUBJECTS`.
    """

    def __init__(self, *subjects: str) -> None:
        self.subjects = subjects

    def __getitem__(self, code: str) -> NoticeKind:
        for subject in self.subjects:
            if code in _entries(subject):
                return _kind(subject, code)
        raise KeyError(code)

    def __iter__(self) -> Iterator[str]:
        return iter({code: None for subject in self.subjects for code in _entries(subject)})

    def __len__(self) -> int:
        return sum(1 for _code in self)

    def __getattr__(self, code: str) -> NoticeKind:
        if code.isupper() and code in self:
            self.__dict__[code] = kind = self[code]  # not asked for here again
            return kind
        raise AttributeError(f"{', '.join(self.subjects)}: there is no notice {code}")


unusable = Kinds("unusable")
"""What could not be examined: the result is ``unusable``."""
sequence = Kinds("sequence")
"""A sequence: how it was read, put together and trimmed."""
search = Kinds("search")
"""A search among the records of a library."""
checks = Kinds("checks")
"""The checks before a call: what speaks against a name."""
calls = Kinds("calls")
"""A call, and how far it goes."""
loci = Kinds("loci")
"""Several loci of one sample, taken together."""
mixture = Kinds("mixture")
"""A sample with several taxa."""
origin = Kinds("origin")
"""Populations, maps, isotopes, haplotypes, several samples together."""
individual = Kinds("individual")
"""Matches, kin, parentage, networks of seizures."""
captive = Kinds("captive")
"""Wild or captive: what the measurements of a sample support."""
age = Kinds("age")
"""Radiocarbon, a series of it, methylation."""
listings = Kinds("listings")
"""CITES Appendices and national law."""


@functools.cache
def _entries(subject: str) -> dict[str, str]:
    """Return the lines of each kind of a table, by code."""
    text = Path(__file__).with_name(f"{subject}.toml").read_text(encoding="utf-8")
    parts = (part.split("]\n", 1) for part in text.split("\n[")[1:])
    return {code: lines for code, lines in parts}


@functools.cache
def _kind(subject: str, code: str) -> NoticeKind:
    entry = _values(_entries(subject)[code])
    text, counted = entry.get("text", ()), entry.get("counted", "count")
    has_variants = isinstance(text, dict) and "many" not in text
    variants = text if has_variants else {"": text}
    return NoticeKind(
        code,
        Severity(entry["severity"]),
        {name: _sentences(variant, counted) for name, variant in variants.items()},
        entry["meaning"],
        entry["advice"],
    )


def _values(lines: str) -> dict[str, Any]:
    """Return the values of a kind by their key, those of ``text.NAME`` under ``text``."""
    values: dict[str, Any] = {}
    for line in lines.splitlines():
        key, is_value, value = line.partition(" = ")
        if is_value:
            *groups, name = key.split(".")
            group = values
            for each in groups:
                group = group.setdefault(each, {})
            group[name] = json.loads(value)
    return values


def _sentences(text: Any, counted: str) -> Text:
    if isinstance(text, dict):
        return (Plural(text["one"], text["many"], counted),)
    return (text,) if isinstance(text, str) else tuple(text)


def extract_texts(
    file: IO[bytes], _keywords: object, _comments: object, options: object
) -> Iterator[tuple[int, str, str | tuple[str, str], list[str]]]:
    """Yield what is translated of a table, as Babel asks for it (pyproject.toml)."""
    for kind in Kinds(Path(file.name).stem).values():
        for sentence in (*itertools.chain(*kind.variants.values()), kind.meaning, kind.advice):
            if isinstance(sentence, Plural):
                yield 0, "ngettext", (sentence.one, sentence.many), []
            elif re.search(r"[^\W\d_]", re.sub(r"\{.*?\}", "", sentence)):  # not parameters alone
                yield 0, "_", sentence, []
