"""``forensics trade show``, ``link``, ``analyse`` and ``pike``: the store, and figures of it with intervals."""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from forensics.cli.options import command, option, options_of, path_option, shared
from forensics.cli.output import CONTROL, Writer, tell, tell_lines
from forensics.cli.trade import FACTORS, FORM, LEDGER, SPECIMEN, opening
from forensics.core.options import Group
from forensics.errors import UsageError
from forensics.messages import _, ngettext, numeral
from forensics.trade.choices import CountOptions, PikeOptions, YearOptions
from forensics.trade.store import DEFAULT_LIMIT


@command(
    help=_(
        "Show a seizure, or list seizures by words, those that do not count, or what findings say of them.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics trade show seizures.db 12\n"
        "  forensics trade show seizures.db --search 'ivory mombasa'\n"
        "  forensics trade show seizures.db --findings --ledger laboratory.db\n\n"
        "Of SEIZURE, its number in the store: its record, the rows it was read from, what was decided and "
        "changed, and its links. --search: all words must occur, in the record or in the rows it was read "
        "from, in any order and any case; accents make no difference, and a phrase stands in double quotes. "
        "--findings: taxon and origin as declared and as found, and the Appendix by each, of every seizure that "
        "is tied to a finding, or to an exhibit with findings; records are not changed."
    ),
)
@opening
@click.argument("seizure", type=int, required=False)
@option(
    "--search",
    "words",
    metavar="WORDS",
    help=_("List the seizures in which all these words occur, also those that are not counted."),
)
@option(
    "--uncounted",
    is_flag=True,
    help=_("List the records that wait for a decision, and those set aside."),
)
@option(
    "--findings",
    is_flag=True,
    help=_("Compare what was declared with what was found; needs --ledger."),
)
@option(
    "--limit",
    type=click.IntRange(1),
    default=DEFAULT_LIMIT,
    show_default=True,
    group=Group.DECIDE,
    help=_("Most seizures that --search shows."),
)
@option(
    "--all",
    "everything",
    is_flag=True,
    group=Group.OUTPUT,
    help=_("With --findings, also show what agrees."),
)
@shared(LEDGER, FORM)
def show(
    store: Any, seizure: int | None, words: str | None, uncounted: bool, findings: bool, limit: int,
    everything: bool, ledger: Path | None, writer: Writer,
) -> None:  # fmt: skip
    if sum((seizure is not None, words is not None, uncounted, findings)) != 1:
        raise UsageError(
            _("Give the number of a seizure, or one of --search, --uncounted and --findings.")
        )
    if findings and ledger is None:
        raise UsageError(_("Name the ledger of custody (--ledger)."))
    if not findings and (ledger or everything):
        raise UsageError(_("--ledger and --all are for --findings."))
    if words is not None:
        _list_matches(store, words, limit, writer)
    elif uncounted:
        _list_uncounted(store, writer)
    elif ledger is not None:
        _list_comparisons(store, ledger, writer, everything=everything)
    elif seizure is not None:
        _show_record(store, seizure, writer)


def _show_record(store: Any, seizure: int, writer: Writer) -> None:
    from forensics.trade.exchange import seizure_object

    if not (writer.is_table or writer.is_json):
        raise UsageError(_("A seizure is shown as table or json."))
    chosen, _specimens = store.find(seizure)
    keys = {specimen.id for specimen in chosen.specimens}
    original = {key: store.original(key) for key in keys}
    tables = {
        name: [
            row
            for row in store.table(name)
            if (row["specimen"] in keys if name == "conversions" else row["seizure"] == seizure)
        ]
        for name in ("decisions", "history", "conversions", "links")
    }
    record = seizure_object(chosen)
    if writer.is_json:
        content = {
            **record,
            "original": [
                {
                    "specimen": specimen.id,
                    "file": specimen.file,
                    "row": specimen.row,
                    "standing": specimen.standing,
                    "cells": original[specimen.id],
                }
                for specimen in chosen.specimens
            ],
            "standing": chosen.standing,
            **tables,
        }
        writer.record(content)
        return
    specimens = record.pop("specimens")
    writer.text(_("Seizure {number}").format(number=seizure) + _not_counted(chosen.standing))
    writer.lines([(name, str(value)) for name, value in record.items()])
    for specimen, values in zip(chosen.specimens, specimens):
        head = _("Specimens {number}").format(number=specimen.id)
        if specimen.file:
            head += " · " + _("{file}, row {row}").format(file=specimen.file, row=specimen.row)
        writer.text(head.translate(CONTROL) + _not_counted(specimen.standing))
        cells = "; ".join(f"{name}: {cell}" for name, cell in original[specimen.id].items() if cell)
        lines = [(name, str(value)) for name, value in values.items()]
        writer.lines([*lines, (_("original row"), cells)] if cells else lines or [("", "-")])
    titles = _("Decisions"), _("History"), _("Conversions"), _("Links")
    for title, rows in zip(titles, tables.values()):
        if rows:
            writer.text(title)
            writer.lines(
                [
                    (str(row["id"]), ", ".join(f"{k}={v}" for k, v in row.items() if v is not None))
                    for row in rows
                ]
            )


def _not_counted(standing: str) -> str:
    """Return what must stand beside the name of a record that does not count."""
    if standing == "counted":
        return ""
    return " · " + _("NOT COUNTED: {standing}").format(standing=_(standing))


def _list(
    rows: list[dict[str, Any]], line: Callable[[dict[str, Any]], str], text: str, writer: Writer
) -> None:
    """Write a line a row for people, else the rows; `text` says how many there are."""
    if writer.is_table:
        for row in rows:
            writer.heading(line(row))
    else:
        writer.plain_rows(rows)
    tell(text.format(count=len(rows)))


def _list_matches(store: Any, words: str, limit: int, writer: Writer) -> None:
    from forensics.trade.store import search_seizures

    found = search_seizures(store, words, limit=sys.maxsize)
    rows = [match.to_dict() for match in found[:limit]]
    _list(rows, _match, ngettext("{count} seizure", "{count} seizures", len(rows)), writer)
    if (more := len(found) - limit) > 0:
        tell(ngettext("… and {count} more", "… and {count} more", more).format(count=more))


def _match(row: dict[str, Any]) -> str:
    label = _(row["standing"])
    standing = "" if row["standing"] == "counted" else f" · {label}"
    return (
        f"{row['seizure']}  {row['reference'] or '-'}  {row['date'] or '-'}  "
        f"{row['country'] or '-'}{standing}: {row['excerpt']}"
    )


def _list_uncounted(store: Any, writer: Writer) -> None:
    from forensics.trade.decisions import uncounted

    rows = [asdict(record) for record in uncounted(store)]
    text = ngettext("{count} kind of specimens", "{count} kinds of specimens", len(rows))
    _list(rows, _line, text, writer)


def _line(entry: dict[str, Any]) -> str:
    what = " ".join(
        part for part in (entry["date"], entry["species"], entry["quantity"], entry["unit"]) if part
    )
    standing = entry["standing"]
    return _(
        "{standing}: seizure {seizure}, specimens {specimen}, {reference} ({file}, row {row}): {what}. {by}, {at}: "
        "{reason}"
    ).format(
        standing=_(standing), seizure=entry["seizure"], specimen=entry["specimen"],
        reference=entry["reference"] or "-", file=entry["file"] or "-", row=entry["row"], what=what or "-",
        by=entry["decided_by"], at=entry["at"], reason=entry["reason"],
    )  # fmt: skip


def _list_comparisons(store: Any, ledger: Path, writer: Writer, *, everything: bool) -> None:
    from forensics.custody import open_ledger
    from forensics.trade.linking import SAME, compare

    with open_ledger(ledger) as opened_ledger:
        comparisons = list(compare(store, opened_ledger))
    rows = [
        asdict(comparison)
        for comparison in comparisons
        if everything
        or comparison.outcome != SAME
        or comparison.appendix_declared != comparison.appendix_found
    ]
    text = _("{total} comparisons, {shown} shown")
    _list(rows, _describe, text.format(total=len(comparisons), shown=len(rows)), writer)


def _describe(row: dict[str, Any]) -> str:
    probability = row["probability"]
    return _(
        "{reference}, seizure {seizure}, {day}: {field} declared {declared}, found {found} ({probability}): "
        "{outcome}. Appendix {before}, now {after}. Finding {finding}, {review}."
    ).format(
        reference=row["reference"] or "-",
        seizure=row["seizure"],
        day=row["day"] or "-",
        field=row["field"],
        declared=row["declared"] or "-",
        found=row["found"] or "-",
        probability="-" if probability is None else numeral(probability, ".3f"),
        outcome=row["outcome"],
        before=row["appendix_declared"],
        after=row["appendix_found"],
        finding=row["finding"],
        review=_("agreed with by a second person") if row["reviewed"] else _("not reviewed"),
    )


@command(
    help=_(
        "Tie a seizure to its case, exhibits and findings in a ledger of custody.\n\n"
        "Example: forensics trade link seizures.db 12 --case 2026-014 --exhibit 2026-014/1 --finding 31 "
        "--ledger laboratory.db\n\n"
        "SEIZURE is its number in the store. With --ledger each name is looked up and the link is marked "
        "as checked; without, it is kept as you say it."
    ),
)
@opening
@click.argument("seizure", type=int)
@option(
    "--case",
    "cases",
    multiple=True,
    metavar="ID",
    group=Group.RECORD,
    help=_("Case; may be repeated."),
)
@option(
    "--exhibit",
    "exhibits",
    multiple=True,
    metavar="ID",
    group=Group.RECORD,
    help=_("Exhibit or sample; may be repeated."),
)
@option(
    "--finding",
    "findings",
    multiple=True,
    metavar="EVENT",
    group=Group.RECORD,
    help=_("Number of a finding's event."),
)
@shared(SPECIMEN, LEDGER)
def link(
    store: Any, seizure: int, cases: tuple[str, ...], exhibits: tuple[str, ...],
    findings: tuple[str, ...], specimen: int | None, ledger: Path | None,
) -> None:  # fmt: skip
    from forensics.trade.linking import Links
    from forensics.trade.linking import link as tie

    links = Links()
    if ledger:
        from forensics.custody import open_ledger

        with open_ledger(ledger) as opened_ledger:
            links = Links.of(opened_ledger, store)
    count = tie(
        store,
        seizure,
        links=links,
        specimen=specimen,
        case=cases,
        exhibit=exhibits,
        finding=findings,
    )
    click.echo(_("Links of seizure {number}: {count}.").format(count=count, number=seizure))


YEARS = options_of(YearOptions, "years")
FIGURE = path_option(
    "--figure",
    group=Group.OUTPUT,
    help=_("Draw it to a new file, .png or .svg (needs the extra plot)."),
)


@command(
    help=_(
        "Count seizures, quantities and animals, or show the network of countries they passed.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics trade analyse seizures.db --by year --by species\n"
        "  forensics trade analyse seizures.db --table routes --figure routes.svg --graph routes.json\n\n"
        "SEIZURES is a store or a table (CSV or XLSX). routes: legs from country to country, made or intended. "
        "countries: what each was in them."
    ),
)
@click.argument("seizures", type=click.Path())
@options_of(CountOptions, "options")
@path_option(
    "--graph",
    group=Group.OUTPUT,
    help=_(
        "Write routes and countries to a new file, as node-link JSON for programs for networks."
    ),
)
@YEARS
@FIGURE
@shared(FACTORS, FORM)
def analyse(
    seizures: str, options: CountOptions, graph: Path | None, years: YearOptions, figure: Path | None,
    factor_file: Path | None, writer: Writer,
) -> None:  # fmt: skip
    of_counts = options.by or factor_file or options.measure != "seizures"
    if options.table == "counts" and graph:
        raise UsageError(_("--graph is for the tables routes and countries."))
    if options.table != "counts" and of_counts:
        raise UsageError(_("--by, --measure and --factors are for the table counts."))
    if figure:
        from forensics.drawing import check_figure_file

        check_figure_file(figure)
    from forensics.trade.conversion import read_factors
    from forensics.trade.seizures import open_seizures

    factors = read_factors(factor_file) if factor_file else None
    taken = open_seizures(seizures, factors=factors).select(first=years.first, last=years.last)
    if options.table == "counts":
        from forensics.trade.counts import counts

        indicator = counts(taken, options.by or ("year",))
        if options.measure not in indicator.table:
            raise UsageError(
                _("No quantity was converted to a number of animals; choose another --measure.")
            )
        if figure:
            from forensics.trade.figures import save_counts

            save_counts(indicator, figure, measure=options.measure)
        _write_indicator(indicator, writer, missing=_("not known"))
        return
    from forensics.trade.counts import graph_of, network

    legs, countries = network(taken)
    if graph:
        from forensics.io.files import write_new

        text = json.dumps(graph_of(legs, countries), ensure_ascii=False, allow_nan=False, indent=1)
        write_new(graph, text.encode())
    if figure:
        from forensics.trade.figures import save_routes

        save_routes(legs, countries, figure)
    _write_indicator(countries if options.table == "countries" else legs, writer)


@command(
    help=_(
        "Give the proportion of illegally killed elephants (PIKE): observed, and its trend.\n\n"
        "\b\n"
        "Example: forensics trade pike carcasses.csv --area Africa --area Asia --first 2003\n"
        "  --last 2024 --figure pike.svg\n\n"
        "CARCASSES is MIKE's table by site and year. The trend is that of MIKE (a Bayesian model "
        "with effects of year, site and site-year; each site weighs the same), each area fitted by "
        "itself. Africa takes some 10 seconds."
    ),
)
@click.argument("carcasses", type=click.Path())
@option(
    "--area",
    "areas",
    multiple=True,
    metavar="NAME",
    help=_("Region or subregion, such as 'West Africa'; may be repeated. Default: all regions."),
)
@option(
    "--observed", is_flag=True, group=Group.DECIDE, help=_("Only add up carcasses; fit no trend.")
)
@options_of(PikeOptions, "options")
@FIGURE
@shared(FORM)
def pike(
    carcasses: str, areas: tuple[str, ...], observed: bool, options: PikeOptions, figure: Path | None,
    writer: Writer,
) -> None:  # fmt: skip
    if figure:
        if observed:
            raise UsageError(_("--figure draws a trend; leave --observed out."))
        from forensics.drawing import check_figure_file

        check_figure_file(figure)
    from forensics.trade import pike as room
    from forensics.trade.pike import read_carcasses

    table = read_carcasses(carcasses)
    areas = areas or tuple(sorted(set(table.rows["region"])))
    if table.repeated:
        tell(
            _("Several rows of one site and year were added up: {which}").format(
                which=", ".join(table.repeated)
            )
        )
    if observed:
        from forensics.trade.counts import plain_rows

        rows: list[dict[str, object]] = []
        for area in areas:
            shares = room.observed(table.select(area, first=options.first, last=options.last))
            rows += [{"area": area, **row} for row in plain_rows(shares)]
        writer.plain_rows(rows)
        return
    with click.progressbar(
        length=len(areas) * (options.warm_up + options.draws),
        label=_("drawing"),
        file=sys.stderr,
        hidden=not sys.stderr.isatty(),
    ) as bar:
        trends = [room.trend(table, area, options, progress=bar.update) for area in areas]
    if figure:
        from forensics.trade.figures import save_pike

        save_pike(trends, figure)
    _write_trends(trends, writer)


def _write_indicator(indicator: Any, writer: Writer, *, missing: str = "") -> None:
    """Write an indicator; what must be read beside CSV or TSV goes to standard error.

    Parameters
    ----------
    indicator : Indicator or Trend
    writer : Writer
    missing : str
        In a table for people, in the place of a value that is not known.
    """
    from forensics.trade.counts import plain_rows

    if writer.is_json:
        writer.record(indicator)
        return
    rows = plain_rows(indicator.to_frame())
    if writer.has_rows:
        writer.plain_rows(rows)
        tell_lines(indicator.lines())
        return
    writer.heading(indicator.sample)
    if rows:
        writer.columns([_with_intervals(row, missing) for row in rows])
    else:
        writer.text(_("nothing found"))
    writer.text()
    writer.lines(indicator.lines())


def _write_trends(trends: list[Any], writer: Writer) -> None:
    """Write the trends of several areas; as rows they are one table with a column for the area."""
    if not writer.has_rows:
        for trend in trends:
            _write_indicator(trend, writer)
        return
    from forensics.trade.counts import plain_rows

    writer.plain_rows(
        [{"area": trend.sample, **row} for trend in trends for row in plain_rows(trend.to_frame())]
    )
    for trend in trends:
        tell_lines([(f"{trend.sample}: {label}", text) for label, text in trend.lines()])


def _with_intervals(row: dict[str, Any], missing: str = "") -> dict[str, str]:
    """Return a row for people: limits in brackets behind their value, four digits."""
    intervals = {}
    for name, value in row.items():
        if name.endswith(("_low", "_high")) and name.rpartition("_")[0] in row:
            continue
        text = _short(value)
        low, high = row.get(f"{name}_low"), row.get(f"{name}_high")
        if low is not None and high is not None:
            text = f"{text} ({_short(low)}-{_short(high)})"
        elif low is not None and value is not None:
            text = f"{text} (≥ {_short(low)})"
        elif value is None:
            text = missing
        intervals[name] = text
    return intervals


def _short(value: object) -> str:
    if isinstance(value, float):
        return numeral(value, ".4g") if abs(value) < 10000 else numeral(value, ".0f")
    return "" if value is None else str(value)
