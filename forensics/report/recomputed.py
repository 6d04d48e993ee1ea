"""Calls under other priors, and findings reached again: both examine the recorded input anew.

Compared is everything that a finding says and that computing gives: the result, the parameters, what
was read, what it was compared with, and whether the finding names that as its library. Words are not
compared but formed anew; a report prints those.
"""

import math
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache

from forensics.barcode.reference.library import Library
from forensics.custody.attachments import base_name
from forensics.custody.reader import Event, Reader
from forensics.custody.recomputing import CannotRecompute, recompute
from forensics.custody.unicode_text import is_assigned, nfc
from forensics.errors import UsageError
from forensics.messages import _
from forensics.origin.models import Model
from forensics.report.again import (
    Computed,
    form_of,
    is_read_by_default,
    library_of,
    recompute_other,
)
from forensics.report.attached import check_attachments, is_checked, names_attached
from forensics.report.cautious import PRIORS, add_reported, is_call, not_excluded

__all__ = ["CLOSE", "Reproduction", "add_again", "add_priors", "differences", "reproduce"]

CLOSE = 1e-6
"""Relative difference of two numbers up to which a report takes them for one. Other processors and
versions of what computes give other last digits, and a report prints three digits at most. The choice
is ours. 0 is near nothing but 0: chances of 1e-20 and 1e-40 differ. ``report reproduce`` names every
difference."""

# Words for people, in the language of who ran it; their codes are compared. Names of files are those
# of the machine on which they lay; their sums are compared.
_WORDS = ("message", "sentences", "file")
# Warnings of a run, and not of its result: another machine has its index at hand.
_OF_THE_RUN = ("INDEX_BUILT_IN_MEMORY", "INDEX_NOT_CHECKED", "INDEX_NOT_COVERED")
# The law that was in the table when it was recorded: another table is another environment.
_LAW = ("listings", "listing_common")
# The official list by which it was told, of the parameters.
_LIST = "official_list"
# The ledger keeps hashes of what a finding was compared with, and not the files.
_NOT_REPEATED = ("compared_with", "elimination")
# Of findings of other kinds: sentences, formed from the figures in the language of who ran it.
_SENTENCES = ("result", "explanation")
# In that language, too; of a mixture limits are figures, of an origin they stand in the model.
_SAID_LIMITS = ("network", "radiocarbon", "series", "methylation")
# What findings of older versions do not have.
_ADDED = (
    "searched", "demonstration", "read_with", "reference", "index", "fit", "differentiation", "theta",
    "beyond_reference", "suspect_labels", "locus_recognised", "exemplars",
)  # fmt: skip
# Warnings that older versions did not know: they stand among what is noted anew, and are no difference.
_ADDED_WARNINGS = ("NO_FIT",)
# Profiles that older versions kept beside a questioned one, where fewer match; now the tenth is kept, too.
_FORMERLY_KEPT = 9


@dataclass(frozen=True)
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
    differences: tuple[tuple[str, object, object], ...]
    environment: tuple[tuple[str, object, object], ...]
    not_repeated: tuple[str, ...] = ()
    by_default: bool = False
    noted: tuple[str, ...] = ()
    library: dict = field(default_factory=dict)

    def to_dict(self) -> dict:
        """Return plain values for JSON."""
        return asdict(self)


def add_priors(
    statement: dict,
    ledger: Reader,
    libraries: Sequence[Library],
    identify: Callable[..., object],
) -> None:
    """Put into a statement the calls at `PRIORS`; nothing where a finding cannot be recomputed.

    Parameters
    ----------
    statement : dict
        Is changed: ``priors`` of each identification, ``priors_missing`` where there are none.
    ledger : Reader
    libraries : sequence of Library
        Among which that of a finding is looked for, by its SHA-256.
    identify : callable
        `forensics.identify`.
    """
    for finding in statement["findings"]:
        if not is_call(finding):
            continue
        named = (finding["library"] or {}).get("sha256")
        library = next((one for one in libraries if one.is_known_as(named)), None)
        if library is None:
            finding["priors_missing"] = _("the library that it used was not given")
            continue
        # What it is, and not what a hand may have written into the finding.
        finding["library"]["demonstration"] = library.demonstration
        event = ledger.event(finding["event"])
        try:
            again = recompute(ledger, event, library, identify)
            asked = float(again["provenance"]["parameters"]["in_library_prior"])
            calls = [
                again
                if prior == asked
                else recompute(ledger, event, library, identify, in_library_prior=prior)
                for prior in PRIORS
            ]
        except CannotRecompute as error:
            finding["priors_missing"] = str(error)
            continue
        found = _compared(event, again, libraries)
        _tell(finding, found, [place for place, _before, _again in found.differences])
        finding["priors"] = [
            {
                "prior": str(prior),
                **{name: call[name] for name in ("status", "rank", "taxon", "probability")},
                "none": _none(call),
                "not_excluded": not_excluded(call),
            }
            for prior, call in zip(PRIORS, calls)
        ]
        add_reported(finding, [call.get("probabilities") for call in calls])


def add_again(
    statement: dict,
    ledger: Reader,
    libraries: Sequence[Library],
    identify: Callable[..., object],
    *,
    models: Callable[[], Sequence[Model]],
    reads: Sequence[str | os.PathLike] = (),
) -> None:
    """Put into a statement what findings of other kinds give when they are computed again.

    Parameters
    ----------
    statement : dict
        Is changed: ``again`` of each finding with figures that is no identification: ``same``,
        ``differs``, or None with the reason in ``again_missing``; ``again_by_default`` where its
        tables were read with the default options; ``differs``, ``noted`` as of an identification.
    ledger : Reader
    libraries, identify, models, reads
        As of `reproduce`; models are opened where a finding needs one.
    """
    models = cache(models)
    for finding in statement["findings"]:
        if is_call(finding) or not finding["result"]:
            continue
        try:
            found = reproduce(
                ledger,
                finding["event"],
                libraries,
                identify,
                models=models,
                reads=reads,
                checked=False,  # pictures have a check of their own
            )
        except CannotRecompute as error:
            finding["again"], finding["again_missing"] = None, str(error)
            continue
        _tell(finding, found, [
            place for place, before, now in found.differences if not _close(before, now)
        ])  # fmt: skip
        finding["again"] = "differs" if finding["differs"] else "same"
        finding["again_by_default"] = found.by_default


def _tell(finding: dict, found: Reproduction, differs: list[str]) -> None:
    """Put what came of computing a finding again into it.

    ``noted`` are its limits and warnings, formed anew; of one that came out otherwise they are none
    of it. Nobody accepted a library for a result that was not computed from it.
    """
    finding["differs"], finding["noted"] = differs, None if differs else list(found.noted)
    if finding.get("library") and "demonstration" in found.library:
        finding["library"]["demonstration"] = found.library["demonstration"]
    if any(place.split(".")[0] == "library" for place in differs):
        finding["accepted"], finding["errors"] = None, dict.fromkeys(finding["errors"])


def _close(one: object, other: object) -> bool:
    """Return whether a recorded text and a number that was computed differ in the last digits alone.

    A name may look like a number: what was computed says what is one.
    """
    if not isinstance(one, str) or not isinstance(other, Computed):
        return False
    try:
        return repr(float(one)) == one and math.isclose(float(one), float(other), rel_tol=CLOSE)
    except ValueError:
        return False


def _none(call: dict) -> str | None:
    """Return the probability that the library lacks the species."""
    return ((call.get("probabilities") or {}).get("species") or {}).get("none")


def reproduce(
    ledger: Reader,
    seq: int,
    libraries: Sequence[Library],
    identify: Callable[..., object],
    *,
    models: Callable[[], Sequence[Model]] = tuple,
    reads: Sequence[str | os.PathLike] = (),
    checked: bool = True,
) -> Reproduction:
    """Compute a past finding again from its recorded inputs and compare everything.

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
    checked : bool
        Whether all attachments are compared with what was recorded, also those from which nothing is
        computed, such as pictures.

    Raises
    ------
    UsageError
        If the event is no finding.
    CannotRecompute
        If what is needed is missing or was never recorded: the input in the ledger, the library, the
        model; with what to do by hand.
    AttachmentAltered
        If a file that was attached is another one now.
    """
    event = ledger.event(seq)
    if event.type != "finding":
        raise UsageError(_("Event {seq} is no finding.").format(seq=seq))
    if checked:
        check_attachments(ledger, event)
    form = form_of(event)
    if event.fields["kind"] != "identification" or form == "mixture":
        again = recompute_other(
            ledger, event, models() if form == "origin" else (), libraries=libraries,
            identify=identify, reads=reads,
        )  # fmt: skip
        return _compared(event, again, libraries, by_default=is_read_by_default(event))
    library = library_of(event, event.fields.get("library"), libraries)
    return _compared(event, recompute(ledger, event, library, identify), libraries)


def _compared(
    event: Event, again: dict, libraries: Sequence[Library], *, by_default: bool = False
) -> Reproduction:
    """Return a recorded finding beside what was computed again."""
    again = dict(again)
    made, renamed = _under_former_name(event, again.pop("provenance"), libraries)
    recorded = _provenance(event)
    asked = recorded.get("parameters") or {}
    left_out = tuple(name for name in _NOT_REPEATED if asked.get(name))
    before = dict(event.fields["result"])
    for one in (before, again):
        if isinstance(one.get("warnings"), list):
            one["warnings"] = [told for told in one["warnings"] if not _is_of_the_run(told)]
    form, noted = form_of(event), _noted(again)
    _drop_added(before, again)
    if form == "match":
        _drop_tenth_profile(before, again)
    if event.fields["kind"] != "identification" or form == "mixture":
        for name in (*_SENTENCES, *(("limits",) if form in _SAID_LIMITS else ())):
            before.pop(name, None), again.pop(name, None)
    law_before, law = ({name: one.pop(name, None) for name in _LAW} for one in (before, again))
    found = [
        *differences(before, again, added=_ADDED),
        *(
            one
            for one in differences(asked, made["parameters"], "parameters")
            if one[0].split(".")[1] not in (*_NOT_REPEATED, _LIST)
        ),
        *differences(event.fields.get("library"), made["library"]["sha256"], "library"),
        *differences(recorded.get("library"), made["library"], "library", added=_ADDED),
        *differences(recorded.get("input"), made["input"], "input", added=_ADDED),
        *_names_differ(event, recorded.get("input")),
        *differences(recorded.get("software"), made["software"], "software"),
    ]
    environment = [
        one
        for name in ("version", "dependencies")
        for one in differences(recorded.get(name), made.get(name), name)
    ]
    environment += renamed
    if "tables" in recorded:
        tables = made.get("tables")
        environment += differences(recorded["tables"], tables, "tables", added=_ADDED)
    environment += differences(law_before, law)
    environment += differences(
        asked.get(_LIST), made["parameters"].get(_LIST), f"parameters.{_LIST}"
    )
    return Reproduction(
        event.seq,
        event.fields["case"],
        event.fields["thing"],
        event.fields["kind"],
        not found,
        tuple(found),
        tuple(environment),
        left_out,
        by_default,
        noted,
        made["library"],
    )


def _under_former_name(
    event: Event, made: dict, libraries: Sequence[Library]
) -> tuple[dict, list[tuple[str, object, object]]]:
    """Return the provenance with the name of the library that the finding has, and what it has now.

    The SHA-256 of version 0.1.0 did not cover the indexes of a library.
    """
    named, now = event.fields.get("library"), made["library"].get("sha256")
    if named == now or not any(one.sha256 == now and one.is_known_as(named) for one in libraries):
        return made, []
    return {**made, "library": {**made["library"], "sha256": named}}, [
        ("library.sha256", named, now)
    ]


def _drop_added(before: dict, again: dict) -> None:
    """Take out of `again` the warnings of checks that a finding of an older version does not record."""
    if is_checked(before) or not isinstance(again.get("warnings"), list):
        return
    again["warnings"] = [
        warning for warning in again["warnings"] if warning["code"] not in _ADDED_WARNINGS
    ]


def _drop_tenth_profile(before: dict, again: dict) -> None:
    """Take out of `again` the profile that older versions did not keep; never a match."""
    recorded, matches = before.get("matches"), again["matches"]
    if (
        isinstance(recorded, list)
        and len(recorded) == _FORMERLY_KEPT
        and len(matches) == _FORMERLY_KEPT + 1
        and not matches[-1]["matches"]
    ):
        again["matches"] = matches[:-1]


def _is_of_the_run(warning: object) -> bool:
    return isinstance(warning, dict) and warning.get("code") in _OF_THE_RUN


def _noted(again: dict) -> tuple[str, ...]:
    """Return the limits and warnings of what was computed."""
    limits = again.get("limits")  # of a mixture they are figures
    warned = [str(one["message"]) for one in again.get("warnings") or ()]
    return tuple(dict.fromkeys([*(limits if isinstance(limits, list) else ()), *warned]))


def _names_differ(event: Event, read: object) -> Iterator[tuple]:
    """Yield the files that were read and have another name than that under which they are attached."""
    attached = names_attached(event)
    read = read if isinstance(read, dict) else {}
    for number, one in enumerate(read.get("files") or [read]):
        known = attached.get(str(one.get("sha256"))) if isinstance(one, dict) else None
        name = base_name(one.get("file")) if known else ""
        if known and (nfc(name) if is_assigned(name) else name) not in known:
            place = f"input.files.{number}.file" if read.get("files") else "input.file"
            yield place, one.get("file"), min(known)


def _provenance(event: Event) -> dict:
    found = event.fields.get("provenance")
    return found if isinstance(found, dict) else {}


def differences(
    one: object, other: object, path: str = "", *, words: bool = False, added: Sequence[str] = ()
) -> Iterator[tuple]:
    """Yield path and both values wherever two plain values differ.

    Words for people and names of files are compared only where `words` says so, and keys of `added`,
    which older versions did not write, only where `one` has them.
    """
    if isinstance(one, dict) and isinstance(other, dict):
        for name in dict.fromkeys([*one, *other]):
            only = name in one and name not in other  # words where none belong are no words of ours
            if (name in _WORDS and not words and not only) or (name in added and name not in one):
                continue
            place = f"{path}.{name}" if path else str(name)
            yield from differences(one.get(name), other.get(name), place, words=words, added=added)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (left, right) in enumerate(zip(one, other)):
            place = f"{path}.{number}" if path else str(number)
            yield from differences(left, right, place, words=words, added=added)
    elif one != other:
        yield path, one, other
