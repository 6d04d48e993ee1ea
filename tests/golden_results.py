"""The golden records of results, of each kind in each language."""

import json
from pathlib import Path

__all__ = ["every_record", "identifications", "record", "records"]

_GOLDEN = Path(__file__).resolve().parent / "golden"


def _lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def records(name: str) -> dict[str, dict]:
    """Return the English records of results of a group by their case."""
    lines = _lines(_GOLDEN / "results" / f"{name}.jsonl")
    return {line["case"]: line["result"] for line in lines if line["language"] == "en"}


def record(name: str, case: str) -> dict:
    return records(name)[case]


def identifications() -> list[dict]:
    """Return the records of identifications, and of several loci together."""
    return [line["result"] for line in _lines(_GOLDEN / "identifications.jsonl")]


def every_record() -> list[dict]:
    """Return the records of all groups in all languages, without identifications."""
    paths = sorted((_GOLDEN / "results").glob("*.jsonl"))
    return [line["result"] for path in paths for line in _lines(path)]
