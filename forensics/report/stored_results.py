"""Results of findings, read back from what is recorded of them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from forensics.age.results import Age
from forensics.barcode.identification import Identification
from forensics.barcode.mixture.results import Mixture
from forensics.core.result import PlainResult, Result
from forensics.core.stored import to_stored
from forensics.custody.findings import canonical_value
from forensics.errors import InputError
from forensics.individual.captive.results import Husbandry
from forensics.individual.stored_results import read_result
from forensics.origin.results import Origin

__all__ = ["ReadBack", "is_call", "is_mixture", "kind_of", "read_back"]


@dataclass(frozen=True, slots=True)
class ReadBack:
    """A result that was read back.

    Attributes
    ----------
    kind : str
        What puts it into words: a key of `forensics.report.narrative.NARRATORS`.
    result : PlainResult, mapping or None
        Typed; of the kind ``other`` as it was recorded.
    problem : str
        Why a result of this kind could not be read; it is then stated as it was recorded.
    contradicted : tuple of str
        Places of the record that say otherwise than its own figures: what a report states follows from
        the figures, and the record must not say something else.
    """

    kind: str
    result: Any
    problem: str = ""
    contradicted: tuple[str, ...] = ()


def is_mixture(kind: str, record: Mapping[str, Any] | None) -> bool:
    """Return whether a result is of a mixture of reads; the ledger has no kind of its own for it."""
    return kind == "identification" and "found" in (record or {}) and "reads" in (record or {})


def is_call(kind: str, record: Mapping[str, Any] | None) -> bool:
    """Return whether a result is the identification of one sequence."""
    return kind == "identification" and bool(record) and not is_mixture(kind, record)


def kind_of(kind: str, record: Mapping[str, Any] | None) -> str:
    """Return what a finding is of, in more kinds than the ledger has."""
    record = record or {}
    if is_mixture(kind, record):
        return "mixture"
    if kind == "individual" and "likelihood_ratio" in record and "p_values" in record:
        return "captive"
    return kind


_READERS: dict[
    str, tuple[tuple[frozenset[str], ...], Callable[[Mapping[str, Any]], PlainResult]]
] = {
    "identification": ((frozenset(),), Identification.from_stored),
    "mixture": ((frozenset(),), Mixture.from_stored),
    "origin": ((frozenset({"status", "kind"}),), Origin.from_stored),
    "individual": (
        tuple(frozenset({key}) for key in ("matches", "claim", "links", "by_chance")),
        read_result,
    ),
    "captive": ((frozenset(),), Husbandry.from_stored),
    "age": ((frozenset({"method"}),), Age.from_stored),
}
"""Of each kind the keys by which its results are known, one set or another, and what reads them."""

# What a hand wrote may not even have the parts that a reader looks into.
_UNREADABLE = (InputError, AttributeError, KeyError, TypeError, ValueError)


def read_back(kind: str, record: Mapping[str, Any] | None) -> ReadBack:
    """Return what a record says.

    Parameters
    ----------
    kind : str
        As the ledger has it.
    record : mapping or None
        With ``sample`` and ``provenance``.

    Returns
    -------
    ReadBack
        Of the kind ``other`` where a person wrote it, or no result of a known form is recorded.
    """
    name = kind_of(kind, record)
    if not record or name not in _READERS:
        return ReadBack("other", record)
    known, read = _READERS[name]
    if not any(keys <= record.keys() for keys in known):
        return ReadBack("other", record)
    try:
        result = read(record)
        if not isinstance(result, Result):
            return ReadBack(name, result)
        return ReadBack(name, result, contradicted=tuple(_find_contradictions(record, result)))
    except _UNREADABLE as error:
        return ReadBack("other", record, str(error) or type(error).__name__)


# Sentences, in the language of whoever examined, by the version of then; and how it was reached.
_NOT_COMPARED = ("result", "explanation", "limits", "warnings", "provenance")


def _find_contradictions(record: Mapping[str, Any], result: Result) -> Iterator[str]:
    """Yield the places at which a record says otherwise than what was read from it.

    Keys that an older or a later version has alone are passed over.
    """
    computed = canonical_value(to_stored(result))
    for key, value in canonical_value(dict(record)).items():
        if key not in _NOT_COMPARED and key in computed:
            yield from _differing(value, computed[key], key)


def _differing(recorded: Any, computed: Any, place: str) -> Iterator[str]:
    if isinstance(recorded, dict) and isinstance(computed, dict):
        for key in filter(recorded.__contains__, computed):
            yield from _differing(recorded[key], computed[key], f"{place}.{key}")
    elif isinstance(recorded, list) and isinstance(computed, list):
        if len(recorded) != len(computed):
            yield place
        for number, (value, other) in enumerate(zip(recorded, computed)):
            yield from _differing(value, other, f"{place}.{number}")
    elif recorded != computed and not _is_same_number(recorded, computed):
        yield place


def _is_same_number(recorded: object, computed: object) -> bool:
    """Return whether both are one number: scripts record whole numbers, and 1.0 may stand as 1."""
    try:
        return isinstance(computed, str) and float(str(recorded)) == float(computed)
    except ValueError:
        return False
