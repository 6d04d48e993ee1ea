"""A curator's decisions about the findings of screening, applied to records at build."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from forensics.barcode.reference.records import LeftOut, ReferenceRecord
from forensics.barcode.sequence import reverse_complement
from forensics.errors import InputError
from forensics.io.tables import TEXT, Column, read_table
from forensics.messages import _

__all__ = ["DECISIONS", "apply_decisions", "read_decisions"]

#: What can be decided; blank means that nothing is.
DECISIONS = ("drop", "turn", "keep")
_LOCUS, _ACCESSION = Column("locus", TEXT), Column("accession", TEXT)
_DECISION, _CODE = Column("decision", TEXT), Column("code", TEXT, required=False)
_COLUMNS = (_LOCUS, _ACCESSION, _DECISION)

_Pair = tuple[ReferenceRecord, str]
Decisions = Mapping[tuple[str, str], tuple[str, str]]
"""From (locus, accession) to (decision, code)."""


def read_decisions(path: Path) -> Decisions:
    """Read the table of `forensics library check` with its column ``decision`` filled in.

    Parameters
    ----------
    path : pathlib.Path
        CSV, TSV or .xlsx; see `forensics.io.tables.read_table`.

    Returns
    -------
    dict of (str, str) to (str, str)
        Decision and code by locus and accession; rows without a decision are passed over.

    Raises
    ------
    InputError
        If the file cannot be read, lacks a column, says what cannot be done, or says two
        things of one record; with the line.
    """
    table = read_table(path, narrow_rows=True, no_rows=True)
    if missing := [column.name for column in _COLUMNS if not table.has(column)]:
        raise InputError(
            _(
                "lacks the columns {missing}; expected the table of 'forensics library check'."
            ).format(missing=", ".join(missing)),
            source=str(path),
            line=1,
        )
    decisions: dict[tuple[str, str], tuple[str, str]] = {}
    for record in table.records(*_COLUMNS, _CODE):
        decision = record[_DECISION].casefold()
        if not decision:
            continue
        if decision not in DECISIONS:
            raise InputError(
                _(
                    "column 'decision': found {found!r}; expected drop, turn, keep or nothing. Names "
                    "are changed by a table of synonyms."
                ).format(found=decision),
                source=str(path),
                line=record.line,
            )
        key = record[_LOCUS], record[_ACCESSION]
        if decisions.get(key, (decision,))[0] != decision:
            raise InputError(
                _("{accession} is to be {one} and {other}; decide once.").format(
                    accession=key[1], one=decisions[key][0], other=decision
                ),
                source=str(path),
                line=record.line,
            )
        decisions[key] = decision, record[_CODE]
    return decisions


def apply_decisions(
    records: Iterable[_Pair], decisions: Decisions, *, file: str
) -> tuple[list[_Pair], list[LeftOut]]:
    """Return the records with those decisions carried out, and the records that are left out.

    Raises
    ------
    InputError
        If a decision is about a record that is not there: it may have been made on another
        library.
    """
    kept, left_out, met = [], [], set()
    for number, (record, sequence) in enumerate(records, 1):
        key = record.locus, record.accession
        decision, code = decisions.get(key, ("keep", ""))
        met.add(key)
        if decision == "drop":
            reason = _("dropped by decision: {code}").format(code=code or "-")
            left_out.append(LeftOut(file, number, record.accession, record.name, reason))
        else:
            turned = decision == "turn"
            kept.append((record, reverse_complement(sequence) if turned else sequence))
    if absent := sorted(decisions.keys() - met):
        raise InputError(
            _("decides on {accession} at {locus}, which is not among the records.").format(
                locus=absent[0][0], accession=absent[0][1]
            ),
            source=file,
        )
    return kept, left_out
