"""The packaged tables that an identification consults: whether they are what they were when they were built.

A library brings its own identity; these tables come with the software and can be changed on a disk as well. Each
result names the SHA-256 that they had when they were built (``packaged.json``, written by ``make tables``). The files
are compared with it where a result is recorded or computed again.
"""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from forensics.barcode.examination import packaged_tables
from forensics.barcode.recognition import exemplar_files
from forensics.errors import VerificationError
from forensics.io.files import folder
from forensics.messages import _
from forensics.taxonomy import names
from forensics.taxonomy.listings.table import table_sha256


def digest_tables() -> dict[str, str]:
    """Return the SHA-256 of the tables as they are now, by subject.

    Returns
    -------
    dict of str to str
        ``listings``: the tables of CITES listings (`forensics.taxonomy.listings.table`); ``lineages``:
        groups whose mitochondria do not separate species (`forensics.taxonomy.names`);
        ``contaminants``: human and ape sequences, and species that reagents bring; ``exemplars``:
        sequences that a locus is recognised by (`forensics.barcode.recognition`).
    """
    contaminants = (folder("reference_sequences") / "contaminants").iterdir()
    return {
        "listings": table_sha256(),
        "lineages": _digest([names.TABLE]),
        "contaminants": _digest(
            path for path in contaminants if path.name.endswith((".tsv", ".fasta.gz"))
        ),
        "exemplars": _digest(exemplar_files()),
    }


def check_tables() -> None:
    """Compare the tables with what they were when they were built.

    Raises
    ------
    VerificationError
        If a file was changed, is damaged or is missing.
    """
    now = digest_tables()
    if changed := [
        subject for subject, built in packaged_tables().items() if now[subject] != built
    ]:
        raise VerificationError(
            _(
                "Packaged tables are not those of this version ({tables}): a file was changed, or is damaged. "
                "Install the package again."
            ).format(tables=", ".join(changed))
        )


def _digest(paths: Iterable[Path]) -> str:
    """Return the SHA-256 of files, one after the other by name."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(paths))).hexdigest()


if __name__ == "__main__":
    text = json.dumps(digest_tables(), indent=2)
    Path(__file__).with_name("packaged.json").write_text(f"{text}\n", encoding="utf-8")
