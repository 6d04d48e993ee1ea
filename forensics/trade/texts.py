"""Free text that lists what was seized: split into specimens, each with its quantity, or flagged.

What a word for an animal means is proposed, never put in: *papa-capim* is several species.
"""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from forensics.messages import _
from forensics.trade.quantities import Reading, read_quantity
from forensics.trade.record import Problem
from forensics.trade.vocabulary import fold, vernaculars

__all__ = ["Item", "items_of"]

_KINDS = (
    # Said of the thing itself; a bare word for an animal does not say whether it was alive.
    ("LIV", re.compile(r"\bviv[oa]s?\b|\bvivants?\b|\bvivantes?\b|\blive\b|\balive\b")),
    (
        "BOD",
        re.compile(r"\bmort[oa]s?\b|\bcarcaca\b|\babatid[oa]s?\b|\beviscerad[oa]s?\b|\bcarcass"),
    ),
    ("MEA", re.compile(r"\bcarnes?\b|\bviande\b|\bmeat\b")),
    ("SKI", re.compile(r"\bcouros?\b|\bpeles?\b|\bpeaux?\b|\bskins?\b")),
    ("EGG", re.compile(r"\bovos?\b|\boeufs?\b|\beggs?\b")),
    ("TEE", re.compile(r"\bdentes?\b|\bdents?\b|\bteeth\b|\btooth\b")),
)
# "10 birds, of which 02 (two) X, 06 Y": the parts of a total.
_OF_WHICH = re.compile(r"\bsendo\b|\bdont\b|\bof which\b|\bnamely\b")
_PART = re.compile(r"(?:^|[,;:\n]|\be|\bsendo)\s*(?:- ?)?(\d{1,5})(?=\s*(?:\([a-z ]+\))?\s*[a-z])")
_RING = re.compile(r"\banilhas?\b|\bibama\b|\bsispass?\b|\bn[o°º]\b|\bring\b|\bbague\b")
_NEGATED = re.compile(r"\bsem\b|\bsans\b|\bwithout\b")


@dataclass(frozen=True)
class Item:
    """One entry of a text.

    Attributes
    ----------
    values : dict
        Columns of a specimen.
    problems : tuple of Problem
    """

    values: dict[str, Any]
    problems: tuple[Problem, ...]


def items_of(
    text: str, *, separator: str, country: str, decimal: str, default_unit: str
) -> Iterator[Item]:
    """Yield what a text lists.

    Parameters
    ----------
    text : str
    separator : str
        Between entries.
    country : str
        Whose words for animals are known; empty: none.
    decimal, default_unit : str
        See `quantities.read_quantity`.
    """
    entries = [" ".join(entry.split()) for entry in text.split(separator)]
    counts: dict[str, int] = {}
    for entry in entries:
        if re.search(r"\w", entry):
            counts[entry] = counts.get(entry, 0) + 1
    for entry, times in counts.items():
        values, problems = _read(entry, country, decimal, default_unit)
        if times > 1:
            problems.append(
                Problem(
                    "TEXT_REPEATED", "description", _("{count} times the same words").format(count=times),
                    _("each thing once; the words are taken once here"), severity="warning",
                )
            )  # fmt: skip
        yield Item(values, tuple(problems))


def _read(
    entry: str, country: str, decimal: str, default_unit: str
) -> tuple[dict[str, Any], list[Problem]]:
    values: dict[str, Any] = {"description": entry, "quantity_text": entry}
    problems = []
    folded = fold(entry)
    reading = read_quantity(entry, decimal=decimal, default_unit=default_unit, things=True)
    parts = [int(match[1]) for match in _PART.finditer(_before_ring(folded))]
    whole = _OF_WHICH.search(folded)
    if not reading.problem and len(parts) > 1 and not whole:
        reading = Reading(problem="QUANTITY_SEVERAL", rest=entry)
    if whole and len(parts) > 1:
        if reading.low == sum(parts[1:]):
            expected = _("a row for each part; the parts add up to the total, which is taken here")
        else:
            expected = _("a row for each part; the parts do not add up to the total")
            reading = Reading(problem="QUANTITY_SEVERAL", rest=entry)
        problems.append(
            Problem("TEXT_SEVERAL_KINDS", "species", entry, expected, severity="warning")
        )
    if reading.problem in ("", "QUANTITY_APPROXIMATE"):
        values |= {
            "quantity_low": reading.low, "quantity_high": reading.high, "unit": reading.unit or None,
            "approximate": int(reading.approximate),
        }  # fmt: skip
    if reading.problem:
        problems.append(_of_quantity(reading, entry))
    kinds = [code for code, pattern in _KINDS if _matches(pattern, folded)]
    if len(kinds) == 1:
        values["term"] = kinds[0]
    name = _scientific(entry)
    if name:
        values["species"] = name
    elif country and not any(problem.code == "TEXT_SEVERAL_KINDS" for problem in problems):
        taxa = _named(folded, country)
        if taxa:
            word, taxon = taxa[0]
            only = len({name for _word, name in taxa}) == 1
            problems.append(
                Problem(
                    "TAXON_VERNACULAR", "species", word if only else ", ".join(w for w, _t in taxa),
                    _("a scientific name; this word is used of {taxa}").format(
                        taxa=", ".join(dict.fromkeys(name for _word, name in taxa))
                    ),
                    taxon if only else "", severity="warning",
                )
            )  # fmt: skip
    return values, problems


def _of_quantity(reading: Reading, text: str) -> Problem:
    from forensics.trade.reading import quantity_problem

    return quantity_problem(reading, text)


def _before_ring(folded: str) -> str:
    """Return the text up to the numbers of rings, which count nothing."""
    match = _RING.search(folded)
    return folded[: match.start()] if match else folded


def _matches(pattern: re.Pattern[str], folded: str) -> bool:
    match = pattern.search(folded)
    if match is None:
        return False
    return not _NEGATED.search(folded[max(0, match.start() - 6) : match.start()])


@functools.cache
def _species_names() -> dict[str, str]:
    """Return known scientific names of species by folded name."""
    from forensics.trade.listing import known_names

    names = {taxon for words in vernaculars().values() for taxon in words.values()}
    return {fold(name): name for name in {*names, *known_names()} if name.count(" ") == 1}


def _scientific(entry: str) -> str:
    """Return the one known scientific name that stands in a text, or nothing."""
    words = re.findall(r"[a-z]+", fold(entry))
    names = {
        _species_names()[f"{first} {two}"]
        for first, two in zip(words, words[1:])
        if f"{first} {two}" in _species_names()
    }
    return names.pop() if len(names) == 1 else ""


def _named(folded: str, country: str) -> list[tuple[str, str]]:
    """Return the words for animals in a text, the longest where several overlap, and their taxa."""
    known = vernaculars().get(country, {})
    words = re.sub(r"[^a-z]+", " ", folded).strip()
    taxa = []
    for word, taxon in sorted(known.items(), key=lambda pair: -len(pair[0])):
        pattern = r"\b" + r"e?s? ".join(word.split("-")) + r"(?:e?s|is|oes|aes)?\b"
        if re.search(pattern, words):
            taxa.append((word, taxon))
            words = re.sub(pattern, " ", words)
    return taxa
