"""How a result was reached, and by which program: one place that builds it, and one name of the program."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

import forensics
from forensics.core.stored import utc_now
from forensics.io.files import shown_name
from forensics.plugins import Package, record_plugins

SOFTWARE = "forensics"
"""Name of this program in everything that is stored; the name of the package that is imported."""


_settings: ContextVar[Mapping[str, Any]] = ContextVar("settings", default=MappingProxyType({}))


@contextmanager
def made_with_settings(settings: Mapping[str, Any]) -> Iterator[None]:
    """Let every provenance that is made meanwhile say which settings its parameters come from."""
    token = _settings.set(settings)
    try:
        yield
    finally:
        _settings.reset(token)


# As json.dumps, which makes an encoder each time.
_in_json = json.JSONEncoder(ensure_ascii=False, default=str).encode


def _is_text(value: object) -> bool:
    """Return whether plain values hold no lone surrogates: the usual case, in one step."""
    try:
        _in_json(value).encode()
    except UnicodeEncodeError:
        return False
    return True


def _as_text(value: object) -> object:
    if isinstance(value, str):
        return shown_name(value)
    if isinstance(value, dict):
        return {_as_text(key): _as_text(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_as_text(part) for part in value]
    return value


@dataclass(frozen=True, slots=True)
class Provenance:
    """How a result was reached; what is needed to reach it again.

    Attributes
    ----------
    software, version : str
        Name and version of this package.
    dependencies : dict
        Versions of what the result was computed with.
    library : dict
        ``name``, ``version``, ``sha256``, ``demonstration``; of reference sequences also ``index``:
        whether what answered was compared with that SHA-256
        (`forensics.barcode.reference.library.IndexState`).
    parameters : dict
        Every parameter that can change the result.
    input : dict
        ``file`` and ``sha256`` of the bytes that were read; of a chromatogram also ``run``, what
        it says of itself. Where several files were merged, ``files``: a list of such.
    time : str
        UTC, ISO 8601; from SOURCE_DATE_EPOCH where that is set.
    tables : dict
        SHA-256 of packaged tables that were consulted, by subject
        (`forensics.barcode.examination.packaged_tables`); left out where there are none.
    settings : dict
        Parameters that were taken from a file of settings, by setting: ``value``, ``of``
        (``laboratory`` or ``user``), ``file`` and its ``sha256``; left out where there are none.
    plugins : dict
        Versions of the plug-ins that took part, by package (`forensics.plugins`); left out where there are none.
    """

    software: str
    version: str
    library: dict[str, Any]
    parameters: dict[str, Any]
    input: dict[str, Any]
    time: str
    dependencies: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    plugins: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Write names of files that are not UTF-8 in letters that can be stored (`shown_name`)."""
        for name in ("input", "parameters", "library"):
            value = getattr(self, name)
            if not _is_text(value):
                object.__setattr__(self, name, _as_text(value))

    @property
    def files(self) -> list[dict[str, Any]]:
        """What was read, file by file."""
        return self.input.get("files") or [self.input]

    def to_dict(self) -> dict[str, Any]:
        """Return plain dictionaries, as they enter JSON."""
        # The values are plain. A deep copy of each, as dataclasses.asdict makes, is slow in a batch.
        values = {attribute.name: getattr(self, attribute.name) for attribute in fields(self)}
        for name in ("tables", "settings", "plugins"):
            if not values[name]:
                del values[name]
        return values

    @classmethod
    def from_stored(cls, record: Mapping[str, Any]) -> "Provenance":
        """Return the provenance that `to_dict` wrote; what is missing is empty: a finding in a report has not all of it.

        Numbers that the ledger holds as text stay text: which parameter is a number is known to the
        method alone.
        """
        return cls(
            software=str(record.get("software", "")),
            version=str(record.get("version", "")),
            library=dict(record.get("library") or {}),
            parameters=dict(record.get("parameters") or {}),
            input=dict(record.get("input") or {}),
            time=str(record.get("time", "")),
            dependencies=dict(record.get("dependencies") or {}),
            tables=dict(record.get("tables") or {}),
            settings=dict(record.get("settings") or {}),
            plugins=dict(record.get("plugins") or {}),
        )


def made_by() -> dict[str, str]:
    """Return ``software`` and ``version``, as they stand in what this program writes."""
    return {"software": SOFTWARE, "version": forensics.__version__}


def made_by_text() -> str:
    """Return name and version in one text, for records that have one place for both."""
    return f"{SOFTWARE} {forensics.__version__}"


def make_provenance(
    *,
    library: dict[str, Any],
    parameters: dict[str, Any],
    input: dict[str, Any],
    dependencies: dict[str, Any] | None = None,
    tables: dict[str, Any] | None = None,
    time: str | None = None,
    plugins: Iterable[Package] = (),
) -> Provenance:
    """Return how a result is reached with this version of this program.

    Parameters
    ----------
    library, parameters, input : dict
        As in `Provenance`; they are not copied, since a batch shares them.
    dependencies : dict, optional
        Package to the version with which the result is computed.
    tables : dict, optional
        SHA-256 of packaged tables that are consulted, by subject.
    time : str, optional
        When; now.
    plugins : iterable of Package
        That take part, such as that of a locus. The one whose command runs need not be given.
    """
    return Provenance(
        **made_by(),
        library=library,
        parameters=parameters,
        input=input,
        time=time or utc_now(),
        dependencies=dependencies or {},
        tables=tables or {},
        settings=dict(_settings.get()),
        plugins=record_plugins(plugins),
    )
