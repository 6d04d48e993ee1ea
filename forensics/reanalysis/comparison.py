"""A past finding computed again, and compared with what was recorded, or with what another library says.

Compared is everything that a finding says and that computing gives: the result, the parameters, what
was read, what it was compared with, and whether the finding names that as its library. Words are not
compared but formed anew; a report prints those.

An identification is computed again from the files that were attached to it. Where a file is not in the ledger
nothing is guessed: the finding cannot be recomputed, and the error says why. Controls and recent cases that the
finding was compared with, and the staff elimination set, are not compared again: the ledger keeps only their
hashes.

The ledger keeps with each finding which library it used, by its SHA-256, and with which parameters. So
`compare_calls` says which findings would be called otherwise with a new library and the same parameters.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forensics.barcode.options import IdentifyOptions
from forensics.barcode.packaged import check_tables
from forensics.barcode.reference.library import Library
from forensics.custody.canonical import is_assigned, nfc
from forensics.custody.findings import canonical_value
from forensics.custody.reader import Event, Reader
from forensics.custody.storage import base_name
from forensics.errors import ForensicsError, UsageError
from forensics.io.files import AnyPath
from forensics.messages import _
from forensics.reanalysis.methods import is_read_by_default, kind_of, recompute_finding
from forensics.reanalysis.recorded import (
    Attachments,
    CannotRecompute,
    Computed,
    Identify,
    Recorded,
    Sources,
    attached_names,
    check_attachments,
    copy_attachments,
    files_read,
    find_library,
    provenance_of,
    read_recorded,
)
from forensics.taxonomy.listings.table import known_specimen

if TYPE_CHECKING:
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
_LAW = ("listings", "listing_of_call")
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
SAME, OTHERWISE, NOT_RECOMPUTED = "same", "otherwise", "not_recomputed"
# What a call is: a finding is called otherwise where one of these differs. A probability that moved and left
# the call as it was is reported, and is not another call.
_CALL = ("status", "rank", "taxon")


# -- identifications -------------------------------------------------------------------


def recompute_identification(
    ledger: Reader, event: Event, library: Library, identify: Identify, **changed: object
) -> dict[str, Any]:
    """Return `identify_again` as the ledger would hold it."""
    return identify_again(ledger, event, library, identify, **changed)[1]


def identify_again(
    ledger: Reader, event: Event, library: Library, identify: Identify, **changed: object
) -> tuple[Any, dict[str, Any]]:
    """Return what identifying the same input again gives: the result, and as the ledger would hold it.

    Parameters
    ----------
    ledger : Reader
        Nothing is written to it.
    event : Event
        An identification.
    library : Library
        The one that it used, or another.
    identify : callable
        `forensics.identify`: inputs, ``library`` and its parameters.
    **changed
        Parameters that shall differ from the recorded ones, such as ``in_library_prior``.

    Raises
    ------
    CannotRecompute
        If what is needed is not in the ledger, or is not what was recorded.
    """
    recorded = read_recorded(event)
    criteria = recorded.parameters.get("criteria")
    with copy_attachments(ledger, event) as attachments:
        inputs = _copy_inputs(recorded, attachments)
        listed = recorded.parameters.get("checklist")
        checklist = listed and str(
            attachments.require(
                listed["sha256"], _("the checklist {file}").format(file=base_name(listed["file"]))
            )
        )
        try:
            options = _options(recorded, checklist) | changed
            results = list(identify(inputs, library=library, **options))
        except (ForensicsError, KeyError, TypeError, ValueError) as error:
            raise CannotRecompute(_("cannot be recomputed: {error}").format(error=error)) from error
    computed = [canonical_value(each.to_dict(), Computed) for each in results]
    result = _result_of_query([each for each in computed if isinstance(each, dict)], recorded)
    made = next(each for each, stored in zip(results, computed, strict=True) if stored is result)
    if criteria != result["provenance"]["parameters"].get("criteria"):
        raise CannotRecompute(
            _("cannot be recomputed: the profile of criteria is not the one that was used")
        )
    return made, result


def _options(recorded: Recorded, checklist: str | None) -> dict[str, object]:
    """Return the recorded parameters as `forensics.identify` takes them, with the file of the checklist."""
    parameters = recorded.parameters
    criteria = parameters.get("criteria")
    return IdentifyOptions.of_record(
        parameters,
        criteria=str(criteria["name"]) if criteria else "none",
        region=parameters.get("region", ()),
        checklist=checklist,
        **known_specimen(parameters),
        # Reasons and criteria are part of a result only where they were asked for.
        reasons=recorded.result.get("reasons") is not None,
    ).given()


def _copy_inputs(recorded: Recorded, attachments: Attachments) -> Path | list[Path]:
    """Copy the files that the finding was read from into one folder, under their own names.

    What belongs together, which strand is which, and the name of a chromatogram's sequence stand in the names.
    """
    folder = attachments.folder / "inputs"
    folder.mkdir()
    copies = [attachments.copy_input(read, folder) for read in files_read(recorded.input)]
    if len({copy.name for copy in copies}) < len(copies):
        raise CannotRecompute(
            _("cannot be recomputed: several files of one name were merged for it")
        )
    return copies[0] if len(copies) == 1 else copies


def _result_of_query(results: list[dict[str, Any]], recorded: Recorded) -> dict[str, Any]:
    """Return, of the results of a file, that of the query that was recorded."""
    query, part = recorded.result.get("query"), recorded.result.get("part", "")
    of_query = [
        result for result in results if (query, part) == (result["query"], result.get("part", ""))
    ]
    if not of_query and len(results) == 1:  # a chromatogram is named by its file
        of_query = results
    at_place = [result for result in of_query if result["index"] == recorded.result.get("index")]
    if len(of_query) > 1 and len(at_place) == 1:
        of_query = at_place
    if len(of_query) != 1:
        raise CannotRecompute(
            _("cannot be recomputed: the attached file has {number} sequences {query}").format(
                number=len(of_query), query=query if isinstance(query, str) else "-"
            )
        )
    return of_query[0]


# -- findings of any kind --------------------------------------------------------------


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
    libraries: Sequence[Library],
    identify: Identify,
    *,
    models: Callable[[], Sequence["Model"]] = tuple,
    reads: Sequence[AnyPath] = (),
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
    if provenance_of(event).get("tables"):
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
    recorded = provenance_of(event)
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
    for number, file in enumerate(files_read(read)):
        known = attached.get(str(file.get("sha256"))) if isinstance(file, dict) else None
        name = base_name(file.get("file")) if known else ""
        if known and (nfc(name) if is_assigned(name) else name) not in known:
            place = "input.file" if file is read else f"input.files.{number}.file"
            yield place, file.get("file"), min(known)


# -- with another library --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallChange:
    """A finding and what the new library makes of it.

    Attributes
    ----------
    seq : int
        Number of the finding's event.
    case, thing, recorded_at, query : str
        What it is about.
    part : str
        Locus of a piece of a genome; "" of others.
    library : str
        SHA-256 of the library that it used.
    used : str
        ``old`` or ``new`` where that is one of the two compared, else ``other``.
    outcome : str
        `SAME`, `OTHERWISE` or `NOT_RECOMPUTED`.
    before, after : dict
        ``status``, ``rank``, ``taxon`` and ``probability``; the second empty where it was not
        recomputed.
    reason : str
        Why it could not be recomputed, or that the old library, too, is called otherwise by this
        version of the software, so that not the library alone makes the difference.
    """

    seq: int
    case: str
    thing: str
    recorded_at: str
    query: str
    library: str
    used: str
    outcome: str
    before: dict[str, Any]
    after: dict[str, Any]
    reason: str = ""
    part: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values; the part only where there is one."""
        values = asdict(self)
        return values if self.part else {k: v for k, v in values.items() if k != "part"}


def compare_calls(
    ledger: Reader, *, old: Library, new: Library, identify: Identify
) -> Iterator[CallChange]:
    """Yield the identifications of a ledger with what a new library makes of them.

    Parameters
    ----------
    ledger : Reader
        Nothing is written to it.
    old, new : Library
        The libraries that are compared.
    identify : callable
        `forensics.identify`: inputs, ``library`` and its parameters.

    Yields
    ------
    CallChange
        In the order of the ledger.
    """
    for event in ledger.events():
        if event.type == "finding" and event.fields.get("kind") == "identification":
            yield _compare(ledger, event, old, new, identify)


def _compare(
    ledger: Reader, event: Event, old: Library, new: Library, identify: Identify
) -> CallChange:
    result = event.fields.get("result")
    result = result if isinstance(result, dict) else {}
    used, before = _library_used(event.fields.get("library"), old, new), _call(result)
    after: dict[str, Any] = {}
    reason = ""
    try:
        after = _call(recompute_identification(ledger, event, new, identify))
        outcome = OTHERWISE if _differs(before, after) else SAME
        if (
            outcome == OTHERWISE
            and used == "old"
            and _differs(before, _call(recompute_identification(ledger, event, old, identify)))
        ):
            reason = _(
                "with this version of the software, the old library gives a different call too"
            )
    except CannotRecompute as error:
        outcome, after, reason = NOT_RECOMPUTED, {}, str(error)
    return CallChange(
        event.seq,
        _text(event.fields.get("case")),
        _text(event.fields.get("thing")),
        event.recorded_at,
        _text(result.get("query")),
        _text(event.fields.get("library")),
        used,
        outcome,
        before,
        after,
        reason,
        _text(result.get("part")),
    )


def _call(result: Mapping[str, Any]) -> dict[str, Any]:
    return {name: result.get(name) for name in (*_CALL, "probability")} if result else {}


def _differs(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    return any(before.get(name) != after.get(name) for name in _CALL)


def _library_used(sha256: object, old: Library, new: Library) -> str:
    """Return which of two libraries a finding names: ``new``, ``old`` or ``other``."""
    if sha256 == new.sha256:
        return "new"
    return "old" if sha256 == old.sha256 else "other"


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
