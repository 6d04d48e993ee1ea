"""Reads results of this package back, whatever they are of."""

from collections.abc import Callable, Mapping
from typing import Any

from forensics.core.result import Result, read_by_key
from forensics.origin.haplotypes import HaplotypeOrigin
from forensics.origin.results import Origin
from forensics.origin.seizure_results import SeizureOrigin, SharesOfPopulations

# A key that results of each class alone have.
_READERS: dict[str, Callable[[Mapping[str, Any]], Result]] = {
    "kind": Origin.from_stored,
    "number_of_places": SeizureOrigin.from_stored,
    "credible_level": SharesOfPopulations.from_stored,
    "haplotype": HaplotypeOrigin.from_stored,
}


def read_result(record: Mapping[str, Any]) -> Result:
    """Return the result that was stored: of an assignment, of a seizure, of a mixture or of a haplotype.

    Parameters
    ----------
    record : mapping
        Plain values, as JSON or the ledger has them.

    Raises
    ------
    InputError
        If it is none of them.
    """
    return read_by_key(record, _READERS)
