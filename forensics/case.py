"""The things that a case is made of, as frozen dataclasses without input or output."""

import json
from dataclasses import dataclass, field, fields

from forensics.filenames import shown_name

__all__ = ["Provenance"]


def _is_text(value: object) -> bool:
    """Return whether plain values hold no lone surrogates: the usual case, told at once."""
    try:
        repr_of = json.dumps(value, ensure_ascii=False, default=str)
        repr_of.encode()
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
        (`forensics.barcode.reference.binding.IndexState`).
    parameters : dict
        Every parameter that can change the result.
    input : dict
        ``file`` and ``sha256`` of the bytes that were read; of a chromatogram also ``run``, what
        it says of itself. Where several files were merged, ``files``: a list of such.
    time : str
        UTC, ISO 8601; from SOURCE_DATE_EPOCH where that is set.
    tables : dict
        SHA-256 of packaged tables that were consulted, by subject
        (`forensics.barcode.packaged.packaged_tables`); left out where there are none.
    """

    software: str
    version: str
    library: dict
    parameters: dict
    input: dict
    time: str
    dependencies: dict = field(default_factory=dict)
    tables: dict = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Write names of files that are not UTF-8 in letters that can be stored (`shown_name`)."""
        for name in ("input", "parameters", "library"):
            value = getattr(self, name)
            if not _is_text(value):
                object.__setattr__(self, name, _as_text(value))

    @property
    def files(self) -> list[dict]:
        """What was read, file by file."""
        return self.input.get("files") or [self.input]

    def to_dict(self) -> dict:
        """Return plain dictionaries, as they enter JSON."""
        # The values are plain; a copy of each in depth, as of dataclasses.asdict, costs a batch dear.
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        if not self.tables:
            del values["tables"]
        return values
