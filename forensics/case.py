"""The things that a case is made of, as frozen dataclasses without input or output."""

from dataclasses import dataclass, field, fields

__all__ = ["Provenance"]


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
