"""A curator's decisions about the findings of screening, applied to records at build."""

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path

from forensics.barcode.reference.records import LeftOut, ReferenceRecord
from forensics.barcode.sequence import reverse_complement
from forensics.errors import InputError
from forensics.io.cells import decoded, plain
from forensics.messages import _

__all__ = ["DECISIONS", "apply_decisions", "read_decisions"]

#: What can be decided; blank means that nothing is.
DECISIONS = ("drop", "turn", "keep")
_COLUMNS = ("locus", "accession", "decision")

_Pair = tuple[ReferenceRecord, str]
Decisions = Mapping[tuple[str, str], tuple[str, str]]
"""From (locus, accession) to (decision, code)."""


def read_decisions(path: Path) -> Decisions:
    """Read the table of `forensics library check` with its column ``decision`` filled in.

    Parameters
    ----------
    path : pathlib.Path
        TSV or CSV, UTF-8 or Windows-1252.

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
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise InputError(
            _("cannot be read: {error}.").format(error=error.strerror), source=str(path)
        ) from error
    text = decoded(data)
    first = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=max("\t;,", key=first.count))
    if missing := [name for name in _COLUMNS if name not in (reader.fieldnames or ())]:
        raise InputError(
            _(
                "lacks the columns {missing}; expected the table of 'forensics library check'."
            ).format(missing=", ".join(missing)),
            source=str(path),
            line=1,
        )
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for row in reader:
        decision = (row["decision"] or "").strip().casefold()
        if not decision:
            continue
        if decision not in DECISIONS:
            raise InputError(
                _(
                    "column 'decision': found {found!r}; expected drop, turn, keep or nothing. Names "
                    "are changed by a table of synonyms."
                ).format(found=decision),
                source=str(path),
                line=reader.line_num,
            )
        key = row["locus"] or "", plain(row["accession"] or "")
        if found.get(key, (decision,))[0] != decision:
            raise InputError(
                _("{accession} is to be {one} and {other}; decide once.").format(
                    accession=key[1], one=found[key][0], other=decision
                ),
                source=str(path),
                line=reader.line_num,
            )
        found[key] = decision, row.get("code") or ""
    return found


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
