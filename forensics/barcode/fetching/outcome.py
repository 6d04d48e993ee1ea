"""What a fetch leaves: FASTA, table, left-out list and lock; and the same again from a lock."""

import importlib.metadata
import json
from collections.abc import Callable, Sequence
from pathlib import Path

from forensics.barcode.fetching import lock as locks
from forensics.barcode.fetching.build import BuiltPieces, build_pieces
from forensics.barcode.fetching.http import FetchError, printable
from forensics.barcode.fetching.pipeline import gather_files
from forensics.barcode.fetching.request import Request
from forensics.barcode.fetching.writing import fasta_text, left_out_text, table_text
from forensics.barcode.reference.library import Library
from forensics.core.provenance import made_by_text
from forensics.errors import VerificationError
from forensics.messages import _

__all__ = ["NothingLeft", "outcome", "rebuild"]

_SHOWN = 10  # names in a message

Report = Callable[[str], None]


class NothingLeft(FetchError):
    """Of all the records that came no sequence is left."""


def outcome(
    built: BuiltPieces,
    request: Request,
    library: Library,
    *,
    searches: Sequence[dict],
    date: str,
    server: str,
) -> dict[str, str]:
    """Return the texts of ``fasta``, ``table``, ``left_out`` and ``lock``.

    Raises
    ------
    NothingLeft
        If no sequence is left.
    """  # fmt: skip
    if not built.pieces:
        raise NothingLeft(_why_nothing_is_left(built, request))
    texts = {
        "fasta": fasta_text(built.pieces),
        "table": table_text(built.pieces, date=date),
        "left_out": left_out_text(built.left_out),
    }
    sequences = {
        f"{piece.record.accession}|{piece.locus}": locks.digest(piece.sequence)
        for piece in built.pieces
    }
    lock = {
        "lock": locks.FORMAT,
        "software": made_by_text(),
        "biopython": importlib.metadata.version("biopython"),
        "date": date,
        "server": server,
        "request": request.as_json(),
        "searches": list(searches),
        "checked_with": {"library": library.name, "sha256": library.sha256},
        "records_sha256": locks.whole(built.records),
        "sequences_sha256": locks.whole(sequences),
        "fasta_sha256": locks.digest(texts["fasta"]),
        "table_sha256": locks.digest(texts["table"]),
        "sequences": dict(sorted(sequences.items())),
        "records": dict(sorted(built.records.items())),
    }
    texts["lock"] = json.dumps(lock, ensure_ascii=False, indent=1) + "\n"
    return texts


def _why_nothing_is_left(built: BuiltPieces, request: Request) -> str:
    """Return what became of the records, so that the reader can ask otherwise."""
    why = []
    if built.other_taxa:
        why.append(
            _("{number} are of other taxa than {wanted} ({names})").format(
                number=built.other_taxa,
                wanted=", ".join(want.taxon for want in request.taxa[:_SHOWN]),
                names=", ".join(built.taxa_seen) or "-",
            )
        )
    if built.other_loci:
        why.append(
            _("{number} are of other loci than {wanted}").format(
                number=built.other_loci, wanted=", ".join(request.loci)
            )
        )
    if built.records:
        reasons = "; ".join(f"{e.accession}: {e.reason}" for e in built.left_out[:5])
        why.append(
            _("{number} were left out ({reasons})").format(
                number=len(built.records), reasons=reasons or "-"
            )
        )
    text = _("{number} records came, and no sequence is left.").format(number=built.came)
    return f"{text} {'; '.join(why)}." if why else text


def rebuild(
    lock: dict, paths: Sequence[Path], library: Library, *, report: Report = print
) -> tuple[BuiltPieces, Request, dict[str, str]]:
    """Make the FASTA of a lock again from a local copy of its records.

    Returns
    -------
    built : Made
    request : Request
    texts : dict of str to str
        ``fasta``, ``table`` and ``left_out``; the lock stays what it is.

    Raises
    ------
    VerificationError
        If the FASTA would be another one; what differs is named.
    """
    request = Request.from_json(lock["request"])
    gathered = gather_files(request, paths)
    gathered.only, gathered.searches = set(lock["records"]), lock["searches"]
    built = build_pieces(gathered, request, library)
    differences = locks.compare(lock, built.records)
    fasta = fasta_text(built.pieces)
    if differences.changed:
        report(
            _("{number} records of the copy are not those that were fetched: {names}").format(
                number=len(differences.changed), names=_some(differences.changed)
            )
        )
    if differences.missing:
        raise VerificationError(
            _("The copy lacks {number} records of the lock: {names}.").format(
                number=len(differences.missing), names=_some(differences.missing)
            )
        )
    if locks.digest(fasta) != lock["fasta_sha256"]:
        raise VerificationError(_explain_other_fasta(lock, built))
    table = table_text(built.pieces, date=lock["date"])
    if locks.digest(table) != lock["table_sha256"]:
        report(_("The FASTA is the same; what the table says of the records is not."))
    return built, request, {
        "fasta": fasta, "table": table, "left_out": left_out_text(built.left_out)
    }  # fmt: skip


def _explain_other_fasta(lock: dict, built: BuiltPieces) -> str:
    before = lock["sequences"]
    now = {f"{p.record.accession}|{p.locus}": locks.digest(p.sequence) for p in built.pieces}
    lost = [name for name in before if name not in now]
    gained = [name for name in now if name not in before]
    other = [name for name in now if before.get(name, now[name]) != now[name]]
    differences_by_kind = [
        f"{what}: {_some(names)}"
        for what, names in (
            (_("lost"), lost), (_("gained"), gained), (_("another sequence"), other)
        )
        if names
    ]  # fmt: skip
    return _(
        "The FASTA made from the copy is not that of the lock. {differences}. The lock was made by "
        "{software} with the library {library}."
    ).format(
        differences="; ".join(differences_by_kind) or _("The names of records differ"),
        software=printable(lock.get("software", "?"), most=60),
        library=printable(lock.get("checked_with", {}).get("sha256", "?"), most=64),
    )


def _some(names: Sequence[str]) -> str:
    return ", ".join(map(printable, names[:_SHOWN])) + (", …" if len(names) > _SHOWN else "")
