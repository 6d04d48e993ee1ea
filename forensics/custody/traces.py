"""Where else a value stands that is erased or withheld: in other fields of the ledger, and in files.

A text is compared without regard to case, Unicode form (NFC or NFD) and the width of spaces, and as
whole words. It is sought in values of JSON and in files: as UTF-8, UTF-16 and Windows-1252, behind
the escapes of JSON and HTML, and in the parts of office documents and other ZIP files.

What is withheld or erased is a value, not the name of a field. Two things are followed:

- *Copies*, whatever the value is: a correction commits to the old and the right value of the field,
  and an authorisation to the values of the act that uses it.
- *Repeats*: a text that hardly stands anywhere by coincidence (`sought_in`) and stands in
  another field.

An erasure by order of a court is refused where a copy would stay. That is looked for once, when the event is
added: the rules of a ledger are applied again for ever, so that what they refuse must not change.
`forensics.store.copies` removes the bytes from the file.
"""

import html
import json
import re
import unicodedata
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from forensics.custody.budgets import MAX_DOCUMENT_BYTES, MAX_ZIP_ENTRIES
from forensics.custody.fields import ANY, ATTACHMENTS, ERASED, IDENTIFIER, LONG_TEXT, TEXT, Kind
from forensics.custody.reader import Event, Reader
from forensics.custody.registry import TYPES
from forensics.custody.rules import refusal
from forensics.messages import _
from forensics.store import Connection
from forensics.store.copies import MAX_TRACE_BYTES

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


Place = tuple[int, str]
"""A field of an event: its number and name."""


# -- in a ledger -----------------------------------------------------------------------


def _content(event: Event | None) -> dict[str, Any]:
    """Return what an authorisation shows: name of a field to salt and value."""
    content = event.fields.get("content") if event is not None else None
    return content if isinstance(content, dict) else {}


def _value(content: dict[str, Any], name: str) -> object:
    part = content.get(name)
    return part.get("value") if isinstance(part, dict) else None


def _about_corrections(events: Mapping[int, Event], seq: int) -> tuple[int, str] | None:
    """Return the event and field that an event corrects, or authorises to correct."""
    event = events[seq]
    if event.type == "correct":
        target, name = event.fields.get("event"), event.fields.get("field")
    elif event.type == "authorise" and event.fields.get("act") == "correct":
        subject = event.fields.get("subject")
        if not (isinstance(subject, str) and subject.isascii() and subject.isdigit()):
            return None
        target, name = int(subject), _value(_content(event), "field")
    else:
        return None
    return (target, name) if isinstance(target, int) and isinstance(name, str) else None


def copies_of(
    events: Mapping[int, Event], places: Iterable[Place], *, named: Collection[Place] = ()
) -> set[Place]:
    """Return places with all that commits to their values, whatever these are.

    Parameters
    ----------
    events : mapping of int to Event
        Those that may hold copies: acts, corrections and authorisations.
    named : collection of (int, str)
        Those of them that a person named: of an authorisation's content among them, the act that
        used it is followed too. One that is closed for a single value is not.

    Returns
    -------
    set of (int, str)
        `places` among them.
    """
    reached = set(places)
    size = -1
    while size != len(reached):
        size = len(reached)
        for seq, event in events.items():
            about = _about_corrections(events, seq)
            if about is not None:
                committed = {(seq, "content")} if event.type == "authorise" else set()
                if event.type == "correct":
                    committed = {(seq, "old"), (seq, "new")}
                if about in reached:
                    reached |= committed
                elif event.type == "correct" and (seq, "old") in reached:
                    reached |= committed | {about}
            agreed = event.fields.get("authorisation")
            if not isinstance(agreed, int):
                continue
            for name in _content(events.get(agreed)):
                if name in event.fields:
                    if (seq, name) in reached:
                        reached.add((agreed, "content"))
                    elif (agreed, "content") in named:
                        reached.add((seq, name))
    return {
        (seq, name) for seq, name in reached if seq in events and name in events[seq].fields
    } | set(places)


def group_of(events: Mapping[int, Event], place: Place) -> set[Place]:
    """Return all places that hold the value of a field or of its corrections, in both directions."""
    seq, name = place
    start = {place}
    if name == "content":
        start |= {
            (other, field)
            for other, act in events.items()
            if act.fields.get("authorisation") == seq
            for field in _content(events.get(seq))
        }
    for other, field in tuple(start):
        if other in events and field in ("content", "old", "new"):
            about = _about_corrections(events, other)
            start |= {about} if about else set()
    return copies_of(events, start)


def texts_of(
    events: Mapping[int, Event], places: Iterable[Place], *, everywhere: Collection[str] = ()
) -> set[str]:
    """Return the texts in some fields that are sought elsewhere.

    Parameters
    ----------
    everywhere : collection of str
        Names of fields that are closed in all events: of these, identifiers are sought too. In one
        event an identifier is closed to hide what happened there, not that the thing exists.
    """
    texts: set[str] = set()
    for seq, name in places:
        event = events.get(seq)
        if event is None or event.fields.get(name, ERASED) is ERASED:
            continue
        value = event.fields[name]
        if name == "content" and event.type == "authorise":
            # Of the act that used it, the fields are among the places where they are closed; the
            # rest of the content is not secret.
            for part in ("old", "new"):
                kind, personal = _spec(events, seq, part)
                texts |= _texts(_value(_content(event), part), kind, personal, part in everywhere)
        elif name != "field":  # of a correction: names of fields are shown in every event
            kind, personal = _spec(events, seq, name)
            texts |= _texts(value, kind, personal, name in everywhere)
    return texts


def _spec(events: Mapping[int, Event], seq: int, name: str) -> tuple[Kind, bool]:
    """Return of what kind a field is, and whether it is for names of persons and places."""
    for _step in range(len(events) + 1):
        event = events[seq]
        about = _about_corrections(events, seq) if name in ("old", "new") else None
        if about is None or about[0] not in events:
            break
        seq, name = about
    act = event.fields.get("act") if event.type == "authorise" else None
    kind = TYPES.get(act if isinstance(act, str) and name not in event.fields else event.type)
    field = kind.known.get(name) if kind is not None else None
    # What is not known, such as a field of a later version, is searched as free text.
    return (field.kind, field.personal) if field is not None else (ANY, False)


def _texts(value: object, kind: Kind, personal: bool, everywhere: bool) -> set[str]:
    if kind is ATTACHMENTS:
        return set()  # the same file name says nothing; the files are searched by their content
    if kind.parts:
        rows = value if isinstance(value, list) else [value]
        return {
            text
            for row in rows
            if isinstance(row, dict)
            for part in kind.parts
            if part.name in row
            for text in _texts(row[part.name], part.kind, personal or part.personal, False)
        }
    if kind in (TEXT, LONG_TEXT, ANY) or (kind is IDENTIFIER and everywhere):
        texts = {text for leaf in texts_in(value) for text in sought_in(leaf, personal=personal)}
        if isinstance(value, str) or personal:
            return texts
        # Single words in a result or its provenance (names of software, hashes, times) stand in
        # every other result.
        return {text for text in texts if " " in text}
    return set()


def repeats_of(events: Iterable[Event], search: Search, *, but: Collection[Place]) -> set[Place]:
    """Return the fields, other than `but`, in which one of the texts stands."""
    return {
        (event.seq, name)
        for event in events
        for name, value in event.fields.items()
        if value is not ERASED and (event.seq, name) not in but and search.in_value(value)
    }


_COPIES = ("content", "old", "new")
"""Fields that repeat what stands in another; they are erased before it."""
_OWN_FIELDS = ("order", "reason", "note", "late_reason", "attachments")


def check_no_copy_left(reader: Reader, fields: Mapping[str, Any]) -> tuple[str, ...]:
    """Refuse an erasure after which the value would still stand elsewhere in the ledger.

    Parameters
    ----------
    reader : Reader
        The ledger, before the event.
    fields : mapping
        Of the event ``erase``, which the rules have accepted.

    Returns
    -------
    tuple of str
        Names of attached files of the case that are not all text (pictures, PDF, databases): in these the
        value cannot be sought wholly, and a person must look.

    Raises
    ------
    RefusedError
        Naming each place. What is named in ``left`` may stay: another person of the same name, or
        a field that cannot be erased.
    """
    target = fields["event"]
    places = {(target, name) for name in fields.get("erased", ())}
    index = {
        event.seq: event
        for event in reader.events()
        if event.seq == target
        or event.type in ("correct", "authorise")
        or "authorisation" in event.fields
    }
    group: set[Place] = set(places)
    left: set[Place] = set()
    for place in places:
        if place[1] in _COPIES:
            group |= group_of(index, place)
        else:
            copies = copies_of(index, [place]) - places
            left |= {(seq, name) for seq, name in copies if index[seq].fields[name] is not ERASED}
    search = Search(texts_of(index, places))
    left |= repeats_of(reader.events(), search, but=group)
    in_files, unsearched = _in_files(reader, search, fields)
    places_left = {f"{seq}:{name}" for seq, name in left} | in_files
    places_left |= {
        f"head:{number}"
        for number, head in enumerate(reader.heads(), 1)
        if search.in_value(head.to_dict())
    }
    allowed = {*fields.get("left", ())}
    _refuse(
        places_left, allowed, [name for name in _OWN_FIELDS if search.in_value(fields.get(name))]
    )
    return unsearched


def _refuse(places_left: set[str], allowed: set[str], own: Sequence[str]) -> None:
    if own:
        raise refusal(
            "ERASE-FIELD",
            _("{names} of this event: repeat it without the erased value."),
            names=", ".join(own),
        )
    if strange := sorted(allowed - places_left):
        raise refusal(
            "ERASE-FIELD",
            _("{names}: the value to erase does not occur there; is it misspelt?"),
            names=", ".join(strange),
        )
    if more := sorted(places_left - allowed, key=_numbered):
        raise refusal(
            "ERASE-FIELD",
            _(
                "The value to erase also occurs in {places}. Erase it there first: other fields "
                "and files, then the content of authorisations, then corrections, then the field "
                "itself. If it may stay in a place, after a person has checked it, say so in "
                "“left”."
            ),
            places=", ".join(more),
        )


def _numbered(place: str) -> tuple[int, str]:
    number = place.partition(":")[0]
    return (int(number) if number.isdigit() else 0, place)


def _in_files(
    reader: Reader, search: Search, fields: Mapping[str, Any]
) -> tuple[set[str], tuple[str, ...]]:
    """Return the fields that name an attached file in which a text stands, and files not all text."""
    places: dict[str, set[str]] = {}
    of_case: dict[str, str] = {}
    files: set[tuple[str, int]] = set()
    erased = fields.get("erased_files", ())
    for event in reader.events():
        case = event.fields.get("case", ERASED)
        near = event.seq == fields["event"] or fields.get("case") == case
        for entry in event.attachments:
            digest = entry["sha256"]
            places.setdefault(digest, set()).add(f"{event.seq}:attachments")
            if digest not in erased:
                files.add((digest, entry["size"]))
            if near:
                of_case.setdefault(digest, entry["name"])
    holding, unsearched = search_files(reader.files, search, files)
    names = {of_case[digest] for digest in unsearched if digest in of_case}
    return {place for digest in holding for place in places[digest]}, tuple(sorted(names))


def search_files(
    folder: Path, search: Search, files: Iterable[tuple[str, int]]
) -> tuple[set[str], set[str]]:
    """Return the SHA-256 of the attached files in which a text stands, and of those that are not all text.

    Parameters
    ----------
    files : iterable of (str, int)
        SHA-256 and size, as events name them. A file of another size was changed, as verification says, and is
        passed over: a sparse one of a terabyte would be read without end.
    """
    holding, unsearched = set[str](), set[str]()
    for digest, size in files if search else ():
        path = folder / digest
        if path.is_file() and path.stat().st_size == size:
            found = search.in_file(path)
            if found.texts:
                holding.add(digest)
            elif not found.readable:
                unsearched.add(digest)
    return holding, unsearched


def traces_of(writer: Connection, fields: Mapping[str, Any]) -> list[bytes]:
    """Return bytes that must not be in the file once an event ``erase`` is carried out.

    They are the salts, which stand nowhere else, and values that are longer than chance; these only
    where nothing is left elsewhere. What another field shares is not among them.
    """
    traces: list[bytes] = []
    for name in fields.get("erased", ()):
        row = writer.execute(
            "SELECT salt, value FROM openings WHERE seq = ? AND name = ?", (fields["event"], name)
        ).fetchone()
        if row is not None:
            traces.append(row[0])
            value = row[1].encode()[:MAX_TRACE_BYTES]
            others = writer.execute(
                "SELECT count(*) FROM openings WHERE instr(value, ?) AND NOT (seq = ? AND name = ?)",
                (value.decode("utf-8", "ignore"), fields["event"], name),
            ).fetchone()
            if len(value) >= 8 and not others[0]:
                traces.append(value)
    return traces
