"""Searching what is about to leave, or to stay, for a text that must not be in it.

A text is compared without regard to case, Unicode form (NFC or NFD) and the width of spaces, and as
whole words. It is sought in values of JSON and in files: as UTF-8, UTF-16 and Windows-1252, behind
the escapes of JSON and HTML, and in the parts of office documents and other ZIP files.
"""

import html
import json
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from forensics.custody.budgets import MAX_DOCUMENT_BYTES, MAX_ZIP_ENTRIES

MIN_PERSONAL_LETTERS = 3
"""Characters from which a name of a person or place is sought ("Roe"); 2 where a script has no case."""
MIN_LETTERS = 8
"""Characters from which a single word of other text is sought; two words are sought anyway.

"horn", "saw" or "sealed" stand in any case by coincidence and say nothing of a field that is closed.
"""
MIN_DIGITS = 4
"""Digits from which a number in the name of a place is sought by itself, such as a coordinate."""

_MIN_BYTES = 6
_CHUNK = 2**20
_OVERLAP = 128 * 2**10  # more than the longest text, of 20,000 characters, takes
_ZIP_MARK, _PDF_MARK = b"PK\x03\x04", b"%PDF"
_UTF16_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
_JSON_ESCAPE = re.compile(r"(?:\\(?:u[0-9a-fA-F]{4}|[\\\"/bfnrt]))+")
_TAG = re.compile(r"<[^<>]*>")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")


def _folded(text: str) -> str:
    """Return a text as it is compared: caseless, NFC, one space where there are several."""
    if text.isascii():
        folded = text.lower()
    else:
        folded = unicodedata.normalize("NFD", text).casefold()
        folded = unicodedata.normalize("NFC", folded)
    return " ".join(folded.split())


def sought_in(text: str, *, personal: bool) -> set[str]:
    """Return what of a text is sought, since it hardly stands elsewhere by coincidence.

    Parameters
    ----------
    personal : bool
        Whether it stands in a field for names of persons and places.

    Returns
    -------
    set of str
        The text, or nothing where it is short or common; of a personal one also its numbers of
        `MIN_DIGITS` digits, since coordinates are written in several ways.

    Examples
    --------
    >>> sorted(sought_in("-6.8161, 39.2894", personal=True))
    ['-6.8161, 39.2894', '39.2894', '6.8161']
    >>> sought_in("horn", personal=False), sought_in("1", personal=True)
    (set(), set())
    """
    text = " ".join(text.split())
    letters = any(map(str.isalpha, text))
    if not personal:
        worth = letters and (len(text) >= MIN_LETTERS or " " in text)
        return {text} if worth else set()
    caseless = any(character.isalpha() and not _has_case(character) for character in text)
    least = MIN_PERSONAL_LETTERS - 1 if caseless else MIN_PERSONAL_LETTERS
    # Beside words, a year or the number of a house tells nothing by itself; a coordinate does.
    numbers = {
        number
        for number in _NUMBER.findall(text)
        if sum(map(str.isdigit, number)) >= MIN_DIGITS and not (letters and number.isdigit())
    }
    return ({text} if (letters and len(text) >= least) or numbers else set()) | numbers


def texts_in(value: object) -> Iterator[str]:
    """Yield every text in a value: among those of a case are the persons it names."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from texts_in(item)


def _has_case(letter: str) -> bool:
    return letter.lower() != letter.upper()


def _ends_a_word(letter: str) -> bool:
    """Return whether a word goes on beside this letter; scripts without spaces have no such ends."""
    return letter.isdigit() or _has_case(letter)


def _pattern(text: str) -> str:
    before = r"(?<!\w)" if _ends_a_word(text[0]) else ""
    after = r"(?!\w)" if _ends_a_word(text[-1]) else ""
    return f"{before}{re.escape(text)}{after}"


@dataclass(frozen=True, slots=True)
class FileSearch:
    """What a search of a file gave.

    Attributes
    ----------
    texts : frozenset of str
        Texts that are in it.
    readable : bool
        Whether all of it could be read as text. A picture, a sound, a database or a PDF cannot: only
        texts of at least six bytes were sought in it, and not what is drawn or packed in it.
    """

    texts: frozenset[str]
    readable: bool


class Search:
    """Texts that must not be somewhere.

    Parameters
    ----------
    texts : iterable of str
        From `sought_in`.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = {folded: text for text in texts if (folded := _folded(text))}
        self._patterns = {folded: re.compile(_pattern(folded)) for folded in self._texts}
        self._whole = bool(self._texts)

    def __bool__(self) -> bool:
        return self._whole

    def in_text(self, text: str) -> set[str]:
        """Return the texts that stand in `text` as whole words."""
        if not self._whole:
            return set()
        folded = _folded(text)
        return {
            self._texts[sought]
            for sought, pattern in self._patterns.items()
            if sought in folded and pattern.search(folded)
        }

    def in_value(self, value: object) -> set[str]:
        """Return the texts that stand in a text of a value of JSON, or in a name in it."""
        texts: set[str] = set()
        waiting = [value]
        while waiting and self._whole:
            item = waiting.pop()
            if isinstance(item, str):
                texts |= self.in_text(item)
            elif isinstance(item, dict):
                waiting += item
                waiting += item.values()
            elif isinstance(item, (list, tuple)):
                waiting += item
        return texts

    def in_bytes(self, data: bytes, *, encoding: str = "") -> tuple[set[str], bool]:
        """Return the texts that stand in `data`, and whether all of it is text.

        Parameters
        ----------
        encoding : str, optional
            ``"utf-16-le"`` or ``"utf-16-be"``, where the file begins with its mark.
        """
        texts: set[str] = set()
        text = _decoded(data, encoding)
        if text is not None:
            for spelling in _spellings(text):
                texts |= self.in_text(spelling)
            return texts, True
        for sought, forms in self._forms():
            if any(form in data for form in forms):
                texts.add(sought)
        return texts, False

    def in_file(self, path: Path) -> FileSearch:
        """Return what is in a file of any length, and whether all of it is text."""
        with path.open("rb") as stream:
            return self.in_stream(stream)

    def in_stream(self, stream: IO[bytes]) -> FileSearch:
        """Return what is in a stream that can be sought in, and whether all of it is text."""
        texts: set[str] = set()
        mark = stream.read(4)
        packed = mark == _ZIP_MARK
        readable = not mark.startswith(_PDF_MARK)
        if packed:
            inside, readable = self._in_zip(stream)
            texts |= inside
        encoding = _UTF16_MARKS.get(mark[:2], "")
        stream.seek(0)
        rest = b""
        while chunk := stream.read(_CHUNK):
            data = rest + chunk
            inside, text = self.in_bytes(data, encoding=encoding)
            texts |= inside
            readable = readable and (text or packed)
            rest = data[-_OVERLAP:]
        return FileSearch(frozenset(texts), readable)

    def _forms(self) -> Iterator[tuple[str, set[bytes]]]:
        """Yield each text with the bytes as which it can stand in a file that is not all text."""
        for text in self._texts.values():
            forms = set()
            for cased in {text, text.lower(), text.upper(), text.title()}:
                for form in ("NFC", "NFD"):
                    spelt = unicodedata.normalize(form, cased)
                    for encoding in ("utf-8", "cp1252", "utf-16-le", "utf-16-be"):
                        data = spelt.encode(encoding, "ignore")
                        # Three bytes stand in any photograph by chance.
                        if len(data) >= _MIN_BYTES and data.decode(encoding) == spelt:
                            forms.add(data)
            yield text, forms

    def _in_zip(self, stream: IO[bytes]) -> tuple[set[str], bool]:
        """Return what is in the entries of a ZIP, and whether all of them are text."""
        texts: set[str] = set()
        readable, left = True, MAX_DOCUMENT_BYTES
        try:
            with zipfile.ZipFile(stream) as archive:
                entries = archive.infolist()
                if len(entries) > MAX_ZIP_ENTRIES:
                    return texts, False
                for entry in entries:
                    left -= entry.file_size
                    if left < 0:
                        return texts, False
                    texts |= self.in_text(entry.filename)
                    with archive.open(entry) as member:
                        inside, text = self.in_bytes(member.read(entry.file_size))
                    texts |= inside
                    readable = readable and text
        except Exception:  # of a stranger's file: whatever is wrong with it, it was not all read
            return texts, False
        return texts, readable


def _decoded(data: bytes, encoding: str) -> str | None:
    """Return data as text, or None where it is not all text."""
    if encoding:
        return data.decode(encoding, "replace")
    if b"\x00" in data:
        return None
    for cut in range(4):  # a character may be cut off where a piece of a file ends or begins
        for begin in range(4):
            with suppress(UnicodeDecodeError):
                return data[begin : len(data) - cut].decode()
    return None if _CONTROL.search(data) else data.decode("cp1252", "replace")


def _spellings(text: str) -> Iterator[str]:
    """Yield a text as it stands, and as it reads behind the escapes of JSON and HTML."""
    yield text
    if "\\u" in text or "\\n" in text or "\\t" in text:
        yield _JSON_ESCAPE.sub(_unescaped, text)
    if "&" in text or "<" in text:
        # In office documents a word may be cut by tags, and paragraphs end without a space.
        yield html.unescape(_TAG.sub("", text))
        yield html.unescape(_TAG.sub(" ", text))


def _unescaped(match: re.Match[str]) -> str:
    try:
        text: str = json.loads(f'"{match.group()}"')
        return text
    except ValueError:
        return match.group()
