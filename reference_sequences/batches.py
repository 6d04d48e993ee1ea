"""Runs of records in which so much is wrong that the rest is believed only if confirmed.

BOLD process ids are given in the order of the plate.  When a plate is turned or its
wells are shifted, most of its records are found by screening, because their sequences
belong to species that others have; those whose true species nobody else has are not.
Their neighbours tell on them.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence

from forensics.barcode.curating.neighbours import Neighbours
from reference_sequences.drops import Pair

__all__ = ["scrambled_runs", "unconfirmed"]

#: Process ids on either side that count as the same run: two columns of a 96-well plate are 16,
#: so 12 on either side spans three.
REACH = 12
#: Least share, and least number, of wrong names that make a run suspect.  Over all of
#: barcode_validator 2 % of the records are found wrong, so a third is no accident.
SHARE, NUMBER = 1 / 3, 6
#: Identity to a record of the same species outside the runs that confirms a name.
CONFIRMED = 0.97

_PROCESS = re.compile(r"([A-Z]+)(\d+)-(\d{2})")


def scrambled_runs(accessions: Iterable[str], wrong: Collection[str]) -> dict[str, tuple[int, int]]:
    """Find the process ids whose neighbours are wrong in large part.

    Parameters
    ----------
    accessions : iterable of str
        All records, those found wrong included; others than process ids are passed over.
    wrong : collection of str
        Accessions that screening found mislabelled.

    Returns
    -------
    dict of str to (int, int)
        Accession -> (wrong, all) among the other records within `REACH`.
    """
    projects: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for accession in accessions:
        found = _PROCESS.fullmatch(accession)
        if found:
            projects.setdefault((found[1], found[3]), []).append((int(found[2]), accession))
    runs: dict[str, tuple[int, int]] = {}
    for members in projects.values():
        members.sort()
        numbers = [number for number, _ in members]
        for number, accession in members:
            first = bisect_left(numbers, number - REACH)
            last = bisect_right(numbers, number + REACH)
            others = [a for _, a in members[first:last] if a != accession]
            bad = sum(a in wrong for a in others)
            if bad >= NUMBER and bad >= SHARE * len(others):
                runs[accession] = bad, len(others)
    return runs


def unconfirmed(
    records: Sequence[Pair],
    runs: Mapping[str, tuple[int, int]],
    neighbours: Neighbours,
    *,
    dropped: Collection[str] = (),
) -> list[str]:
    """Return the accessions in suspect runs that no record outside the runs confirms.

    Parameters
    ----------
    records : sequence of (ReferenceRecord, str)
        All records of the locus.
    runs : mapping
        From `scrambled_runs`.
    neighbours : callable
        From a sequence to (position in `records`, identity).
    dropped : collection of str
        Accessions that are out already: they confirm nothing and are not returned.
    """
    speak = [
        record.accession not in runs and record.accession not in dropped for record, _ in records
    ]
    return [
        record.accession
        for record, sequence in records
        if record.accession in runs
        and record.accession not in dropped
        and not (
            record.species
            and any(
                speak[j] and identity >= CONFIRMED and records[j][0].species == record.species
                for j, identity in neighbours(sequence)
            )
        )
    ]
