"""What each circle of readers may see, written as a database each with the configuration of Datasette; its start."""

import json
import os
import re
import secrets
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from importlib.resources import files
from pathlib import Path
from typing import Any

from forensics.core.children import python
from forensics.core.stored import utc_now
from forensics.errors import ForensicsError, InputError, RefusedError, UsageError, importing
from forensics.io.files import AnyPath, check_folder, making_folder, read_limited, sha256
from forensics.io.numbers import printable, year_of
from forensics.messages import _
from forensics.store.schema import NewTable, write_database
from forensics.trade.conversion import animals_of
from forensics.trade.decisions import Uncounted, uncounted
from forensics.trade.publishing.accounts import CLEARANCES, read_accounts
from forensics.trade.publishing.suppression import (
    MIN_SEIZURES,
    CountTable,
    merged,
    tabulate,
    told_by_change,
)
from forensics.trade.record import Seizure, Specimen, seized_part
from forensics.trade.store import Store
from forensics.trade.vocabulary import (
    FIELDS,
    NUMBER_COLUMNS,
    SEIZURE_COLUMNS,
    SPECIMEN_COLUMNS,
    names_of,
)

PARTIES_SEIZURE = (
    "country", "agency", "reason", "transport", "concealment", "detection", "departure", "transit",
    "destination", "sanction", "basis",
)  # fmt: skip
"""Fields of a seizure for the Parties besides its month: codes and values of lists, never free text."""
PARTIES_SPECIMEN = (
    "species",
    "term",
    "unit",
    "origin",
    "disposal",
    "appendix",
    "source",
    "purpose",
)

_TAXON = re.compile(r"[A-Z][a-z]{2,}(?: [a-z]{2,}(?:-[a-z]+)?){0,2}(?: spp?\.)?")
"""A scientific name: of a genus or above, a species, a subspecies."""


def coded(record: Seizure | Specimen, name: str) -> str | None:
    """Return the value of a field if it is a code or value of its list, else None.

    A name of a person that someone typed into a field for an agency is in no list.
    """
    field, text = FIELDS[name], record.get(name)
    if text is None:
        return None
    text = str(text)
    if field.list:
        codes = text.split("; ") if field.kind == "codes" else [text]
        return "; ".join(code for code in codes if code in names_of(field.list)) or None
    if field.kind == "taxon":
        return text if _TAXON.fullmatch(text) else None
    raise ValueError(f"{name} is free text")


def find_open_cases(store: Store, closed: Iterable[str] = ()) -> frozenset[int]:
    """Return the seizures that only the secretariat may see.

    A seizure that is tied to a case, an exhibit or a finding counts as open unless all cases that it is
    tied to are named as closed: a ledger never says of a case that it has ended.
    """
    closed = frozenset(closed)
    cases: dict[int, set[str]] = {}
    for link in store.table("links"):
        names = cases.setdefault(link["seizure"], set())
        if link["kind"] == "case":
            names.add(link["name"])
    return frozenset(number for number, names in cases.items() if not names or names - closed)


def unlinked_seizures(store: Store) -> frozenset[int]:
    """Return the seizures that are tied to nothing: nobody said whether a case of them is open."""
    linked = {link["seizure"] for link in store.table("links")}
    return frozenset(seizure.id for seizure in store.seizures() if seizure.id not in linked)


ACCOUNTS_VARIABLE = "FORENSICS_TRADE_ACCOUNTS"
"""Environment variable with the accounts; no secret is in a file."""
ACCESS_LOG = "access.jsonl"
_UNKNOWN = "?"
_ANIMALS = ("animals_low", "animals", "animals_high")
_NUMBERS = {*NUMBER_COLUMNS, *_ANIMALS}
_WHOLE = {"id", "seizure", "specimen", "number", "row", "approximate", "year", "records", "hidden",
          "open_case", "unlinked"}  # fmt: skip
_UNCOUNTED = tuple(field.name for field in fields(Uncounted))
MIN_RETURNED_ROWS = 10_000
"""Rows of one answer that Datasette gives at least; more where a database has more."""


@dataclass(frozen=True)
class Published:
    """What was written.

    Attributes
    ----------
    path : Path
    seizures, withheld : int
        All, and those that only the secretariat sees, since their case is open.
    shown, hidden : int
        Cells of the public tables.
    unlinked : int
        Seizures that only the secretariat sees, since they are tied to no case.
    uncounted : int
        Kinds of specimens that wait for a decision or were set aside: only the secretariat sees them.
    held : tuple of int
        Seizures that are in the public counts as they were before: who has an earlier publication would
        know by the difference where, when and what they were.
    """

    path: Path
    seizures: int
    withheld: int
    shown: int
    hidden: int
    unlinked: int = 0
    uncounted: int = 0
    held: tuple[int, ...] = ()


def publish(
    store: Store,
    output: AnyPath,
    *,
    closed: Iterable[str] = (),
    unlinked: bool = False,
    fewest: int = MIN_SEIZURES,
) -> Published:
    """Write a new folder for Datasette, whole or not at all.

    Parameters
    ----------
    store : Store
    output : path
        New folder.
    closed : iterable of str
        Cases that are closed; seizures tied to others are for the secretariat alone.
    unlinked : bool
        Release seizures that are tied to nothing, too. Nobody said of them that no case is open.
    fewest : int
        Seizures that a public count needs at least.

    Raises
    ------
    UsageError
        If the folder exists, or `fewest` is below 2.
    """
    output = Path(output)
    if output.exists():
        raise UsageError(_("{path} exists; give a new folder.").format(path=output))
    check_folder(output)
    everything = [part for part in map(seized_part, store.seizures()) if part is not None]
    in_open_case = find_open_cases(store, closed)
    loose = frozenset() if unlinked else unlinked_seizures(store)
    withheld = in_open_case | loose
    left_aside = list(uncounted(store))
    released = [seizure for seizure in everything if seizure.id not in withheld]
    with store.changing(), making_folder(output, mode=0o700) as folder:
        records, held = _settled(list(_records(released)), store.releases(), fewest)
        countries, taxa = _public_tables(records, fewest)
        made = {
            "public": _public(countries, taxa),
            "parties": _parties(released),
            "secretariat": _secretariat(store, everything, in_open_case, loose, left_aside),
        }
        for name, tables in made.items():
            write_database(folder / f"{name}.db", tables)
        _configure(folder, made, fewest)
        store.add_release(fewest, records)
        store.releases()  # what the store refuses is known before the folder is there
    cells = sum(len(table.cells) for table in (countries, taxa))
    hidden = sum(cell in table.cells for table in (countries, taxa) for cell in table.hidden)
    return Published(
        output,
        len(everything),
        sum(seizure.id in in_open_case for seizure in everything),
        cells - hidden,
        hidden,
        sum(seizure.id in loose for seizure in everything),
        len(left_aside),
        tuple(sorted(held)),
    )


CountedRecord = tuple[str, str, str, int]
"""Country, taxon, year and seizure."""
Tables = dict[str, NewTable]


def _year(seizure: Seizure) -> str:
    return str(year_of(seizure.get("date")) or _UNKNOWN)


def _records(seizures: Iterable[Seizure]) -> Iterator[CountedRecord]:
    """Yield country, taxon, year and seizure of each record: a taxon in a seizure."""
    for seizure in seizures:
        country, year = coded(seizure, "country") or _UNKNOWN, _year(seizure)
        for taxon in sorted(
            {coded(specimen, "species") or _UNKNOWN for specimen in seizure.specimens}
        ):
            yield country, taxon, year, seizure.id


def _public_tables(
    records: Collection[CountedRecord], fewest: int
) -> tuple[CountTable, CountTable]:
    if len({record[3] for record in records}) < fewest:
        records = ()  # even the total would be a small cell
    years = merged(((year, seizure) for _c, _t, year, seizure in records), fewest=fewest)
    return (
        tabulate(((c, y, s) for c, _t, y, s in records), fewest=fewest, columns=years),
        tabulate(((t, y, s) for _c, t, y, s in records), fewest=fewest, columns=years),
    )


def _settled(
    records: Collection[CountedRecord],
    releases: Sequence[tuple[int, Collection[CountedRecord]]],
    fewest: int,
) -> tuple[list[CountedRecord], set[int]]:
    """Return the records of the public counts, and the seizures that stay in them as they were.

    What changed since an earlier publication waits until enough of its country, its taxon and its year
    change together; see `suppression.told_by_change`.

    Raises
    ------
    RefusedError
        If with these `fewest` the last publication itself tells of a seizure.
    """
    held: set[int] = set()
    now, last = set(records), set(releases[-1][1]) if releases else set()
    moved = {record[3] for record in now ^ last} if releases else set()
    while True:
        chosen = {record for record in now if record[3] not in held}
        chosen |= {record for record in last if record[3] in held}
        tables = _public_tables(chosen, fewest)
        told: set[int] = set()
        for least, earlier in releases:
            changed = chosen.symmetric_difference(earlier)
            for place, before, after in zip((0, 1), _public_tables(earlier, least), tables):
                pairs = [(record[:2][place], record[2], record[3]) for record in changed]
                told |= told_by_change(before, after, pairs, fewest=min(fewest, least))
        if not told:
            return sorted(chosen), held
        if not told & moved - held:
            raise RefusedError(
                "PUBLICATION_TELLS",
                _(
                    "With counts of {fewest} seizures and more, this publication and an earlier "
                    "one would reveal where, when and what was seized, for the seizures "
                    "{numbers}. Publish with the earlier number, or wait until more has changed."
                ).format(fewest=fewest, numbers=", ".join(map(str, sorted(told)))),
            )
        held |= told & moved


def _counted(kind: str, table: CountTable) -> Tables:
    grid = sorted(set(table.cells) | table.hidden)
    cells = [
        (*cell, None if cell in table.hidden else table.cells[cell], int(cell in table.hidden))
        for cell in grid
    ]
    return {
        f"{kind}_year": _table((kind, "year_group", "records", "hidden"), cells, key=2),
        kind: _table((kind, "records"), sorted(table.rows.items()), key=1),
    }


def _public(countries: CountTable, taxa: CountTable) -> Tables:
    years = _table(("year_group", "records"), sorted(countries.columns.items()), key=1)
    return {**_counted("country", countries), **_counted("taxon", taxa), "year": years}


def _exact(seizures: Iterable[Seizure]) -> Tables:
    """Return the tables of the public database with nothing hidden."""
    records = list(_records(seizures))
    tables = []
    years = [year for _country, _taxon, year, _seizure in records]
    for names in ([record[0] for record in records], [record[1] for record in records]):
        cells = Counter(zip(names, years))
        tables.append(CountTable(cells, frozenset(), Counter(names), Counter(years)))
    return _public(*tables)


def _records_tables(
    whole: Sequence[str],
    rows: list[tuple[Any, ...]],
    own: Sequence[str],
    kinds: list[tuple[Any, ...]],
) -> Tables:
    """Return the tables of seizures and specimens, with indexes by which pages look up rows."""
    specimens = ("seizure", "number", *own, *_ANIMALS)
    return {
        "seizures": _table(("id", *whole), rows, key=1, indexes=["country"]),
        "specimens": _table(specimens, kinds, indexes=["seizure", "species"]),
    }


def _parties(seizures: list[Seizure]) -> Tables:
    # Numbered anew, in an order that says nothing of what was left out or of when it came.
    def content(seizure: Seizure) -> tuple[Any, ...]:
        coded_values = tuple(coded(seizure, name) for name in PARTIES_SEIZURE)
        date = seizure.get("date")
        return (date[:7] if year_of(date) else None, *coded_values)

    rows, kinds = [], []
    order = sorted(seizures, key=lambda seizure: [str(value or "") for value in content(seizure)])
    for number, seizure in enumerate(order, 1):
        rows.append((number, *content(seizure)))
        for place, specimen in enumerate(seizure.specimens, 1):
            quantity = (specimen.low, specimen.high, int(bool(specimen.get("approximate"))))
            named = tuple(coded(specimen, name) for name in PARTIES_SPECIMEN)
            kinds.append((number, place, *named, *quantity, *animals_of(specimen, seizure)))
    bounds = ("quantity_low", "quantity_high", "approximate")
    return {
        **_records_tables(("month", *PARTIES_SEIZURE), rows, (*PARTIES_SPECIMEN, *bounds), kinds),
        **_exact(seizures),
    }


def _secretariat(
    store: Store,
    seizures: list[Seizure],
    in_open_case: frozenset[int],
    loose: frozenset[int],
    left_aside: list[Uncounted],
) -> Tables:
    rows, kinds = [], []
    for seizure in seizures:
        values = tuple(seizure.get(name) for name in SEIZURE_COLUMNS)
        withheld = (int(seizure.id in in_open_case), int(seizure.id in loose))
        rows.append((seizure.id, *values, *withheld))
        for specimen in seizure.specimens:
            values = tuple(specimen.get(name) for name in SPECIMEN_COLUMNS)
            kinds.append((seizure.id, specimen.number, *values, *animals_of(specimen, seizure)))
    links = [(link["seizure"], link["kind"], link["name"]) for link in store.table("links")]
    return {
        **_records_tables(
            (*SEIZURE_COLUMNS, "open_case", "unlinked"), rows, SPECIMEN_COLUMNS, kinds
        ),
        "links": _table(("seizure", "kind", "name"), links),
        "not_counted": _table(_UNCOUNTED, [astuple(record) for record in left_aside]),
        **_exact(seizures),
    }


def _table(
    columns: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    *,
    key: int = 0,
    indexes: Sequence[str] = (),
) -> NewTable:
    """Return a table with the types of its columns; its key are the first columns, as many as `key`."""
    types = {
        name: float if name in _NUMBERS else int if name in _WHOLE else str for name in columns
    }
    return NewTable(types, rows, tuple(columns[:key]), tuple(indexes))


def _configure(folder: Path, made: Mapping[str, Tables], fewest: int) -> None:
    notes = {
        "public": _(
            "Counts of records (a taxon in a seizure). Counts of fewer than {count} seizures, "
            "and others that would reveal them, are hidden; a count that is in no table is 0. "
            "Small rows are combined as 'other'."
        ).format(count=fewest),
        "parties": _("Seizures without persons, places and free texts; none of an open case."),
        "secretariat": _("All records. Personal data and places: do not pass on."),
    }
    databases = {
        name: {"description": notes[name], "allow_sql": name == "secretariat" and _allowed(name)}
        for name in CLEARANCES
    }
    for name in CLEARANCES[1:]:
        databases[name]["allow"] = _allowed(name)
    secrets = {"accounts": {"$env": ACCOUNTS_VARIABLE}, "access_log": ACCESS_LOG}
    _json(
        folder / "metadata.json",
        {
            "title": _("Seizures"),
            "databases": databases,
            "allow_sql": False,
            "plugins": {"forensics-clearance": secrets},
        },
    )
    _json(
        folder / "settings.json",
        {
            "allow_download": False,
            "allow_csv_stream": True,
            "default_allow_sql": False,
            "default_cache_ttl": 0,
            "sql_time_limit_ms": 2000,
            "suggest_facets": False,
            "template_debug": False,
            "max_csv_mb": 0,  # no limit: a download ends where the table does
            "max_returned_rows": max(
                MIN_RETURNED_ROWS,
                *(sum(len(table.rows) for table in tables.values()) for tables in made.values()),
            ),
        },
    )
    # Files that are named here are opened as they cannot change.
    _json(
        folder / "inspect-data.json",
        {
            name: {
                "hash": sha256(folder / f"{name}.db"),
                "size": (folder / f"{name}.db").stat().st_size,
                "file": f"{name}.db",
                "tables": {
                    title: {"count": len(table.rows)} for title, table in made[name].items()
                },
            }
            for name in CLEARANCES
        },
    )
    for name, content in code_files().items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / "README.txt").write_text(
        _("Made {time}. Start: forensics trade serve {name}").format(time=utc_now(), name="DIR")
        + "\n",
        encoding="utf-8",
    )


def code_files() -> dict[str, bytes]:
    """Return what Datasette runs, by its place in a published folder."""
    templates = files("forensics.trade.publishing").joinpath("templates")
    plugin = (
        '"""Login, refusals and the access log."""\n\n'
        "from forensics.trade.publishing.plugin import *  # noqa: F403\n"
    )
    return {
        "plugins/clearance.py": plugin.encode(),
        **{f"templates/{one.name}": one.read_bytes() for one in templates.iterdir()},
    }


def _allowed(name: str) -> dict[str, Any]:
    return {"clearance": list(CLEARANCES[CLEARANCES.index(name) :])}


def _json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def need_datasette() -> None:
    """Check that Datasette is there.

    Raises
    ------
    ForensicsError
    """
    with importing("publish"):
        import datasette.version
    if tuple(map(int, datasette.version.__version__.split(".")[:2])) < (0, 65):
        raise ForensicsError(_("Datasette is too old; expected 0.65.5 or later."))


def command(folder: AnyPath, *, host: str, port: int) -> list[AnyPath]:
    """Return the command that starts Datasette.

    Raises
    ------
    InputError
        If the folder was not written by `forensics.trade.publishing.writing`.
    """
    folder = Path(folder)
    code = code_files()
    there = {
        path.relative_to(folder).as_posix(): path
        for name in ("plugins", "templates", "static")
        for path in folder.joinpath(name).rglob("*")
    }
    for name in sorted({*code, *there}):
        path = there.get(name)
        if path is None or name not in code or read_limited(path, 2**24) != code[name]:
            raise InputError(
                _(
                    "This folder was not written by this version of forensics trade publish "
                    "({name} differs), and Datasette would run its content. Publish it again."
                ).format(name=printable(name)),
                source=str(folder),
            )
    datasette = "from datasette.cli import cli; cli()"
    return python(datasette, "serve", folder, "--host", host, "--port", str(port))


def environment(accounts: AnyPath | None) -> dict[str, str]:
    """Return the environment for it: accounts of a file, and a new secret where there is none.

    With a new secret all sessions end when the server does.
    """
    variables = dict(os.environ)
    if accounts is not None:
        try:
            variables[ACCOUNTS_VARIABLE] = read_limited(accounts, 2**20).decode()
        except UnicodeDecodeError as error:
            raise InputError(
                _("The accounts cannot be read: {error}").format(error=error), source=str(accounts)
            ) from error
    read_accounts(variables.get(ACCOUNTS_VARIABLE, ""))
    variables.setdefault("DATASETTE_SECRET", secrets.token_hex(32))
    return variables
