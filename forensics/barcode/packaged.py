"""The packaged tables that decide about a name, and what a result says of them.

A library brings its own identity; these tables come with the software and can be changed on a disk
as well. So each result names their SHA-256, and ``report reproduce`` tells where they differ.
"""

import functools
import hashlib
from collections.abc import Iterable
from pathlib import Path

from forensics.barcode.recognition.exemplars import exemplar_files
from forensics.resources import folder

__all__ = ["packaged_tables"]


@functools.cache
def packaged_tables() -> dict[str, str]:
    """Return the SHA-256 of the packaged tables that an identification consults, by subject.

    Returns
    -------
    dict of str to str
        ``listings``: the tables of CITES listings (`forensics.taxonomy.listings.table`); ``lineages``:
        groups whose mitochondria do not separate species (`forensics.taxonomy.lineages`);
        ``contaminants``: human and ape sequences, and species that reagents bring; ``exemplars``:
        sequences that a locus is recognised by (`forensics.barcode.recognition`).
    """
    from forensics.taxonomy import lineages
    from forensics.taxonomy.listings.table import table_sha256

    return {
        "listings": table_sha256(),
        "lineages": _digest([lineages.TABLE]),
        "contaminants": _digest(
            path
            for path in (folder("reference_sequences") / "contaminants").iterdir()
            if path.name.endswith((".tsv", ".fasta.gz"))
        ),
        "exemplars": _digest(exemplar_files()),
    }


def _digest(paths: Iterable[Path]) -> str:
    """Return the SHA-256 of files, one after the other by name."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(paths))).hexdigest()
