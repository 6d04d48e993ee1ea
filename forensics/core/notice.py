"""What must be known beside a result: a notice, of a kind that has a code, a severity and a text.

>>> SITES_MISSING = NoticeKind(
...     "SITES_MISSING",
...     Severity.INFORMS,
...     {"": ("Typical values replace {count} sites that were not measured.",)},
... )
>>> notice = SITES_MISSING(count=3)
>>> notice.code, notice.parameters
('SITES_MISSING', {'count': 3})
>>> notice.message
'Typical values replace 3 sites that were not measured.'
>>> SITES_MISSING(number=3)
Traceback (most recent call last):
    ...
TypeError: SITES_MISSING takes count; given: number

A notice holds the code and the parameters; its sentence is made when it is shown, in the language of
who reads it. The kinds stand in the tables of `forensics.notices`, one of each subject. Codes and names of parameters
are a stored format (tests/golden/notices.json); severities are not stored, since they will be revised.
"""

import functools
import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from forensics.messages import _, ngettext


class Severity(StrEnum):
    """How much a notice weighs; in this order they are shown."""

    BLOCKS = "blocks"
    """No name, date or other statement may be given."""
    LIMITS = "limits"
    """What may be stated is less than it would be without."""
    INFORMS = "informs"
    """Something about this sample, or how it was examined."""
    CONTEXT = "context"
    """True of the whole run: of the library, of the law, of the method."""


class Plural(NamedTuple):
    """A text with a singular and a plural form; the parameter `number` decides between them.

    Attributes
    ----------
    one, many : str
        In English.
    number : str
        Name of the parameter that is counted.
    """

    one: str
    many: str
    number: str = "count"

    def __str__(self) -> str:
        return self.many


class Figure(float):
    """A number that a text shows in a form of its own, where the text gives none.

    The signs are those of English: texts of other languages replace them, as of every number.
    """

    __slots__ = ("form",)
    form: str

    def __new__(cls, value: float, form: str) -> "Figure":
        figure = super().__new__(cls, value)
        figure.form = form
        return figure

    def __getnewargs__(self) -> tuple[float, str]:  # type: ignore[override]
        return float(self), self.form

    def __format__(self, form: str) -> str:
        return format(float(self), form or self.form)


Text = tuple[str | Plural, ...]
"""Sentences that follow one another with a space between them, each translated by itself."""


@functools.cache
def _placeholders(text: Text) -> frozenset[str]:
    names: set[str] = set()
    for sentence in text:
        if isinstance(sentence, Plural):
            names.add(sentence.number)
        names.update(re.findall(r"\{(\w+)", str(sentence).replace("{{", "")))
    return frozenset(names)


_COMPOSED: Mapping[str, Text] = {"": ()}


class NoticeKind(NamedTuple):
    """A kind of notice: what all notices of one code have in common.

    Called with the parameters of its text, it gives a `Notice`.

    Attributes
    ----------
    code : str
        Never translated, never used again for something else.
    variants : mapping of str to tuple of str and Plural
        Texts in English by the name of their variant; where there is one alone its name is "". Empty where
        the sentence is composed elsewhere (`worded`).
    meaning, advice : str
        What it means and what to do: English, Markdown, for ``forensics explain`` and the page of notices.
    """

    code: str
    severity: Severity
    variants: Mapping[str, Text] = _COMPOSED
    meaning: str = ""
    advice: str = ""

    def __hash__(self) -> int:
        return hash(self.code)

    def parameters_of(self, variant: str = "") -> frozenset[str]:
        """Return the names of the parameters that a text takes.

        Raises
        ------
        KeyError
            If there is no such variant.
        """
        return _placeholders(self.variants[variant])

    def __call__(self, variant: str = "", /, **parameters: Any) -> "Notice":
        """Return a notice of this kind.

        Parameters
        ----------
        variant : str
            Which of the texts, where there are several.
        **parameters
            All that stand in the text, and no others. Numbers are given as numbers: they are
            written in the form of the reader's language.

        Raises
        ------
        TypeError
            If the variant or the parameters are not those of the text.
        """
        if variant not in self.variants:
            known = ", ".join(map(repr, self.variants))
            raise TypeError(f"{self.code} has the variants {known}; given: {variant!r}")
        expected = self.parameters_of(variant)
        if parameters.keys() != expected:
            names = ", ".join(sorted(expected)) or "no parameters"
            raise TypeError(
                f"{self.code} takes {names}; given: {', '.join(sorted(parameters)) or 'none'}"
            )
        return Notice(self, tuple(parameters.items()), variant)

    def worded(self, sentence: str) -> "Notice":
        """Return a notice whose sentence is given: composed in the language of the run, or stored."""
        return Notice(self, sentence=sentence)


class Notice(NamedTuple):
    """What must be known of one result.

    Compare codes, not notices: one that was read back has the sentence as it was stored, and no
    parameters.

    Attributes
    ----------
    values : tuple of (str, object)
        Parameters of the text.
    variant : str
        Of the text, where its kind has several.
    sentence : str or None
        Given where it was not made from a text and parameters.
    """

    kind: NoticeKind
    values: tuple[tuple[str, Any], ...] = ()
    variant: str = ""
    sentence: str | None = None

    @property
    def code(self) -> str:
        """The code of its kind."""
        return self.kind.code

    @property
    def severity(self) -> Severity:
        """The severity of its kind."""
        return self.kind.severity

    @property
    def parameters(self) -> dict[str, Any]:
        """Parameters of the text; empty where the sentence was given."""
        return dict(self.values)

    @property
    def message(self) -> str:
        """The sentence, in the language of the reader."""
        if self.sentence is not None:
            return self.sentence
        text = self.kind.variants[self.variant]
        return " ".join(_in_words(sentence, self.parameters) for sentence in text)

    @property
    def advice(self) -> str:
        """What to do, in the language of the reader, as plain text; "" of a code that is not known."""
        return plain(_(self.kind.advice)) if self.kind.advice else ""

    def __str__(self) -> str:
        return self.message

    def __repr__(self) -> str:
        return f"<Notice {self.code}: {self.message}>"

    def to_dict(self) -> dict[str, str]:
        """Return code and sentence, as results are stored."""
        return {"code": self.code, "message": self.message}


def _in_words(sentence: str | Plural, parameters: Mapping[str, Any]) -> str:
    """Return a sentence in the language of the reader, with its parameters."""
    if isinstance(sentence, Plural):
        pattern = ngettext(sentence.one, sentence.many, parameters[sentence.number])
    else:
        pattern = _(sentence)
    return pattern.format(**parameters) if parameters else pattern


def plain(text: str) -> str:
    """Return Markdown as text: without targets of links and marks of code."""
    return re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", text).replace("`", "").replace("*", "")


def codes_of(notices: Iterable[Notice]) -> frozenset[str]:
    """Return the codes of notices."""
    return frozenset(notice.code for notice in notices)


def read_notice(record: Mapping[str, Any], kinds: Mapping[str, NoticeKind]) -> Notice:
    """Return a stored notice: its code, and its sentence as it was written.

    A code that is not known, of a later version, limits: nobody knows how much.
    """
    code = str(record["code"])
    kind = kinds.get(code) or NoticeKind(code, Severity.LIMITS)
    return kind.worded(str(record["message"]))
