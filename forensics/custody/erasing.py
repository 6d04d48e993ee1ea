"""Where else a ledger says what a field says, so that a value that is erased or withheld goes whole.

What is withheld or erased is a value, not the name of a field. Two things are followed:

- *Copies*, whatever the value is: a correction commits to the old and the right value of the field,
  and an authorisation to the values of the act that uses it.
- *Repeats*: a text that hardly stands anywhere by coincidence (`leaks.sought_in`) and stands in
  another field.

An erasure by order of a court is refused where a copy would stay. That is looked for once, when the event is
added: the rules of a ledger are applied again for ever, so that what they refuse must not change.
`forensics.store.copies` removes the bytes from the file.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from forensics.custody.fields import ANY, ATTACHMENTS, ERASED, IDENTIFIER, LONG_TEXT, TEXT, Kind
from forensics.custody.leaks import Search, sought_in, texts_in
from forensics.custody.reader import Event, Reader
from forensics.custody.registry import TYPES
from forensics.custody.rules import refusal
from forensics.messages import _
from forensics.store import Connection
from forensics.store.copies import MAX_TRACE_BYTES

Place = tuple[int, str]
"""A field of an event: its number and name."""


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
            _("{names} of this event: say it without the value that is erased.").format(
                names=", ".join(own)
            ),
        )
    if strange := sorted(allowed - places_left):
        raise refusal(
            "ERASE-FIELD",
            _("{names}: what is erased does not stand there; was it misspelt?").format(
                names=", ".join(strange)
            ),
        )
    if more := sorted(places_left - allowed, key=_numbered):
        raise refusal(
            "ERASE-FIELD",
            _(
                "What is to be erased also stands in {places}. Erase it there first: other fields "
                "and files, then the content of authorisations, then corrections, then the field "
                "itself. Where it may stay, since somebody has looked, say so in “left”."
            ).format(places=", ".join(more)),
        )


def _numbered(place: str) -> tuple[int, str]:
    number = place.partition(":")[0]
    return (int(number) if number.isdigit() else 0, place)


def _in_files(
    reader: Reader, search: Search, fields: Mapping[str, Any]
) -> tuple[set[str], tuple[str, ...]]:
    """Return the fields that name an attached file in which a text stands, and files not all text."""
    if not search:
        return set(), ()
    named: dict[tuple[str, int], set[str]] = {}
    of_case: dict[tuple[str, int], str] = {}
    for event in reader.events():
        case = event.fields.get("case", ERASED)
        near = event.seq == fields["event"] or fields.get("case") == case
        for entry in event.attachments:
            file = entry["sha256"], entry["size"]
            named.setdefault(file, set()).add(f"{event.seq}:attachments")
            if near:
                of_case.setdefault(file, entry["name"])
    fields_with_text: set[str] = set()
    unsearched: set[str] = set()
    for (digest, size), places in named.items():
        path = reader.files / digest
        if digest in fields.get("erased_files", ()) or not path.is_file():
            continue
        # One of another size was changed, as verification says; a sparse one is read without end.
        if path.stat().st_size != size:
            continue
        result = search.in_file(path)
        if result.texts:
            fields_with_text |= places
        elif not result.readable and (digest, size) in of_case:
            unsearched.add(of_case[digest, size])
    return fields_with_text, tuple(sorted(unsearched))


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
