"""The keys of a statement: what `collecting` gives, and what a report in JSON must still have."""

from collections.abc import Iterator

__all__ = ["SHAPE", "missing_keys"]

SHAPE: dict[str, tuple[str, ...]] = {
    "": (
        "format", "software", "report", "laboratory", "customer", "request", "method", "case",
        "exhibits", "samples", "plans", "runs", "findings", "omitted", "opinions", "outside", "authorisation",
        "timeline", "corrections", "people", "ledger", "details_sha256", "template", "shown_in",
        "draft",
    ),
    "software": ("name", "version"),
    "report": ("number", "title", "language", "issued", "replaces", "reason"),
    "laboratory": ("name", "address", "sites", "accreditation"),
    "customer": ("name", "address", "contact"),
    "request": ("question", "propositions", "information_given"),
    "method": ("name", "reference", "deviations", "uncertainty", "limits", "prior"),
    "case": ("id", "opened", "agency", "reference", "title"),
    "authorisation": ("person", "name", "function", "enrolled"),
    "ledger": ("id", "size", "fingerprint", "kind"),
    "template": ("name", "version", "sha256"),
    "exhibits[]": (
        "exhibit", "description", "quantity", "unit", "remaining", "condition", "seals",
        "broken_seals", "received_at", "received_by", "event", "gone", "seized_at",
        "seizing_agency", "seizure_place", "received_from",
    ),
    "samples[]": (
        "sample", "from", "exhibit", "quantity", "unit", "remaining", "method", "taken_at", "event",
    ),
    "plans[]": (
        "population", "grouping", "method", "chosen", "reference", "things", "chosen_by", "event",
        "examined", "bounds",
    ),
    "plans[].bounds[]": (
        "taxon", "of", "named", "at_least", "rest", "rest_at_least", "level",
    ),
    "runs[]": (
        "run", "kind", "performed_at", "protocol", "instrument", "provider", "controls",
        "missing_or_failed", "deviation", "event",
    ),
    "runs[].controls[]": ("control", "kind", "result"),
    "findings[]": (
        "event", "kind", "sample", "exhibit", "found_at", "analyst", "analyst_name", "runs",
        "result", "text", "explanation", "library", "parameters", "inputs", "software",
        "dependencies", "errors", "accepted", "prior_reason", "priors", "differs", "listings",
        "reviews", "figures",
    ),
    "findings[].software": ("software", "version"),
    "findings[].accepted": ("event", "name", "scope", "files"),
    "findings[].listings[]": ("taxon", "day", "basis", "as_of", "appendices", "lines"),
    "findings[].priors[]": (
        "prior", "status", "rank", "taxon", "probability", "none", "not_excluded", "reported",
    ),
    "omitted[]": ("event", "kind", "sample", "reviews"),
    "findings[].figures[]": ("name", "kind", "sha256", "base64"),
    "findings[].reviews[]": (
        "event", "reviewer", "reviewer_name", "at", "stage", "outcome", "blind", "interpretation",
        "comment",
    ),
    "timeline[]": (
        "event", "at", "recorded_at", "not_later_than", "by", "type", "about", "flags",
        "corrected_by",
    ),
    "timeline[].flags[]": ("code", "about"),
    "opinions[]": ("author_name", "authorised"),
    "corrections[]": (
        "event", "corrects", "at", "by", "field", "old", "new", "reason", "applied", "changes",
    ),
    "corrections[].changes[]": ("about", "field", "old", "new"),
    "people[]": ("person", "name", "agency", "roles", "competences"),
}  # fmt: skip
"""Keys by place; ``[]`` stands for each entry of a list."""


# Of a finding that names no taxon, and of one that rests on nothing the laboratory accepted.
_NULLABLE = ("priors", "accepted")


def missing_keys(statement: object) -> Iterator[str]:
    """Yield the place of every key that is not there, such as ``findings.0.reviews``."""
    for place, keys in SHAPE.items():
        for where, table in _tables(statement, place.split(".") if place else [], ""):
            for key in keys:
                if not isinstance(table, dict) or key not in table:
                    yield f"{where}.{key}" if where else key


def _tables(value: object, path: list[str], where: str) -> Iterator[tuple[str, object]]:
    """Yield the tables at a place, as far as the way to it is there."""
    if not path:
        yield where, value
        return
    name, *rest = path
    key = name.removesuffix("[]")
    if not isinstance(value, dict) or key not in value:
        return  # told as a missing key of the table above
    found, place = value[key], f"{where}.{key}" if where else key
    if found is None and key in _NULLABLE:
        return
    if not name.endswith("[]"):
        yield from _tables(found, rest, place)
    elif isinstance(found, list):
        for number, one in enumerate(found):
            yield from _tables(one, rest, f"{place}.{number}")
    else:
        yield place, found
