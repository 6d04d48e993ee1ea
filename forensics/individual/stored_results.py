"""Reads results of this package back, whatever they are of."""

from collections.abc import Callable, Mapping
from typing import Any

from forensics.core.result import Result, read_by_key
from forensics.individual.captive.examining import Consignment
from forensics.individual.captive.results import Husbandry
from forensics.individual.network import Network
from forensics.individual.results import Individual, Kinship, Parentage

# A key that results of each kind alone have.
_READERS: dict[str, Callable[[Mapping[str, Any]], Result]] = {
    "matches": Individual.from_stored,
    "by_chance": Kinship.from_stored,
    "claim": Parentage.from_stored,
    "links": Network.from_stored,
    "under_other_priors": Husbandry.from_stored,
    "dependence": Consignment.from_stored,
}


def read_result(record: Mapping[str, Any]) -> Result:
    """Return the result that was stored: of a match, kinship, a claim, a network or husbandry.

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
