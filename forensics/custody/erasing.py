"""Erasing by order of a court: no copy may be left in another field.

`forensics.store.erasure` removes the bytes from the file.

The rules of a ledger are applied again for ever, so that what they refuse must not change. What is
looked for here is looked for once, when the event is added.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from forensics.custody.copies import Place, copies_of, group_of, repeats_of, texts_of
from forensics.custody.fields import ERASED
from forensics.custody.leaks import Search
from forensics.custody.reader import Event, Reader
from forensics.custody.rules import refusal
from forensics.messages import _
from forensics.store import Connection
from forensics.store.erasure import MAX_TRACE_BYTES

__all__ = ["check_no_copy_left", "traces_of"]

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
        for file, name in _attached(event):
            named.setdefault(file, set()).add(f"{event.seq}:attachments")
            if near:
                of_case.setdefault(file, name)
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


def _attached(event: Event) -> Iterable[tuple[tuple[str, int], str]]:
    """Yield SHA-256 and size of the files of an event, and their names."""
    entries = event.fields.get("attachments", ERASED)
    if entries is ERASED:
        return ()
    return (((entry["sha256"], entry["size"]), entry["name"]) for entry in entries)


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
