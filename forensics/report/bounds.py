"""What follows for items that were not examined, from those that were chosen and examined."""

from forensics.report.wording import cautious_call
from forensics.statistics import hypergeometric_lower

__all__ = ["LEVEL", "add_bounds"]

LEVEL = 0.95
"""Of the bound; Aitken & Taroni 2004, doi:10.1002/0470011238."""


def add_bounds(statement: dict) -> None:
    """Put into each sampling plan how many of all items a reported taxon holds at least.

    Counted is a thing whose findings are all agreed with by their reviewers and report one taxon,
    as it is reported (`cautious_call`). The bound takes these calls as right.

    Parameters
    ----------
    statement : dict
        Is changed: ``bounds`` of each plan.
    """
    for plan in statement["plans"]:
        chosen, population = plan["chosen"], plan["population"]
        called: dict[str, set] = {}
        for one in statement["findings"]:
            if one["kind"] != "identification" or not one["result"]:
                continue
            technical = [r["outcome"] for r in one["reviews"] if r["stage"] == "technical"]
            agreed = technical[-1:] == ["agrees"]
            for thing in {one["sample"], one["exhibit"]} & set(plan["things"]):
                called.setdefault(thing, set()).add(cautious_call(one)["taxon"] if agreed else None)
        named: dict[str, int] = {}
        for taxa in called.values():
            if len(taxa) == 1 and None not in taxa:
                (taxon,) = taxa
                named[taxon] = named.get(taxon, 0) + 1
        plan["bounds"] = [
            {
                "taxon": taxon,
                "of": chosen,
                "named": number,
                "at_least": hypergeometric_lower(population, chosen, number, level=LEVEL),
                "level": LEVEL,
            }
            for taxon, number in sorted(named.items())
            if number <= chosen <= population
        ]
