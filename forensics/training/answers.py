"""The sheet that the trainee filled in."""

import os
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from forensics.errors import InputError
from forensics.io.rows import Row
from forensics.messages import _
from forensics.taxonomy.names import parse_name
from forensics.taxonomy.spelling import one_letter
from forensics.trade.sheets import clean, read_sheet

__all__ = ["COLUMNS", "CONCLUSIONS", "Answer", "read_answers"]

COLUMNS = ("sample", "conclusion", "taxon", "remarks")
CONCLUSIONS = ("identified", "inconclusive", "nothing_near", "unusable")
"""The statuses of `forensics.identify`."""
_NEEDED = ("sample", "conclusion", "taxon")
_SEPARATORS = re.compile(r"\s*[;/|]\s*")


@dataclass(frozen=True)
class Answer:
    """What a trainee says of a sample.

    Attributes
    ----------
    conclusion : str
        One of `CONCLUSIONS`; empty where nothing was answered.
    taxa : tuple of str
        Names, as written: one, or several species none of which is excluded.
    """

    sample: str
    conclusion: str = ""
    taxa: tuple[str, ...] = ()
    remarks: str = ""


def read_answers(
    path: str | os.PathLike[str], samples: Sequence[str], names: Collection[str]
) -> list[Answer]:
    """Read the answers to a round.

    Parameters
    ----------
    path : path
        CSV or XLSX with the columns sample, conclusion, taxon and, if wanted, remarks.
    samples : sequence of str
        Numbers of the samples of the round.
    names : collection of str
        Known names; one that is a letter from one of them is taken for misspelt.

    Returns
    -------
    list of Answer
        One a sample, in the order of `samples`; without a row it has no conclusion.

    Raises
    ------
    InputError
        If a column is missing, or a row names no sample of the round or one that had its row,
        gives a conclusion that there is not, a taxon where none belongs, none where one belongs,
        or one that is misspelt; with the line.
    """
    sheet = read_sheet(path)
    columns = [name.casefold() for name in sheet.header]
    if missing := [name for name in _NEEDED if name not in columns]:
        raise InputError(
            _("The column {missing} is missing; expected {expected}, found {found}.").format(
                missing=", ".join(missing),
                expected=", ".join(COLUMNS),
                found=", ".join(sheet.header),
            ),
            source=str(path),
        )
    found: dict[str, Answer] = {}
    for row in sheet.rows:
        cells = {
            name: clean(row.cells[columns.index(name)])
            for name in COLUMNS
            if name in columns and columns.index(name) < len(row.cells)
        }
        answer = _answer(cells, row, path, samples, names)
        if answer.sample in found:
            raise _wrong(
                _("Sample {sample} has a row already.").format(sample=answer.sample), path, row
            )
        found[answer.sample] = answer
    return [found.get(sample, Answer(sample)) for sample in samples]


def _answer(
    cells: dict[str, str],
    row: Row,
    path: str | os.PathLike[str],
    samples: Sequence[str],
    names: Collection[str],
) -> Answer:
    sample = cells.get("sample", "").upper()
    if sample not in samples:
        raise _wrong(
            _("There is no sample {found!r} in this round; expected {first} to {last}.").format(
                found=cells.get("sample", ""), first=samples[0], last=samples[-1]
            ),
            path,
            row,
        )
    conclusion = re.sub(r"[\s-]+", "_", cells.get("conclusion", "").casefold())
    if conclusion and conclusion not in CONCLUSIONS:
        raise _wrong(
            _("{found!r} is no conclusion; write one of {expected}.").format(
                found=cells["conclusion"], expected=", ".join(CONCLUSIONS)
            ),
            path,
            row,
        )
    taxa = tuple(
        name[0].upper() + name[1:] for name in _SEPARATORS.split(cells.get("taxon", "")) if name
    )
    if conclusion == "identified" and not taxa:
        raise _wrong(_("Identified as what? Write the taxon."), path, row)
    if conclusion != "identified" and taxa:
        raise _wrong(
            _(
                "{taxon!r} stands beside {conclusion!r}; a taxon goes with the conclusion "
                "'identified' alone. Move it to the remarks, or change the conclusion."
            ).format(taxon=cells["taxon"], conclusion=conclusion),
            path,
            row,
        )
    for name in taxa:
        if near := _misspelt(name, names):
            raise _wrong(
                _("{found!r} is no known name; is it {near}? Correct it.").format(
                    found=name, near=near
                ),
                path,
                row,
            )
    return Answer(sample, conclusion, taxa, cells.get("remarks", ""))


def _misspelt(name: str, names: Collection[str]) -> str:
    """Return the known name that is meant; empty where the name is known, or next to none."""
    parsed = parse_name(name)
    given = parsed.species or parsed.genus or name
    if given in names:
        return ""
    return next((known for known in sorted(names) if one_letter(given, known)), "")


def _wrong(text: str, path: str | os.PathLike[str], row: Row) -> InputError:
    return InputError(text, source=str(Path(path)), line=row.line)
