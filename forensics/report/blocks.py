"""What a page is made of, whatever it is written as: HTML and PDF are written from the same."""

from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = ["Block", "Facts", "Figure", "Notice", "Section", "Signatures", "Table", "Text"]


@dataclass(frozen=True)
class Block:
    """A part of a section; `kind` is its name in the form that templates read."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {"kind": type(self).__name__.lower(), **asdict(self)}


@dataclass(frozen=True)
class Text(Block):
    """Paragraphs; `label` is a small heading before them, of `level` 3 or, under it, 4."""

    paragraphs: tuple[str, ...]
    label: str = ""
    level: int = 3


@dataclass(frozen=True)
class Facts(Block):
    """Labels and values."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Table(Block):
    """A table with a head; `widths` are shares of the page."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...] = ()


@dataclass(frozen=True)
class Notice(Block):
    """Something that must not be overlooked."""

    text: str


@dataclass(frozen=True)
class Figure(Block):
    """A picture with its caption; `alternative` is read out where it cannot be seen."""

    name: str
    image: str
    base64: str
    caption: str
    alternative: str


@dataclass(frozen=True)
class Signatures(Block):
    """Lines to be signed: function, name, and what is on record of it."""

    rows: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Section:
    """A part of the report under a heading of its own."""

    id: str
    heading: str
    blocks: tuple[Block, ...] = field(default_factory=tuple)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "id": self.id,
            "heading": self.heading,
            "blocks": [block.to_dict() for block in self.blocks],
        }
