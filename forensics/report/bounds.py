"""What follows for items that were not examined, from those that were chosen and examined."""

from collections.abc import Iterator

from forensics.messages import _
from forensics.report.blocks import Block, Facts, Table, Text
from forensics.report.cautious import cautious_call, is_call
from forensics.report.numbers import percent, whole
from forensics.report.remarks import remarks
from forensics.stats.intervals import hypergeometric_lower

__all__ = ["LEVEL", "add_bounds", "named_by", "plan_blocks"]

LEVEL = 0.95
"""Of the bound; Aitken & Taroni 2004, doi:10.1002/0470011238."""


def add_bounds(statement: dict) -> None:
    """Put into each sampling plan how many of all items a reported taxon holds at least.

    Counted is a thing whose findings are all in the report, agreed with by their reviewers, and
    report one taxon, as it is reported (`cautious_call`); where some are reported at a genus, those
    reported at a species of it count for the genus, too. The bound takes these calls as right. What
    was chosen and not examined counts as if it did not have the taxon.

    Parameters
    ----------
    statement : dict
        Is changed: ``bounds`` and ``examined`` of each plan.
    """
    for plan in statement["plans"]:
        chosen, population = plan["chosen"], plan["population"]
        called = _called(statement, set(plan["things"]))
        plan["examined"] = len(called)
        named: dict[str, int] = {}
        for taxa in called.values():
            if len(taxa) == 1 and None not in taxa:
                (taxon,) = taxa
                named[taxon] = named.get(taxon, 0) + 1
        for genus in [name for name in named if " " not in name]:
            named[genus] += sum(n for name, n in named.items() if name.startswith(f"{genus} "))
        plan["bounds"] = []
        for taxon, number in sorted(named.items()):
            # Else the linter says so. Of more that are named than were chosen, some were picked.
            if max(number, named_by(statement, plan)) <= chosen <= population:
                least = hypergeometric_lower(population, chosen, number, level=LEVEL)
                plan["bounds"].append(
                    {
                        "taxon": taxon,
                        "of": chosen,
                        "named": number,
                        "at_least": least,
                        "rest": population - chosen,
                        "rest_at_least": max(0, least - number),
                        "level": LEVEL,
                    }
                )


def named_by(statement: dict, plan: dict) -> int:
    """Return how many things a plan names; an exhibit and samples of it that it names are no more."""
    exhibit_of = {one["sample"]: one["exhibit"] for one in statement["samples"]}
    things = set(plan["things"])
    return len(things - {exhibit_of.get(thing) for thing in things})


def _called(statement: dict, things: set[str]) -> dict[str, set]:
    """Return the taxa reported of each thing of a plan; None among them where one does not count."""
    exhibit_of = {one["sample"]: one["exhibit"] for one in statement["samples"]}
    called: dict[str, set] = {}

    def add(sample: str, exhibit: str, taxon: str | None) -> None:
        # A plan may have a sample and its exhibit; one thing is counted once.
        thing = sample if sample in things else exhibit
        if thing in things:
            called.setdefault(thing, set()).add(taxon)

    for one in statement["findings"]:
        if is_call(one):
            technical = [r["outcome"] for r in one["reviews"] if r["stage"] == "technical"]
            agreed = technical[-1:] == ["agrees"]
            taxon = cautious_call(one)["taxon"] if agreed else None
            add(one["sample"], one["exhibit"], taxon)
    for one in statement["omitted"]:  # nobody leaves out what speaks against the bound
        if one["kind"] == "identification":
            add(one["sample"], exhibit_of.get(one["sample"], one["sample"]), None)
    return called


def plan_blocks(statement: dict) -> Iterator[Block]:
    """Yield each sampling plan, and what follows from it, apart from the results on items examined."""
    for plan in statement["plans"]:
        yield Facts(
            tuple(
                (label, str(value))
                for label, value in (
                    (_("There were"), whole(plan["population"])),
                    (_("Grouped"), plan["grouping"]),
                    (_("Chosen"), f"{whole(plan['chosen'])} ({plan['method']}; {plan['chosen_by']})"),
                    (_("Items of the plan"), ", ".join(plan["things"])),
                    (_("Of these examined in this report"), whole(plan["examined"])),
                    (_("Guideline"), plan["reference"]),
                    (_("Corrected"), remarks(statement, plan["event"])),
                )
                if value
            )
        )  # fmt: skip
        if not plan["bounds"]:
            yield Text(
                (_("No statement on items that were not examined follows from these findings."),)
            )
            continue
        yield Table(
            (_("Taxon"), _("All (N)"), _("Chosen (n)"), _("Of these reported as it (k)"),
             _("At least, of all"), _("So at least, of those not chosen"), _("Confidence")),
            tuple(
                (
                    bound["taxon"], whole(plan["population"]), whole(bound["of"]),
                    whole(bound["named"]), whole(bound["at_least"]),
                    _("{n} of {all}").format(
                        n=whole(bound["rest_at_least"]), all=whole(bound["rest"])
                    ),
                    percent(bound["level"], 0),
                )
                for bound in plan["bounds"]
            ),
            (0.22, 0.1, 0.11, 0.16, 0.12, 0.17, 0.12),
        )  # fmt: skip
        yield Text(
            (
                _(
                    "This is said of items that were not examined, and follows only if the chosen ones were "
                    "chosen at random and if every one of these calls is right: the error of the calls is "
                    "not in it. The results on the items examined stand with the findings and need neither."
                ),
                _(
                    "One-sided hypergeometric bound: Aitken & Taroni 2004, doi:10.1002/0470011238, chapter 6; "
                    "ENFSI, Guidelines on Representative Drug Sampling, 2016. What was chosen and not "
                    "examined counts as if it did not have the taxon."
                ),
            )
        )
