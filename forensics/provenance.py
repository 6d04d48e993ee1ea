"""How a result was reached, and by which program: one function for it, and one name of the program."""

import forensics
from forensics.case import Provenance
from forensics.clock import utc_now

__all__ = ["SOFTWARE", "made_by", "made_by_text", "make_provenance"]

SOFTWARE = "forensics"
"""Name of this program in everything that is stored; the name of the package that is imported. Listings, models
of origin and locks of earlier versions have ``wildlife-forensics``, the name under which it is installed."""


def made_by() -> dict[str, str]:
    """Return ``software`` and ``version``, as they stand in what this program writes."""
    return {"software": SOFTWARE, "version": forensics.__version__}


def made_by_text() -> str:
    """Return name and version in one text, for records that have one place for both."""
    return f"{SOFTWARE} {forensics.__version__}"


def make_provenance(
    *,
    library: dict[str, object],
    parameters: dict[str, object],
    input: dict[str, object],
    dependencies: dict[str, str | None] | None = None,
    tables: dict[str, str] | None = None,
    time: str | None = None,
) -> Provenance:
    """Return how a result is reached with this version of this program.

    Parameters
    ----------
    library, parameters, input : dict
        As in `forensics.case.Provenance`; they are not copied, since a batch shares them.
    dependencies : dict, optional
        Package to the version with which the result is computed.
    tables : dict, optional
        SHA-256 of packaged tables that are consulted, by subject.
    time : str, optional
        When; now.

    Returns
    -------
    Provenance
    """
    return Provenance(
        **made_by(),
        library=library,
        parameters=parameters,
        input=input,
        time=time or utc_now(),
        dependencies=dependencies or {},
        tables=tables or {},
    )
