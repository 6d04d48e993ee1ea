"""Which column of a file is which field: a mapping, in a TOML file or packaged; and which sheets hold records.

``aitr`` takes columns that are named as fields, or as their labels in English, French and Portuguese; it needs no
file. The others are in ``mappings/``; docs/trade.md has an example. Sheets that hold no records are named, not dropped.
"""

import difflib
import functools
import hashlib
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from forensics.errors import InputError, UsageError
from forensics.io.files import AnyPath, load_toml, read_limited
from forensics.io.numbers import ORDERS, fold
from forensics.messages import _
from forensics.trade.sheets import Head, Sheet, read_sheets
from forensics.trade.store import Store
from forensics.trade.vocabulary import FIELDS, VERSION, terms, units, values

FORMAT = 1
_MOST_NAMED = 60
MAX_MAPPING = 2**20
_FOLDER = Path(__file__).parent / "mappings"
LINKS = ("case", "exhibit", "finding")
"""Columns that tie a record to a ledger of custody."""
EXTRA = ("quantity_text", "seizure", *LINKS)
"""Columns that are no fields: the words of a quantity, what keeps rows of a seizure together, links."""
EXTRA_LABELS = {
    "quantity_text": ("Quantity as worded", "Quantité d'origine", "Quantidade original"),
    "seizure": ("Seizure", "Saisie", "Apreensão"),
    "case": ("Case", "Dossier", "Caso"),
    "exhibit": ("Exhibit", "Scellé", "Vestígio"),
    "finding": ("Finding", "Constatation", "Constatação"),
}
"""Names of those columns in English, French and Portuguese."""


@dataclass(frozen=True)
class ColumnMapping:
    """What the columns of a kind of file are.

    Attributes
    ----------
    name, title : str
    sha256 : str
        Of the file that says it; of the packaged ``aitr``: the version of the fields.
    columns : dict of str to tuple of str
        Folded names of columns by field, of which a file has one.
    required : tuple of str
        Folded names of columns by which a file is recognised.
    constants : dict of str to str
        Values of fields for every row.
    translations : dict of str to dict
        Of a field: folded text to value.
    date_order : str
        One of `dates.ORDERS`, or empty: an ambiguous date is reported.
    decimal : str
        ``.`` or ``,``, or empty: an ambiguous separator is reported.
    default_unit : str
        Where a quantity has no unit.
    head : (int, int) or None
        First and last row with the names of columns.
    text : str
        Folded name of a column whose free text holds the specimens; empty: there is none.
    separator : str
        Between the specimens in that text.
    country : str
        Whose words the text uses for animals and plants.
    ignored : tuple of str
        Folded names of columns that are known and taken nowhere.
    kinds : tuple of dict
        Where a row has several kinds of specimens in columns of their own, of each: ``term``, or the
        column of its ``name``; folded names of the columns ``pieces``, ``weight`` (in kg), ``origin``.
    open : bool
        Whether it takes what a file has of its columns. Else each of them must be there.
    """

    name: str
    title: str
    sha256: str
    columns: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...] = ()
    constants: Mapping[str, str] = field(default_factory=dict)
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    date_order: str = ""
    decimal: str = ""
    default_unit: str = ""
    head: tuple[int, int] | None = None
    text: str = ""
    separator: str = ";"
    country: str = ""
    ignored: tuple[str, ...] = ()
    kinds: tuple[Mapping[str, str], ...] = ()
    open: bool = False

    def require(self, header: Sequence[str], source: str) -> dict[str, int]:
        """Return the place of each field in a header (`places`), if all columns of the mapping are there.

        Raises
        ------
        InputError
            Naming the columns that are not there, or of which several are where one is meant.
        """
        places = self.places(header)
        if self.open:
            if not set(places) & set(FIELDS):
                raise InputError(
                    _(
                        "No column of this file is one of the mapping {name}: found {columns}"
                    ).format(name=self.name, columns=_listed(header)),
                    source=source,
                )
            return places
        folded = [fold(name) for name in header]
        wrong = []
        for name, choices in self._wanted.items():
            found = [column for column in choices if column in folded]
            if len(found) > 1:
                wrong.append(
                    _("{field}: {columns} are both there; name the one that is meant").format(
                        field=name, columns=", ".join(found)
                    )
                )
            elif not found:
                near = difflib.get_close_matches(choices[0], [name for name in folded if name], 1)
                text = _("{field}: the file has no column {columns}").format(
                    field=name, columns=_(" or ").join(map(repr, choices))
                )
                if near:
                    nearest = header[folded.index(near[0])]
                    text += _("; the nearest is {column!r}").format(column=nearest)
                wrong.append(text)
        if wrong:
            row = f"[{self.head[0]}, {self.head[1]}]" if self.head else "1"
            raise InputError(
                _(
                    "The mapping {name} does not fit. {problems}. The columns are: {columns}. Correct the "
                    "mapping, or say where their names are (header = {row}; of two rows: header = [1, 2])"
                ).format(
                    name=self.name, problems="; ".join(wrong), columns=_listed(header), row=row
                ),
                source=source,
            )
        return places

    def places(self, header: Sequence[str]) -> dict[str, int]:
        """Return the place of each field in a header; the free text is ``text``."""
        folded = [fold(name) for name in header]
        places = {}
        for name, choices in self._wanted.items():
            place = next((folded.index(choice) for choice in choices if choice in folded), None)
            if place is not None:
                places[name] = place
        return places

    @functools.cached_property
    def _wanted(self) -> Mapping[str, tuple[str, ...]]:
        """Names of columns by field; of the free text by ``text``, of kinds by their number and column."""
        wanted = dict(self.columns)
        if self.text:
            wanted["text"] = (self.text,)
        for number, kind in enumerate(self.kinds):
            wanted |= {f"{number}.{name}": (kind[name],) for name in _KIND_COLUMNS if name in kind}
        return wanted

    def fits(self, header: Sequence[str]) -> int:
        """Return how many columns of a header it takes; 0 where it does not fit."""
        folded = {fold(name) for name in header}
        if not set(self.required) <= folded:
            return 0
        return len(set(self.places(header).values()))


def _listed(header: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in header[:_MOST_NAMED]) + (
        "…" if len(header) > _MOST_NAMED else ""
    )


@functools.cache
def packaged() -> Mapping[str, ColumnMapping]:
    """Return the mappings that the package ships, by name."""
    columns = {
        name: tuple(dict.fromkeys(map(fold, (name, *field.labels, *field.words))))
        for name, field in FIELDS.items()
    }
    columns |= {name: tuple(map(fold, (name, *EXTRA_LABELS[name]))) for name in EXTRA}
    title = "Annual illegal trade report, and tables like it"
    own = ColumnMapping("aitr", title, VERSION, columns, open=True)
    mappings = {"aitr": own}
    for path in sorted(_FOLDER.glob("*.toml")):
        mapping = read_mapping(path)
        mappings[mapping.name] = mapping
    return mappings


def recognised(header: Sequence[str], source: str) -> ColumnMapping:
    """Return the packaged mapping that fits a header best.

    Raises
    ------
    UsageError
        If none fits, or several do equally well.
    """
    fitting = sorted(
        (
            (len(mapping.required), mapping.fits(header), mapping.name)
            for mapping in packaged().values()
        ),
        reverse=True,
    )
    # One that names columns which must be there is more specific than one that takes any.
    best = [candidate for candidate in fitting if candidate[1] >= 2]
    if not best or (len(best) > 1 and best[0][:2] == best[1][:2]):
        raise UsageError(
            _(
                "{file}: no mapping is known for the columns {columns}. Give --mapping NAME ({names}) "
                "or a file; docs/trade.md has an example."
            ).format(file=source, columns=", ".join(header[:12]), names=", ".join(packaged()))
        )
    return packaged()[best[0][2]]


def chosen(given: AnyPath | None, header: Sequence[str], source: str) -> ColumnMapping:
    """Return a mapping by its name, from a file, or the one that fits."""
    if given is None:
        return recognised(header, source)
    if os.fspath(given) in packaged():
        return packaged()[os.fspath(given)]
    return read_mapping(given)


def read_mapping(path: AnyPath) -> ColumnMapping:
    """Read a mapping.

    Raises
    ------
    InputError
        If it is no TOML, or names something that is not there.
    """
    path = Path(path)
    data = read_limited(path, MAX_MAPPING)
    try:
        given = load_toml(data)
    except ValueError as error:
        raise InputError(
            _("This mapping is not TOML: {error}").format(error=error), source=path.name
        ) from error
    try:
        return _built(given, hashlib.sha256(data).hexdigest(), path.stem)
    except ValueError as error:
        raise InputError(str(error), source=path.name) from error


_KEYS = {
    "format", "name", "title", "required", "columns", "constants", "values", "date_order", "decimal",
    "default_unit", "header", "text", "ignored", "kinds",
}  # fmt: skip
_TEXT_KEYS = {"column", "separator", "country"}
_KIND_COLUMNS = ("name", "pieces", "weight", "origin")


def _built(given: dict[str, Any], sha256: str, stem: str) -> ColumnMapping:
    only_keys(given, _KEYS, _("the mapping"))
    one_of(given.get("format"), (FORMAT,), "format")
    columns = {}
    for name, names in table_of(given, "columns").items():
        one_of(name, (*FIELDS, *EXTRA), "columns")
        columns[name] = _folded(names, f"columns.{name}")
    constants = table_of(given, "constants")
    for name, value in constants.items():
        one_of(name, FIELDS, "constants")
        text_of(value, f"constants.{name}")
    translations = {}
    for name in (pairs_of := table_of(given, "values")):
        one_of(name, FIELDS, "values")
        place, pairs = f"values.{name}", table_of(pairs_of, name)
        for value in pairs.values():
            if text_of(value, place) and FIELDS[name].list in values():
                one_of(value, values()[FIELDS[name].list], place)
        translations[name] = {fold(text): value for text, value in pairs.items()}
    text = table_of(given, "text")
    only_keys(text, _TEXT_KEYS, "text")
    if not columns and not text:
        raise ValueError(_("the mapping names no column"))
    kinds = given.get("kinds", [])
    return ColumnMapping(
        name=text_of(given.get("name", stem), "name"),
        title=text_of(given.get("title", ""), "title"),
        sha256=sha256,
        columns=columns,
        required=_folded(given.get("required", []), "required"),
        constants=constants,
        translations=translations,
        date_order=one_of(given.get("date_order", ""), ("", *ORDERS), "date_order"),
        decimal=one_of(given.get("decimal", ""), ("", ".", ","), "decimal"),
        default_unit=one_of(given.get("default_unit", ""), ("", *units()), "default_unit"),
        head=_head(given.get("header")),
        text=fold(text_of(text.get("column", ""), "text.column")),
        separator=text_of(text.get("separator", ""), "text.separator") or ";",
        country=text_of(text.get("country", ""), "text.country"),
        ignored=_folded(given.get("ignored", []), "ignored"),
        kinds=tuple(map(_kind, kinds if isinstance(kinds, list) else [kinds])),
    )


def _head(given: object) -> Head | None:
    if given is None:
        return None
    rows: list[Any] = given if isinstance(given, list) else [given, given]
    whole = len(rows) == 2 and all(type(row) is int for row in rows)
    if not (whole and 1 <= rows[0] <= rows[1] < rows[0] + 5):
        raise ValueError(
            _(
                "header is {found!r}, expected the number of a row, or the first and last in a list"
            ).format(found=given)
        )
    return rows[0], rows[1]


def _kind(given: object) -> dict[str, str]:
    entry = table_of({"[[kinds]]": given}, "[[kinds]]")
    only_keys(entry, {"term", *_KIND_COLUMNS}, "kinds")
    kind = {key: text_of(value, f"kinds.{key}") for key, value in entry.items()}
    if "term" in kind:
        one_of(kind["term"], terms(), "kinds.term")
    if not {"pieces", "weight"} & kind.keys():
        raise ValueError(_("kinds: expected a column of pieces or weight"))
    return {key: value if key == "term" else fold(value) for key, value in kind.items()}


# -- what is asked of a table in TOML ----------------------------------------------------


def only_keys(given: Mapping[str, Any], known: set[str], place: str) -> None:
    """Check that a table of a TOML file has no other keys than these; ValueError where it has."""
    if strange := set(given) - known:
        raise ValueError(
            _("{place} has {found}; expected: {expected}").format(
                place=place, found=", ".join(sorted(strange)), expected=", ".join(sorted(known))
            )
        )


def one_of(value: Any, known: Collection[object], place: str) -> Any:
    """Return a value that is one of these; ValueError where it is not."""
    if value not in known:
        raise ValueError(
            _("{place}: found {found!r}, expected {expected}").format(
                place=place, found=value, expected=", ".join(str(each) for each in known if each)
            )
        )
    return value


def table_of(given: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return a table below a key, empty where there is none; ValueError where it is something else."""
    table = given.get(name, {})
    if not isinstance(table, dict):
        raise ValueError(_("{name}: expected a table").format(name=name))
    return table


def text_of(value: object, name: str) -> str:
    """Return a value that is a text; ValueError where it is not."""
    if not isinstance(value, str):
        raise ValueError(_("{name}: expected text").format(name=name))
    return value


def texts_of(value: object, name: str) -> list[str]:
    """Return a list of texts, of which a text alone is one."""
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise ValueError(_("{name}: expected a text or a list of texts").format(name=name))
    return texts


def _folded(value: object, name: str) -> tuple[str, ...]:
    return tuple(map(fold, texts_of(value, name)))


_WHEN = frozenset(["date", "reference", "seizure"])
_WHAT = frozenset(["species", "term", "description", "quantity", "text"])
"""What the columns of a sheet of records say, one field of each at least, where a workbook has several sheets."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The sheets of a file that are to be read.

    Attributes
    ----------
    sheets : tuple of (Sheet, ColumnMapping)
    unread : tuple of (str, str)
        Titles of those that do not hold records, or cannot be read, each with the reason.
    skipped : tuple of (str, str)
        Titles of those that were imported before or were not asked for, each with the reason.
    """

    sheets: tuple[tuple[Sheet, ColumnMapping], ...]
    unread: tuple[tuple[str, str], ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()


def choose_sheets(
    store: Store,
    path: AnyPath,
    sheets: Sequence[Sheet],
    mapping: AnyPath | None,
    titles: Sequence[str] = (),
) -> Choice:
    """Return the sheets that hold records, each with its mapping.

    Parameters
    ----------
    store : Store
        Sheets of a workbook that are in it already are not chosen, and named.
    path : path
        Of the file, read again where the mapping says in which row the names of columns are.
    sheets : sequence of Sheet
        All that are not empty.
    mapping : str or path, optional
        See `mapping.chosen`.
    titles : sequence of str
        Those that are meant; default: all that hold records.

    Raises
    ------
    UsageError, InputError
        If there is no such sheet, or none of them can be read.
    """
    if strange := [title for title in titles if title not in {sheet.title for sheet in sheets}]:
        raise UsageError(
            _("{file} has no sheet {names}; it has: {titles}").format(
                file=sheets[0].name,
                names=", ".join(strange),
                titles=", ".join(sheet.title for sheet in sheets if sheet.title) or _("one sheet"),
            )
        )
    if len(sheets) == 1:
        return Choice((_mapped(path, sheets[0], mapping),))
    before = store.imported_sheets(sheets[0].sha256)
    taken: list[tuple[Sheet, ColumnMapping]] = []
    unread: list[tuple[str, str]] = []
    skipped: list[tuple[str, str]] = []
    first_error: InputError | UsageError | None = None
    for sheet in sheets:
        if titles and sheet.title not in titles:
            skipped.append((sheet.title, _("it was not asked for (--sheet)")))
            continue
        if sheet.title in before:
            skipped.append((sheet.title, _("it was imported before")))
            continue
        try:
            sheet, fitting = _mapped(path, sheet, mapping)
        except (InputError, UsageError) as error:
            if titles:
                raise
            first_error = first_error or error
            unread.append((sheet.title, str(error)))
            continue
        why = "" if titles else _lacking(sheet, fitting)
        if why:
            unread.append((sheet.title, why))
        else:
            taken.append((sheet, fitting))
    if not taken and first_error and not skipped:
        raise first_error
    if not taken:
        raise UsageError(
            _("{file}: no sheet was read; nothing was done. {reasons}").format(
                file=sheets[0].name,
                reasons="; ".join(f"{name}: {why}" for name, why in (*skipped, *unread)),
            )
        )
    return Choice(tuple(taken), tuple(unread), tuple(skipped))


def _mapped(path: AnyPath, sheet: Sheet, mapping: AnyPath | None) -> tuple[Sheet, ColumnMapping]:
    """Return a sheet and its mapping, with the header in the row that the mapping says."""
    fitting = chosen(mapping, sheet.header, sheet.label)
    if fitting.head:
        reread = read_sheets(path, head=fitting.head)
        anew = [candidate for candidate in reread if sheet.title in ("", candidate.title)]
        if not anew:
            raise InputError(_("The table has no row with names of columns."), source=sheet.label)
        sheet = replace(anew[0], title=sheet.title)
    fitting.require(sheet.header, sheet.label)
    return sheet, fitting


def _lacking(sheet: Sheet, mapping: ColumnMapping) -> str:
    """Return why the columns of a sheet are not those of records; empty where they are."""
    fields = set(mapping.places(sheet.header)) | set(mapping.constants)
    if not fields & _WHEN:
        return _("none of its columns is a date or a reference: {columns}").format(
            columns=", ".join(sheet.header[:12])
        )
    if not fields & _WHAT and not any("." in name for name in fields):
        return _("no column states what was seized: {columns}").format(
            columns=", ".join(sheet.header[:12])
        )
    return ""
