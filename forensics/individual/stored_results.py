"""Reads results of this package back, whatever they are of."""

from collections.abc import Mapping
from typing import Any

from forensics.core.result import Result
from forensics.core.stored import wrong_value
from forensics.individual.captive.consignment import Consignment
from forensics.individual.captive.results import Husbandry
from forensics.individual.network_results import Network
from forensics.individual.results import Individual, Kinship, Parentage

__all__ = ["read_result"]

# A key that results of each kind alone have.
_KINDS: dict[str, type[Result]] = {
    "matches": Individual,
    "by_chance": Kinship,
    "claim": Parentage,
    "links": Network,
    "under_other_priors": Husbandry,
    "dependence": Consignment,
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
    for key, kind in _KINDS.items():
        if isinstance(record, Mapping) and key in record:
            return kind.from_stored(record)
    raise wrong_value("", record, " | ".join(_KINDS))
