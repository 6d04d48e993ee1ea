"""A sample's way from its files to its result.

`identify` is the function for scripts: it reads the inputs, and `forensics.barcode.examination.Examination` takes
each query to its result. `examine` does that for samples of a case and records the results, with the listings, in
the ledger; the report is built from there (`forensics.report.building`).
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Unpack, cast

from forensics.barcode.examination import Examination
from forensics.barcode.identification import Identification
from forensics.barcode.options import IdentifyArguments, IdentifyOptions
from forensics.barcode.reading.inputs import SequenceInput, as_queries, count_sequences
from forensics.barcode.reading.reads import Query
from forensics.barcode.reference.library import EMBEDDED, Library, open_library
from forensics.barcode.run import Identifications, follow
from forensics.core.progress import Progress
from forensics.errors import InputError
from forensics.io.files import AnyPath, sha256

if TYPE_CHECKING:
    from forensics.barcode.matching.cluster import Cluster
    from forensics.barcode.reading.samples import Sample
    from forensics.custody.appending import Receipt
    from forensics.custody.ledger import Ledger
    from forensics.custody.reader import Event
    from forensics.taxonomy.listings.official import Official
    from forensics.taxonomy.listings.package import Law
    from forensics.taxonomy.listings.table import Specimen

__all__ = ["Examined", "examine", "identify", "identify_each"]


def identify(
    inputs: SequenceInput,
    *,
    library: Library | AnyPath = EMBEDDED,
    law: "Law | Official | None" = None,
    jobs: int = 1,
    scheduler: "str | Cluster | None" = None,
    check_library: bool = False,
    errors: Literal["report", "raise"] = "report",
    name_column: str | None = None,
    sequence_column: str | None = None,
    progress: bool | Callable[[int, int | None], object] = False,
    **options: Unpack[IdentifyArguments],
) -> Identifications:
    """Identify sequences.

    Parameters
    ----------
    inputs : path, str, Bio.Seq.Seq, Bio.SeqRecord.SeqRecord, pandas.DataFrame, pandas.Series, mapping \
or iterable of them
        See `forensics.barcode.reading.inputs.as_queries`.
    library : Library, str or path
        An opened library, its folder, or ``embedded``.
    law : Law or Official, optional
        A law package (`forensics.taxonomy.listings.open_law`) or an official list alone, which counts
        where the packaged table differs. The parameters of the result say which it was.
    jobs : int
        Searches at once, each in a thread; they change no result.
    scheduler : str or Cluster, optional
        Address of a Dask scheduler whose workers search instead, or one that was reached
        (`forensics.barcode.matching.cluster`); it changes no result.
    check_library : bool
        Whether to compare the index with the SHA-256 of the library whatever that costs, as a result
        for the ledger needs it. Otherwise that is done where it takes under a fifth of the run
        (`forensics.barcode.reference.library`), and the result says whether it was.
    errors : str
        What becomes of a file that cannot be read: with ``report`` a result of the status
        ``unusable`` with the warning ``UNREADABLE``, while the others are examined; with ``raise`` an
        `InputError`, and there are no results.
    name_column, sequence_column : str, optional
        Columns of a DataFrame, where they are not to be found by their names. Its other columns, and
        a named index, come back in `Identifications.to_frame`.
    progress : bool or callable
        With True a bar on standard error; where that is not a terminal, a line of the log now and
        then (`forensics.examination`, level INFO). A callable gets how many sequences are
        done, and of how many: None where the inputs would have to be read to know.
    **options
        What decides the calls and is added to them, such as ``locus`` or ``reasons``: the fields of
        `forensics.barcode.options.IdentifyOptions`.

    Returns
    -------
    Identifications
        One for every sequence, in their order.

    Raises
    ------
    InputError
        If no input can be read, or one of them where `errors` is ``raise``.
    LibraryError
        If the library cannot be opened.
    VerificationError
        If the index is not the one that the library's SHA-256 stands for.
    UsageError
        If the library lacks the locus, the floor is no share, or the criteria are no profile.

    Examples
    --------
    >>> from forensics.io.files import folder
    >>> query = folder("reference_sequences") / "demonstration" / "scale.fasta"
    >>> identify(query)[0].taxon
    'Manis temminckii'
    """
    queries = as_queries(
        inputs, errors=errors, name_column=name_column, sequence_column=sequence_column
    )
    return Identifications(
        follow(
            identify_each(
                queries,
                library=library,
                law=law,
                jobs=jobs,
                scheduler=scheduler,
                check_library=check_library,
                **options,
            ),
            progress,
            count_sequences(inputs) if progress else None,
        )
    )


def identify_each(
    queries: Iterator[Query],
    *,
    library: Library | AnyPath = EMBEDDED,
    law: "Law | Official | None" = None,
    jobs: int = 1,
    scheduler: "str | Cluster | None" = None,
    check_library: bool = False,
    progress: Progress | None = None,
    **options: Unpack[IdentifyArguments],
) -> Iterator[Identification]:
    """Identify queries one by one as they come; see `identify`.

    `progress` is called with how far a long sequence has come (`forensics.core.progress.Progress`).
    """
    # Which values will do is a matter of the options: a path for a text, a list for a tuple.
    chosen = IdentifyOptions(**cast("dict[str, Any]", options))
    examination = Examination(library, chosen, law=law)
    yield from examination.run(
        queries, jobs=jobs, scheduler=scheduler, check_library=check_library, progress=progress
    )


@dataclass(frozen=True, slots=True)
class Examined:
    """A sample of a case after its examination.

    Attributes
    ----------
    sample : str
        As the ledger has it.
    result : Identification or None
        None where the same was done before.
    receipt : Receipt or None
        Of the finding's event.
    previous_event : int
        Event of the finding that has the same input and library; 0 where there is none.
    error : InputError or None
        Why its files cannot be read; the other samples are examined all the same.
    pictures_missing : tuple of str
        Why pictures for the report are not attached.
    """

    sample: str
    result: Identification | None
    receipt: "Receipt | None"
    previous_event: int = 0
    error: InputError | None = None
    pictures_missing: tuple[str, ...] = ()


def examine(
    ledger: "Ledger",
    samples: Mapping[str, "Sample"],
    options: IdentifyOptions | None = None,
    *,
    library: Library | AnyPath = EMBEDDED,
    law: "Law | Official | None" = None,
    runs: Sequence[str] = (),
    rerun: bool = False,
    scheduler: "str | Cluster | None" = None,
) -> Iterator[Examined]:
    """Examine samples of a case: read, identify, list, record.

    ``report build`` follows, when another person has reviewed what was found.

    Parameters
    ----------
    ledger : Ledger
        With the key of the analyst.
    samples : mapping of str to Sample
        Name in the ledger to its files (`forensics.barcode.reading.samples.samples_of`).
    options : IdentifyOptions, optional
        Trees are grown for the report wherever they can be drawn.
    library : Library, str or path
    law : Law or Official, optional
        As of `identify`.
    runs : sequence of str
        Runs in the ledger that the sequences come from.
    rerun : bool
        Examine what has a finding from the same files with the same library already.
    scheduler : str or Cluster, optional
        As of `identify`; it is reached once for all samples.

    Yields
    ------
    Examined
        A sequence each, when its finding is in the ledger.

    Raises
    ------
    RefusedError
        If a rule of custody refuses a finding.
    """
    from forensics.barcode.matching.cluster import reached
    from forensics.barcode.reading.samples import read_sample
    from forensics.custody import record_identification
    from forensics.custody.findings import recorded_findings
    from forensics.pictures import can_draw, pictures_of

    options = options or IdentifyOptions()
    options = replace(options, tree=options.tree or can_draw())
    opened = library if isinstance(library, Library) else open_library(library)
    events = {} if rerun else recorded_findings(ledger, opened)
    Examination(opened, options, law=law)  # what is wrong with options is of no sample
    things = ledger.state.find_thing
    specimens = {case: _specimens(ledger, case) for case in {things(each).case for each in samples}}
    with reached(scheduler) as cluster:
        for name, sample in samples.items():
            inputs = [file for file in sample.files if os.path.isfile(file)]
            read = frozenset(sha256(Path(file)) for file in inputs)
            if previous_event := events.get((name, read)):
                yield Examined(name, None, None, previous_event)
                continue
            try:
                thing = things(name)
                known = specimens[thing.case].get(thing.root, {}) | options.specimen()
                examination = Examination(opened, replace(options, **known), law=law)
                for result in examination.run(
                    read_sample(sample), scheduler=cluster, check_library=True
                ):
                    with pictures_of(result, inputs) as pictures:
                        receipt = record_identification(
                            ledger, name, result, runs=runs,
                            inputs=[*inputs, *filter(None, [options.checklist]), *pictures.paths],
                        )  # fmt: skip
                    yield Examined(name, result, receipt, pictures_missing=pictures.missing)
            except InputError as error:
                yield Examined(name, None, None, error=error)


def _specimens(ledger: "Ledger", case: str) -> "dict[str, Specimen]":
    """Return what is recorded of the specimens of a case by exhibit, corrected as a report states it."""
    from forensics.report.corrections import apply_corrections
    from forensics.taxonomy.listings.table import known_specimen

    events: dict[int, Event] = {}
    for event in ledger.events(case=case):
        corrects_one = event.type == "correct" and event.fields["event"] in events
        if event.type in ("receive", "merge") or corrects_one:
            events[event.seq] = event
    return {
        row["exhibit"]: known_specimen(row)
        for event in apply_corrections(list(events.values()))[0]
        for row in event.fields.get("exhibits", ())
    }
