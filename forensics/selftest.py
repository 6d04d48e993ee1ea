"""Does this installation give the results that were reviewed when it was released?

The demonstration queries are identified and compared with
``reference_sequences/demonstration/expected.json``; the files of the embedded library are
hashed. Made again, and then reviewed, with::

    python -m forensics.selftest
"""

import json
import platform
from collections.abc import Callable, Iterable
from importlib import metadata
from pathlib import Path
from typing import Any

from forensics.barcode.locus import known_loci
from forensics.barcode.matching import kernel
from forensics.barcode.reading.reads import find_readers
from forensics.barcode.reference.library import EMBEDDED, Library, open_library
from forensics.core.provenance import made_by
from forensics.errors import ForensicsError, LibraryError
from forensics.examination import identify
from forensics.io.files import folder
from forensics.messages import _
from forensics.plugins import find_packages, record_plugins

DEPENDENCIES = (
    "biopython", "click", "cryptography", "numpy", "pandas", "scikit-learn",
    "sqlite-utils",
)  # fmt: skip
EXPECTED = "expected.json"
# What must agree exactly: the search counts edits, the call follows from arithmetic.
_EXACT = ("query", "length", "locus", "strand", "status", "rank", "taxon", "best_accession")
# Identities are ratios of whole numbers; only their last binary digit may differ.
IDENTITY_TOLERANCE = 1e-9
# Probabilities come through exp() of the system's mathematics; a hundredth would already
# show that another calibration spoke.
PROBABILITY_TOLERANCE = 1e-3
_SEQUENCES = ("*.fasta", "*.fasta.gz", "*.ab1", "*.ab1.gz")


def expected_results(library: Library, demonstration: Path) -> dict:
    """Return what the demonstration queries give now, in the form of the packaged file."""
    files = sorted({path for pattern in _SEQUENCES for path in demonstration.glob(pattern)})
    return {
        "library_sha256": library.sha256,
        "tolerance": {"identity": IDENTITY_TOLERANCE, "probability": PROBABILITY_TOLERANCE},
        "queries": {path.name: _identify_file(library, path) for path in files},
    }


def run_selftest(
    *,
    time: str,
    library: Library | None = None,
    find_added: Iterable[Callable[[], object]] = (),
) -> dict:
    """Check this installation; return the record.

    Parameters
    ----------
    time : str
        UTC, ISO 8601; enters the record.
    library : Library, optional
        Default: the embedded one.
    find_added : iterable of callable
        What else looks for what plug-ins add, beside loci and readers.

    Returns
    -------
    dict
        ``plugins`` are those that are installed, if any: version by package. ``result`` is ``pass`` or
        ``fail``; ``checks`` has one entry {check, expected, found, passed} for everything that was compared,
        and for a plug-in that cannot be used.
    """
    checks: list[dict] = []

    def check(name: str, expected: object, actual: object, passed: bool | None = None) -> None:
        passed = expected == actual if passed is None else passed
        checks.append({"check": name, "expected": expected, "found": actual, "passed": passed})

    record: dict[str, Any] = {
        "kind": "selftest",
        **made_by(),
        "time": time,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "dependencies": {name: _version(name) for name in DEPENDENCIES},
        "kernel": "compiled" if kernel.is_compiled() else "reference",
        "library_sha256": None,
        "checks": checks,
    }
    try:
        library = library or open_library(EMBEDDED)
        record["library_sha256"] = library.sha256
        demonstration = library.path / "demonstration"
        if not demonstration.is_dir():
            demonstration = folder("reference_sequences") / "demonstration"
        expected = _expected(demonstration / EXPECTED)
        check("library.json", expected["library_sha256"], library.sha256)
        _check_files(library, check)
        _check_queries(library, demonstration, expected, check)
    except ForensicsError as error:
        check("selftest", "", str(error), False)
    if plugins := record_plugins(find_packages()):
        record["plugins"] = plugins
    finders: list[Callable[[], object]] = [known_loci, find_readers, *find_added]
    for find in finders:
        try:
            find()
        except ForensicsError as error:
            check("plug-ins", "", str(error), False)
    record["result"] = "pass" if all(entry["passed"] for entry in checks) else "fail"
    return record


def canonical(record: dict) -> bytes:
    """Return the record as bytes to be signed: UTF-8 JSON, sorted keys, no blanks."""
    return json.dumps(
        record, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def _check_files(library: Library, check) -> None:
    try:
        library.verify()
    except ForensicsError as error:
        check("sha256 of the library's files", "as in the manifests", str(error), False)
    else:
        check("sha256 of the library's files", "as in the manifests", "as in the manifests")


def _check_queries(library: Library, demonstration: Path, expected: dict, check) -> None:
    tolerance = expected["tolerance"]
    for name, queries in expected["queries"].items():
        try:
            results = _identify_file(library, demonstration / name)
        except ForensicsError as error:
            check(name, len(queries), str(error), False)
            continue
        check(f"{name}: sequences", len(queries), len(results))
        for recorded, actual in zip(queries, results):
            label = recorded["query"] if len(queries) > 1 else name
            for key in _EXACT:
                if recorded[key] != actual[key]:
                    check(f"{label}: {key}", recorded[key], actual[key])
            for key in ("identity", "probability"):
                first, other = recorded[key], actual[key]
                if None in (first, other):
                    near = first is other
                else:
                    near = abs(first - other) <= tolerance[key]
                if not near:
                    check(f"{label}: {key}", first, other, False)
            shown = " ".join(str(recorded[k]) for k in ("status", "rank", "taxon") if recorded[k])
            seen = " ".join(str(actual[k]) for k in ("status", "rank", "taxon") if actual[k])
            check(label, shown, seen)


def _identify_file(library: Library, path: Path) -> list[dict]:
    results = []
    for result in identify(path, library=library):
        best = result.candidates[0] if result.candidates else None
        results.append(
            {
                # The file of expected results has one name of both.
                "query": f"{result.query}_{result.part}" if result.part else result.query,
                "length": result.length,
                "locus": result.locus,
                "strand": result.strand,
                "status": result.status,
                "rank": result.rank,
                "taxon": result.taxon,
                "best_accession": best and best.accession,
                "identity": best and round(best.identity, 12),
                "probability": None
                if result.call.probability is None
                else round(result.call.probability, 6),
            }
        )
    return results


def _expected(path: Path) -> dict:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise LibraryError(
            _("The expected results {path} cannot be read: {error}.").format(path=path, error=error)
        ) from error


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _write_expected() -> None:
    library = open_library(EMBEDDED)
    demonstration = folder("reference_sequences") / "demonstration"
    text = json.dumps(expected_results(library, demonstration), ensure_ascii=False, indent=1)
    (demonstration / EXPECTED).write_text(text + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    _write_expected()
