"""The database of seizure records: what was imported stays as it was, what was changed has a history.

Tables ``files``, ``rows``, ``history``, ``decisions``, ``releases`` and ``released`` only grow; triggers hold honest software to it. The fields
of ``seizures`` and ``specimens`` are those of `vocabulary.FIELDS`. A row says how it stood when it was read.
"""

from forensics.trade.vocabulary import FIELDS, SEIZURE_FIELDS, SPECIMEN_FIELDS

__all__ = [
    "APPLICATION_ID",
    "QUANTITY_COLUMNS",
    "SCHEMA_VERSION",
    "SCRIPT",
    "SEIZURE_COLUMNS",
    "SPECIMEN_COLUMNS",
]

APPLICATION_ID = 0x57465452
"""``WFTR`` in the header of the file."""
SCHEMA_VERSION = 3
QUANTITY_COLUMNS = ("quantity_low", "quantity_high", "approximate", "quantity_text")
"""A quantity with its bounds (null: open, or not read), whether it was stated as "about", its words."""

_REAL = ("latitude", "longitude", "number")


def _columns(names: tuple[str, ...]) -> dict[str, str]:
    types: dict[str, str] = {}
    for name in names:
        if name == "quantity":
            types |= {
                "quantity_low": "REAL CHECK (quantity_low >= 0)",
                "quantity_high": "REAL CHECK (quantity_high >= quantity_low)",
                "approximate": "INTEGER NOT NULL DEFAULT 0 CHECK (approximate IN (0, 1))",
                "quantity_text": "TEXT",
            }
        else:
            types[name] = "REAL" if FIELDS[name].kind in _REAL else "TEXT"
    return types


_SEIZURE = _columns(SEIZURE_FIELDS)
_SPECIMEN = _columns(SPECIMEN_FIELDS)
SEIZURE_COLUMNS = tuple(_SEIZURE)
SPECIMEN_COLUMNS = tuple(_SPECIMEN)

_TABLES = f"""
CREATE TABLE about (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE files (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    header TEXT NOT NULL CHECK (json_valid(header)),
    mapping TEXT NOT NULL,
    mapping_sha256 TEXT NOT NULL,
    vocabulary TEXT NOT NULL,
    software TEXT NOT NULL,
    imported_at TEXT NOT NULL,
    sheet TEXT NOT NULL DEFAULT '',
    UNIQUE (sha256, sheet)
) STRICT;
CREATE TABLE rows (
    id INTEGER PRIMARY KEY,
    file INTEGER NOT NULL REFERENCES files (id),
    number INTEGER NOT NULL,
    cells TEXT NOT NULL CHECK (json_valid(cells)),
    sha256 TEXT NOT NULL,
    standing TEXT NOT NULL CHECK (standing IN ('counted', 'waiting', 'set aside')),
    UNIQUE (file, number)
) STRICT;
CREATE TABLE seizures (
    id INTEGER PRIMARY KEY,
    {", ".join(f"{name} {kind}" for name, kind in _SEIZURE.items())}
) STRICT;
CREATE TABLE specimens (
    id INTEGER PRIMARY KEY,
    seizure INTEGER NOT NULL REFERENCES seizures (id),
    number INTEGER NOT NULL,
    "row" INTEGER REFERENCES rows (id),
    {", ".join(f"{name} {kind}" for name, kind in _SPECIMEN.items())},
    UNIQUE (seizure, number)
) STRICT;
CREATE INDEX specimens_row ON specimens ("row");
CREATE TABLE problems (
    id INTEGER PRIMARY KEY,
    "row" INTEGER NOT NULL REFERENCES rows (id),
    specimen INTEGER REFERENCES specimens (id),
    field TEXT NOT NULL,
    code TEXT NOT NULL,
    found TEXT NOT NULL,
    expected TEXT NOT NULL,
    suggestion TEXT NOT NULL
) STRICT;
CREATE TABLE history (
    id INTEGER PRIMARY KEY,
    seizure INTEGER NOT NULL REFERENCES seizures (id),
    specimen INTEGER REFERENCES specimens (id),
    field TEXT NOT NULL,
    before TEXT,
    after TEXT,
    code TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX history_seizure ON history (seizure);
CREATE TABLE conversions (
    id INTEGER PRIMARY KEY,
    specimen INTEGER NOT NULL REFERENCES specimens (id),
    factor TEXT NOT NULL,
    table_version TEXT NOT NULL,
    table_sha256 TEXT NOT NULL,
    assumption TEXT NOT NULL,
    source TEXT NOT NULL,
    from_low REAL,
    from_high REAL,
    from_unit TEXT NOT NULL,
    low REAL,
    middle REAL,
    high REAL,
    measure TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX conversions_once ON conversions (
    specimen, measure, factor, table_sha256, coalesce(from_low, -1), coalesce(from_high, -1), from_unit
);
CREATE TABLE links (
    id INTEGER PRIMARY KEY,
    seizure INTEGER NOT NULL REFERENCES seizures (id),
    specimen INTEGER REFERENCES specimens (id),
    kind TEXT NOT NULL CHECK (kind IN ('case', 'exhibit', 'finding')),
    ledger TEXT NOT NULL,
    name TEXT NOT NULL,
    checked INTEGER NOT NULL CHECK (checked IN (0, 1)),
    UNIQUE (seizure, specimen, kind, ledger, name)
) STRICT;
CREATE TABLE decisions (
    id INTEGER PRIMARY KEY,
    seizure INTEGER NOT NULL REFERENCES seizures (id),
    specimen INTEGER REFERENCES specimens (id),
    standing TEXT NOT NULL CHECK (standing IN ('counted', 'waiting', 'set aside')),
    code TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX decisions_specimen ON decisions (specimen);
CREATE TABLE releases (
    id INTEGER PRIMARY KEY,
    fewest INTEGER NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE TABLE released (
    id INTEGER PRIMARY KEY,
    publication INTEGER NOT NULL REFERENCES releases (id),
    country TEXT NOT NULL,
    taxon TEXT NOT NULL,
    year TEXT NOT NULL,
    seizure INTEGER NOT NULL REFERENCES seizures (id)
) STRICT;
"""
_GROWING = ("files", "rows", "history", "decisions", "releases", "released")
"""Tables whose rows are never changed and never deleted."""

SCRIPT = _TABLES + "".join(
    f"CREATE TRIGGER {table}_{act} BEFORE {act.upper()} ON {table} "
    f"BEGIN SELECT RAISE(ABORT, '{table} are never changed'); END;\n"
    for table in _GROWING
    for act in ("update", "delete")
)
"""Makes the tables, indexes and triggers of a new store."""
