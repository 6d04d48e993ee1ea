"""The call that is reported: of those under all priors shown, the most cautious."""

__all__ = [
    "NOT_EXCLUDED",
    "PRIORS",
    "add_reported",
    "cautious_call",
    "is_call",
    "is_mixture",
    "not_excluded",
]

PRIORS = (0.1, 0.5, 0.9)
"""Priors that the library holds the species, under which a call is shown."""

NOT_EXCLUDED = 0.01
"""A species, or an origin, counts as not excluded from this probability on. No standard sets it; the choice
is ours: a name with one chance in a hundred left is told."""

# From the least that can be said to the most.
_CAUTION = (None, "family", "genus", "species")
_DEPENDS = {"status": "depends", "rank": None, "taxon": None}


def is_mixture(finding: dict) -> bool:
    """Return whether a finding is of a mixture of reads; the ledger has no kind of its own for it."""
    result = finding["result"] or {}
    return finding["kind"] == "identification" and "found" in result and "reads" in result


def is_call(finding: dict) -> bool:
    """Return whether a finding is the identification of one sequence."""
    return (
        finding["kind"] == "identification" and bool(finding["result"]) and not is_mixture(finding)
    )


def cautious_call(finding: dict) -> dict:
    """Return status, rank and taxon of the most cautious call under all priors shown.

    That of the finding is among them. Where one of them gives no name, none is reported; where two
    have different names at the rank that is left, none is either.

    Parameters
    ----------
    finding : dict
        Of a statement, for which `is_call` is true.
    """
    calls = [one for one in finding["priors"] or () if one["status"]]
    calls.append({name: finding["result"].get(name) for name in ("status", "rank", "taxon")})
    least = min(calls, key=lambda one: _CAUTION.index(one["rank"]))
    if least["rank"] is None:
        # "Nothing near enough" would be untrue if another prior gives a name.
        same = {one["status"] for one in calls} == {least["status"]}
        return {name: least[name] for name in _DEPENDS} if same else dict(_DEPENDS)
    names = {one["taxon"] for one in calls if one["rank"] == least["rank"]}
    if least["rank"] == "genus":  # a species of another genus contradicts it, too
        names |= {one["taxon"].split(" ")[0] for one in calls if one["rank"] == "species"}
    if len(names) > 1:  # two names at one rank: neither can be reported
        return dict(_DEPENDS)
    return {name: least[name] for name in _DEPENDS}


def not_excluded(result: dict) -> list[str]:
    """Return the species besides the one called that the result does not exclude."""
    found = []
    for one in result.get("candidates") or ():
        probability = one["probability"]
        if one["species"] != result.get("taxon") and (
            probability is None or float(probability) >= NOT_EXCLUDED
        ):
            found.append(one["species"])
    return found


def add_reported(finding: dict, probabilities: list[dict | None]) -> None:
    """Put into each prior the probability under it of the taxon that is reported in the end.

    Parameters
    ----------
    finding : dict
        Is changed: ``reported`` of each of its priors.
    probabilities : list of dict
        Of the call under each prior: rank to taxon to probability.
    """
    call = cautious_call(finding)
    for one, held in zip(finding["priors"], probabilities):
        of_rank = (held or {}).get(call["rank"] or "", {})
        one["reported"] = of_rank.get(call["taxon"]) if call["taxon"] else None
