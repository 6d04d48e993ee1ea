"""A past finding computed again and compared with what was recorded.

Compared is everything that a finding says and that computing gives: the result, the parameters, what
was read, what it was compared with, and whether the finding names that as its library. Words are not
compared but formed anew; a report prints those.
"""

import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from forensics.barcode.packaged import check_tables
from forensics.custody.attachments import base_name
from forensics.custody.canonical import is_assigned, nfc
from forensics.custody.reader import Event, Reader
from forensics.errors import UsageError
from forensics.messages import _
from forensics.reanalysis.identification import recompute_identification
from forensics.reanalysis.methods import is_read_by_default, kind_of, recompute_finding
from forensics.reanalysis.recorded import (
    Computed,
    Identify,
    Sources,
    attached_names,
    check_attachments,
    find_library,
)

if TYPE_CHECKING:
    from forensics.barcode.reference.library import Library
    from forensics.origin.models import Model

Difference = tuple[str, object, object]
"""Where two values differ, as a path such as ``candidates.0.identity``; recorded, and computed again."""

CLOSE = 1e-6
"""Relative difference of two computed numbers up to which they are the same. Other processors and versions of
what computes give other last digits, some 1e-12 of the number and a thousand times that where a fit ends when
it gains no more; a report prints three digits at most. The choice is ours. 0 is near nothing but 0: chances
of 1e-20 and 1e-40 differ."""

# Words for people, in the language of who ran it; their codes are compared. Names of files are those
# of the machine on which they lay; their sums are compared.
_WORDS = ("message", "sentences", "file")
# Warnings of a run, and not of its result: another machine has its index at hand.
_OF_THE_RUN = ("INDEX_BUILT_IN_MEMORY", "INDEX_NOT_CHECKED")
# The law that was in the table when it was recorded: another table is another environment.
_LAW = ("listings", "listing_common")
# The official list of appendices that was used, of the parameters.
_LIST = "official_list"
# The ledger keeps hashes of what a finding was compared with, and not the files.
_NOT_REPEATED = ("compared_with", "elimination")
# Of findings of other kinds: sentences, formed from the figures in the language of who ran it.
_SENTENCES = ("result", "explanation")
# In that language, too; of a mixture limits are figures, of an origin they stand in the model.
_LIMITS_IN_WORDS = ("network", "age")
# How a table was read is not recorded where a script read it in its own way.
_READ_WITH = "read_with"


@dataclass(frozen=True, slots=True)
class Reproduction:
    """A past finding beside the same, computed again.

    Attributes
    ----------
    event : int
    case, sample, kind : str
    same : bool
        Whether everything is the same, the parts listed in `environment` aside.
    differences : tuple of (str, object, object)
        Where they differ (as a path such as ``candidates.0.identity``), recorded, and again.
    environment : tuple of (str, object, object)
        What differs around it: versions of software, and the table of CITES listings.
    not_repeated : tuple of str
        Parameters whose files the ledger does not hold: controls, cases, the elimination set.
    by_default : bool
        Whether tables were read with the default options, because the finding does not record how
        they were read the first time.
    noted : tuple of str
        Limits and warnings, formed anew.
    library : dict
        What it was computed from now, as a finding names it.
    """

    event: int
    case: str
    sample: str
    kind: str
    same: bool
    differences: tuple[Difference, ...]
    environment: tuple[Difference, ...]
    not_repeated: tuple[str, ...] = ()
    by_default: bool = False
    noted: tuple[str, ...] = ()
    library: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)


def reproduce(
    ledger: Reader,
    seq: int,
    libraries: Sequence["Library"],
    identify: Identify,
    *,
    models: Callable[[], Sequence["Model"]] = tuple,
    reads: Sequence[str | os.PathLike[str]] = (),
) -> Reproduction:
    """Compute a past finding again from its recorded inputs and compare everything, its attachments too.

    Parameters
    ----------
    ledger : Reader
    seq : int
        Event of the finding.
    libraries : sequence of Library
    identify : callable
        `forensics.identify`.
    models : callable
        Returns models of origin, among which that of the finding is looked for.
    reads : sequence of path
        Files and folders, in which the read files of a mixture are looked for by their SHA-256. All
        of the run is examined again, which takes as long as it took the first time.

    Raises
    ------
    UsageError
        If the event is not a finding.
    CannotRecompute
        If what is needed is missing or was never recorded: the input in the ledger, the library, the
        model; with what to do by hand.
    AttachmentAltered
        If a file that was attached is another one now.
    VerificationError
        If a packaged table that the finding rests on was changed since it was built.
    """
    event = ledger.event(seq)
    if event.type != "finding":
        raise UsageError(_("Event {seq} is not a finding.").format(seq=seq))
    check_attachments(ledger, event)
    return recompute(ledger, event, Sources(identify, libraries, models, reads))


def recompute(ledger: Reader, event: Event, sources: Sources) -> Reproduction:
    """Compute a finding again, as `reproduce` does, without a look at what nothing is computed from."""
    if _provenance(event).get("tables"):
        check_tables()
    if kind_of(event) == "identification":
        library = find_library(event, event.fields.get("library"), sources.libraries)
        result = recompute_identification(ledger, event, library, sources.identify)
    else:
        result = recompute_finding(ledger, event, sources)
    return compare_with_recorded(event, result)


def compare_with_recorded(event: Event, result: Mapping[str, Any]) -> Reproduction:
    """Return a recorded finding beside what was computed again.

    Parameters
    ----------
    event : Event
        The finding.
    result : mapping
        What was computed, as the ledger would hold it.
    """
    computed = dict(result)
    made = computed.pop("provenance")
    recorded = _provenance(event)
    parameters = recorded.get("parameters") or {}
    before = dict(event.fields["result"])
    noted = _noted(computed)
    _drop_words(event, before, computed)
    law_before, law = ({name: part.pop(name, None) for name in _LAW} for part in (before, computed))
    all_differences = [
        *differences(before, computed),
        *(
            difference
            for difference in differences(parameters, made["parameters"], "parameters")
            if difference[0].split(".")[1] not in (*_NOT_REPEATED, _LIST)
        ),
        *differences(event.fields.get("library"), made["library"]["sha256"], "library"),
        *differences(recorded.get("library"), made["library"], "library"),
        *differences(recorded.get("input"), made["input"], "input"),
        *_names_differ(event, recorded.get("input")),
        *differences(recorded.get("software"), made["software"], "software"),
    ]
    environment = [
        difference
        for name in ("version", "dependencies", "plugins", "tables")
        for difference in differences(recorded.get(name), made.get(name), name)
    ]
    environment += differences(law_before, law)
    environment += differences(
        parameters.get(_LIST), made["parameters"].get(_LIST), f"parameters.{_LIST}"
    )
    return Reproduction(
        event.seq,
        event.fields["case"],
        event.fields["thing"],
        event.fields["kind"],
        not all_differences,
        tuple(all_differences),
        tuple(environment),
        tuple(name for name in _NOT_REPEATED if parameters.get(name)),
        is_read_by_default(event),
        noted,
        made["library"],
    )


def differences(
    before: object, after: object, path: str = "", *, words: bool = False
) -> Iterator[Difference]:
    """Yield path and both values wherever two plain values differ.

    Words for people and names of files are compared only where `words` says so, and how a table was read
    only where it was recorded.
    """
    if isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys([*before, *after]):
            # Words that are recorded where none belong are not ours, and are compared.
            is_ours = name in after or name not in before
            if name in _WORDS and not words and is_ours:
                continue
            if name == _READ_WITH and name not in before:
                continue
            place = f"{path}.{name}" if path else str(name)
            yield from differences(before.get(name), after.get(name), place, words=words)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (left, right) in enumerate(zip(before, after)):
            place = f"{path}.{number}" if path else str(number)
            yield from differences(left, right, place, words=words)
    elif before != after and not _is_same_number(before, after):
        yield path, before, after


def _is_same_number(recorded: object, computed: object) -> bool:
    """Return whether a recorded number and one that was computed are the same within `CLOSE`.

    A name may look like a number: what was computed says what is one. A script may have given ``1`` where
    the parameter is the number 1.0.
    """
    if not isinstance(computed, Computed) or type(recorded) not in (int, str):
        return False
    try:
        number = float(recorded)  # type: ignore[arg-type]
    except (OverflowError, ValueError):
        return False
    is_number = isinstance(recorded, int) or repr(number) == recorded
    return is_number and math.isclose(number, float(computed), rel_tol=CLOSE)


def _drop_words(event: Event, before: dict[str, Any], computed: dict[str, Any]) -> None:
    """Take out of both results what is formed anew and not compared."""
    for part in (before, computed):
        if isinstance(part.get("warnings"), list):
            part["warnings"] = [item for item in part["warnings"] if not _is_of_the_run(item)]
    if kind_of(event) != "identification":
        in_words = ("limits",) if kind_of(event) in _LIMITS_IN_WORDS else ()
        for name in (*_SENTENCES, *in_words):
            before.pop(name, None)
            computed.pop(name, None)


def _is_of_the_run(warning: object) -> bool:
    return isinstance(warning, dict) and warning.get("code") in _OF_THE_RUN


def _noted(computed: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the limits and warnings of what was computed."""
    limits = computed.get("limits")  # of a mixture they are figures
    warnings = [
        str(warning["message"])
        for warning in computed.get("warnings") or ()
        if not _is_of_the_run(warning)
    ]
    return tuple(dict.fromkeys([*(limits if isinstance(limits, list) else ()), *warnings]))


def _names_differ(event: Event, read: object) -> Iterator[Difference]:
    """Yield the files that were read and have another name than that under which they are attached."""
    attached = attached_names(event)
    read = read if isinstance(read, dict) else {}
    for number, file in enumerate(read.get("files") or [read]):
        known = attached.get(str(file.get("sha256"))) if isinstance(file, dict) else None
        name = base_name(file.get("file")) if known else ""
        if known and (nfc(name) if is_assigned(name) else name) not in known:
            place = f"input.files.{number}.file" if read.get("files") else "input.file"
            yield place, file.get("file"), min(known)


def _provenance(event: Event) -> dict[str, Any]:
    provenance = event.fields.get("provenance")
    return provenance if isinstance(provenance, dict) else {}
