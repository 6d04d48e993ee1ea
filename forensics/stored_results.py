"""Reads the results that this program wrote back, typed: JSON, one object or one a line; a ledger.

>>> import forensics
>>> results = forensics.read_results("results.jsonl")        # doctest: +SKIP
"""

import json
import os
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from forensics.core.stored import PlainResult
from forensics.errors import InputError
from forensics.io.files import open_input, read_up_to
from forensics.messages import _
from forensics.stored_findings import is_ledger, read_findings

Reader = Callable[[Mapping[str, Any]], PlainResult]

# A result with its alignment has some 10 kB: 100,000 results.
_MAX_BYTES = 2**30


# Keys that results of each subject alone have together, and what reads them: of a subject nothing is loaded before
# there is a record of it.
_READERS = {
    frozenset(keys.split()): reader
    for reader, some in {
        "forensics.barcode.identification:Identification.from_stored": ["query search_exhaustive"],
        "forensics.barcode.calling.combine:Combination.from_stored": ["combined"],
        "forensics.barcode.mixture.results:Mixture.from_stored": ["role reads"],
        "forensics.age.results:Age.from_stored": ["method result"],
        "forensics.individual.stored_results:read_result": [
            "matches result", "by_chance result", "claim result", "links result",
            "under_other_priors result", "dependence consignment",
        ],
        "forensics.origin.stored_results:read_result": [
            "origin", "number_of_places", "credible_level", "haplotype",
        ],
        "forensics.taxonomy.listings.results:ListingResult.from_stored": ["appendices answers"],
    }.items()
    for keys in some
}  # fmt: skip


_UNREADABLE = (AttributeError, LookupError, TypeError, ArithmeticError, ValueError, RecursionError)


def read_result(record: Mapping[str, Any]) -> PlainResult:
    """Return the result that a record holds, whatever it is of.

    Parameters
    ----------
    record : mapping
        Plain values, as JSON or a finding of the ledger has them.

    Raises
    ------
    InputError
        If it is not a result that can be read back.
    """
    for keys, reader in _READERS.items():
        if keys <= record.keys():
            read: Reader = pkgutil.resolve_name(reader)
            try:
                return read(record)
            except _UNREADABLE as error:  # a part that a reader looks into is not there
                raise InputError(
                    _("this is not a stored result: {error}").format(
                        error=f"{type(error).__name__} {error}"
                    )
                ) from error
    raise InputError(
        _("this is not a result that can be read back; its keys are: {keys}").format(
            keys=", ".join(map(str, record))[:200] or "-"
        )
    )


def read_results(source: str | os.PathLike[str] | Iterable[str]) -> Sequence[PlainResult]:
    """Read results that this program wrote, whatever they are of.

    They may be of ``identify``, ``mixture``, ``origin``, ``individual``, ``age`` or ``listing``, several in one
    file.

    Parameters
    ----------
    source : path or iterable of str
        A file that ``--format json`` or ``to_json()`` gave, or its lines; ``-`` is standard input; or a ledger.
        CSV does not hold whole results and is refused; pandas reads it as a table.

    Returns
    -------
    Identifications, tuple of PlainResult, or LedgerFindings
        In their order: `forensics.barcode.run.Identifications` where all are identifications.
        They show, and store, what they did; notices have the sentences that were written. Of a ledger, which
        is verified first, the results of its findings.

    Raises
    ------
    InputError
        If it cannot be read, or is not such a file; the message has the file and the line.
    VerificationError
        If something in a ledger does not hold.

    Examples
    --------
    >>> from forensics.io.files import folder
    >>> query = folder("reference_sequences") / "demonstration" / "scale.fasta"
    >>> import forensics
    >>> lines = forensics.identify(query).to_json().splitlines()
    >>> read_results(lines)
    scale: Smutsia temminckii (species)
    """
    if isinstance(source, (str, os.PathLike)):
        label = os.fspath(source)
        with open_input(source, label) as stream:
            data = read_up_to(stream, _MAX_BYTES + 1)
        if len(data) > _MAX_BYTES:
            raise InputError(
                _("The file is longer than {most} bytes.").format(most=_MAX_BYTES), source=label
            )
        if is_ledger(data):
            return read_findings(source, read_result)
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            message = _("this is not JSON: it is not text in UTF-8")
            raise InputError(message, source=label, line=line) from error
    else:
        label, text = "", "\n".join(line.rstrip("\r\n") for line in source)
    results = []
    for number, record in _records(text, label):
        try:
            results.append(read_result(record))
        except InputError as error:
            raise InputError(error.message, source=label or None, line=number) from error
    return _as_identifications(results)


def _as_identifications(results: list[PlainResult]) -> Sequence[PlainResult]:
    """Return results as `Identifications` where all of them are identifications."""
    from forensics.barcode.identification import Identification
    from forensics.barcode.run import Identifications

    identifications = [result for result in results if isinstance(result, Identification)]
    if len(identifications) == len(results):
        return Identifications(identifications)
    return tuple(results)


def _records(text: str, label: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield the records of a text with the lines where they begin.

    Raises
    ------
    InputError
        If it is not JSON, or holds no record.
    """
    decoder = json.JSONDecoder()
    place, line = 0, 1
    count = 0
    while True:
        start = _skip_space(text, place)
        line += text.count("\n", place, start)
        if start == len(text):
            break
        try:
            value, place = decoder.raw_decode(text, start)
        except (ValueError, RecursionError) as error:
            raise InputError(_explain(text, error), source=label or None, line=line) from error
        for record in value if isinstance(value, list) else [value]:
            if not isinstance(record, Mapping):
                message = _("this is JSON, but not a result: {value}").format(
                    value=repr(record)[:60]
                )
                raise InputError(message, source=label or None, line=line)
            count += 1
            yield line, record
        line += text.count("\n", start, place)
    if not count:
        raise InputError(_("there is no result in it"), source=label or None)


def _skip_space(text: str, place: int) -> int:
    while place < len(text) and text[place] in " \t\r\n":
        place += 1
    return place


def _explain(text: str, error: Exception) -> str:
    """Return in words why a text is not JSON of this program."""
    from forensics.barcode.identification import CSV_COLUMNS

    head = text.partition("\n")[0]
    if head.startswith((f"{CSV_COLUMNS[0]},{CSV_COLUMNS[1]},", f"{CSV_COLUMNS[0]}\t")):
        return _(
            "these are rows for a spreadsheet, which do not hold whole results; write them with "
            "--format json"
        )
    return _("this is not JSON: {error}").format(error=error)
