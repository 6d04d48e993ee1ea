"""What follows for items that were not examined, from those that were chosen and examined."""

from collections.abc import Iterator
from dataclasses import replace

from forensics.messages import _
from forensics.report.blocks import Block, Facts, Table, Text, percent, whole
from forensics.report.corrections import annotate_event
from forensics.report.reported import conservative_call, is_call
from forensics.report.statement import Bound, Plan, Statement
from forensics.stats import hypergeometric_lower

LEVEL = 0.95
"""Of the bound; Aitken & Taroni 2004, doi:10.1002/0470011238."""


def add_bounds(statement: Statement) -> Statement:
    """Return a statement with how many of all items of each plan a reported taxon holds at least.

    Counted is a thing whose findings are all in the report, agreed with by their reviewers, and
    report one taxon, as it is reported (`conservative_call`); where some are reported at a genus, those
    reported at a species of it count for the genus, too. The bound takes these calls as right. What
    was chosen and not examined counts as if it did not have the taxon.
    """
    return replace(
        statement, plans=tuple(_with_bounds(statement, plan) for plan in statement.plans)
    )


def _with_bounds(statement: Statement, plan: Plan) -> Plan:
    called = _taxa_by_thing(statement, set(plan.things))
    counts: dict[str, int] = {}
    for taxa in called.values():
        if len(taxa) == 1 and (taxon := next(iter(taxa))) is not None:
            counts[taxon] = counts.get(taxon, 0) + 1
    for genus in [name for name in counts if " " not in name]:
        counts[genus] += sum(n for name, n in counts.items() if name.startswith(f"{genus} "))
    return replace(
        plan,
        examined=len(called),
        bounds=tuple(
            _bound(plan, taxon, count)
            for taxon, count in sorted(counts.items())
            # Else the linter says so. Of more that are named than were chosen, some were picked.
            if max(count, count_named(statement, plan)) <= plan.chosen <= plan.population
        ),
    )


def _bound(plan: Plan, taxon: str, count: int) -> Bound:
    least = hypergeometric_lower(plan.population, plan.chosen, count, level=LEVEL)
    return Bound(
        taxon=taxon,
        of=plan.chosen,
        named=count,
        at_least=least,
        rest=plan.population - plan.chosen,
        rest_at_least=max(0, least - count),
        level=LEVEL,
    )


def count_named(statement: Statement, plan: Plan) -> int:
    """Return how many things a plan names; an exhibit and samples of it that it names are no more."""
    exhibit_of = {sample.sample: sample.exhibit for sample in statement.samples}
    things = set(plan.things)
    return len(things - {exhibit_of.get(thing) for thing in things})


def _taxa_by_thing(statement: Statement, things: set[str]) -> dict[str, set[str | None]]:
    """Return the taxa reported of each thing of a plan; None among them where a finding does not count."""
    exhibit_of = {finding.sample: finding.exhibit for finding in statement.findings}
    exhibit_of |= {sample.sample: sample.exhibit for sample in statement.samples}
    samples_of: dict[str, list[str]] = {}
    for thing in sorted(things):
        exhibit = exhibit_of.get(thing, thing)
        if exhibit in things and exhibit != thing:
            samples_of.setdefault(exhibit, []).append(thing)
    taxa: dict[str, set[str | None]] = {}
    beside: dict[str, set[str | None]] = {}

    def add(sample: str, exhibit: str, taxon: str | None) -> None:
        # A plan may have a sample and its exhibit; one thing is counted once. Of an exhibit with
        # several samples in the plan these are the things, and another sample of it is none.
        named = samples_of.get(exhibit, ())
        if len(named) > 1 and sample not in named:
            beside.setdefault(exhibit, set()).add(taxon)
        elif len(named) == 1 or sample not in things:
            if exhibit in things:
                taxa.setdefault(exhibit, set()).add(taxon)
        else:
            taxa.setdefault(sample, set()).add(taxon)

    for finding in statement.findings:
        if is_call(finding):
            taxon = conservative_call(finding).taxon if finding.is_agreed else None
            add(finding.sample, finding.exhibit, taxon)
    for omitted in statement.omitted:  # nobody leaves out what speaks against the bound
        if omitted.kind == "identification":
            add(omitted.sample, exhibit_of.get(omitted.sample, omitted.sample), None)
    for thing, found in taxa.items():
        found |= beside.get(exhibit_of.get(thing, ""), set())
    return taxa


def plan_blocks(statement: Statement) -> Iterator[Block]:
    """Yield each sampling plan, and what follows from it, apart from the results on items examined."""
    for plan in statement.plans:
        yield Facts(
            tuple(
                (label, str(value))
                for label, value in (
                    (_("Total"), whole(plan.population)),
                    (_("Grouped"), plan.grouping),
                    (_("Chosen"), f"{whole(plan.chosen)} ({plan.method}; {plan.chosen_by})"),
                    (_("Items of the plan"), ", ".join(plan.things)),
                    (_("Of these, examined in this report"), whole(plan.examined)),
                    (_("Guideline"), plan.reference),
                    (_("Corrected"), annotate_event(statement, plan.event)),
                )
                if value
            )
        )  # fmt: skip
        if not plan.bounds:
            yield Text((_("No statement on unexamined items follows from these findings."),))
            continue
        yield Table(
            (_("Taxon"), _("All (N)"), _("Chosen (n)"), _("Of these, reported as the taxon (k)"),
             _("At least, of all items"), _("At least, of those not chosen"), _("Confidence")),
            tuple(
                (
                    bound.taxon, whole(plan.population), whole(bound.of),
                    whole(bound.named), whole(bound.at_least),
                    _("{n} of {all}").format(
                        n=whole(bound.rest_at_least), all=whole(bound.rest)
                    ),
                    percent(bound.level, 0),
                )
                for bound in plan.bounds
            ),
            (0.22, 0.1, 0.11, 0.16, 0.12, 0.17, 0.12),
        )  # fmt: skip
        yield Text(
            (
                _(
                    "This statement covers items that were not examined. It holds only if the "
                    "items were chosen at random and if every call is right; it does not include "
                    "the error of the calls. The results on the examined items, given with the "
                    "findings, need neither condition."
                ),
                _(
                    "One-sided hypergeometric bound: Aitken & Taroni 2004, "
                    "doi:10.1002/0470011238, chapter 6; ENFSI, Guidelines on Representative Drug "
                    "Sampling, 2016. Items chosen but not examined count as not having the "
                    "taxon."
                ),
            )
        )
