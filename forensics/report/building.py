"""From a ledger to the file of a report: what is on record, what is computed again, and the pages."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Required, TypedDict, Unpack

from forensics.barcode.identification import Identification
from forensics.barcode.options import EVEN_PRIOR
from forensics.barcode.reference.library import UNIT, Library
from forensics.custody.budgets import MAX_PDF_BYTES
from forensics.custody.reader import Reader
from forensics.errors import RefusedError, UsageError
from forensics.io.files import AnyPath, check_new, read_limited, write_new
from forensics.messages import _, language
from forensics.reanalysis.comparison import (
    Reproduction,
    compare_with_recorded,
    differences,
    identify_again,
    recompute,
    recompute_identification,
)
from forensics.reanalysis.comparison import reproduce as reproduce
from forensics.reanalysis.recorded import CannotRecompute, Sources
from forensics.report.collecting import ErasedValues, collect
from forensics.report.details import Details
from forensics.report.layout import Template, read_template
from forensics.report.linter import check, draft_reasons
from forensics.report.pages import BUNDLE, FORMATS, render
from forensics.report.printed import Printed
from forensics.report.problems import Problem
from forensics.report.reported import (
    MAX_CANDIDATES,
    add_listings,
    conservative_call,
    is_call,
    not_excluded,
    notices_of_law,
)
from forensics.report.sampling import add_bounds
from forensics.report.statement import (
    Bin,
    ComparedRecord,
    ExaminedSequence,
    Finding,
    PriorCall,
    Statement,
    TemplateMark,
)
from forensics.taxonomy.listings.results import Protection

if TYPE_CHECKING:
    from forensics.origin.models import Model
    from forensics.taxonomy.listings.official import Official
    from forensics.taxonomy.listings.package import Law


PRIORS = (0.1, EVEN_PRIOR, 0.9)
"""Priors that the library holds the species, under which a call is shown."""


@dataclass(frozen=True)
class Report:
    """A report that was built.

    Attributes
    ----------
    content : Statement
        Everything it says.
    problems : tuple of Problem
        What it lacks or must not say.
    """

    content: Statement
    problems: tuple[Problem, ...]

    @property
    def statement(self) -> dict[str, Any]:
        """Everything it says as plain values: the report in JSON."""
        return self.content.to_dict()

    @property
    def notices(self) -> list[str]:
        """What the first page says of a list of Appendices that is older than the day in question."""
        return notices_of_law(self.content)

    @property
    def draft(self) -> bool:
        """Whether it is but a draft."""
        return bool(self.content.draft)


def check_output(path: AnyPath) -> Path:
    """Check, before any work, that a report can be written to a new file of this name.

    Raises
    ------
    UsageError
        If the name ends in none of `FORMATS`, or the file exists.
    """
    path = Path(path)
    if path.suffix.lower() not in FORMATS:
        raise UsageError(
            _("A report is written as {known}; {path} ends in none of them.").format(
                known=", ".join(FORMATS), path=path
            )
        )
    check_new(path)
    return path


class Basis(TypedDict, total=False):
    """What a report is built from besides its ledger and the details; `identify` alone is required.

    Attributes
    ----------
    identify : callable
        `forensics.identify`, for the calls at other priors and for mixtures.
    libraries : sequence of Library
        That the findings used.
    models : callable
        Returns the models of origin that the findings used; default: the packaged ones.
    reads : sequence of path
        Files and folders in which the read files of mixtures are looked for by their SHA-256. Without them
        mixtures are not computed again, and the report says so.
    findings : sequence of int, optional
        Events of the findings to report; default: all of the case.
    template : Template
        Default: the packaged one.
    national : sequence of Protection
        Rows of schedules of national law (`forensics.taxonomy.listings.read_schedule`).
    law : Law or Official, optional
        A law package (`forensics.taxonomy.listings.open_law`) or an official list alone, which counts where the
        packaged table differs; the report says which it was.
    """

    identify: Required[Callable[..., object]]
    libraries: Sequence[Library]
    models: Callable[[], Sequence["Model"]]
    reads: Sequence[AnyPath]
    findings: Sequence[int] | None
    template: Template
    national: Sequence[Protection]
    law: "Law | Official | None"


def build_report(
    ledger: Reader,
    case: str,
    details: Details,
    *,
    draft: bool = False,
    output: AnyPath | None = None,
    bundle: AnyPath | None = None,
    **basis: Unpack[Basis],
) -> Report:
    """Build the report of a case.

    Rebuilt from the same ledger, details, template, bundle and libraries, it has the same bytes.

    Parameters
    ----------
    ledger : Reader
        Nothing is written to it.
    case : str
    details : Details
    draft : bool
        Build it as a draft, whatever is missing.
    output : path, optional
        A new file; its ending says what is written.
    bundle : path, optional
        What was disclosed of the case (`forensics.custody.disclosure.disclose_case`), to be put into a PDF.
    **basis
        See `Basis`.

    Raises
    ------
    UsageError
        If the case, a finding or the output is none, or the bundle is not of this case and ledger.
    RefusedError
        If it lacks something and is to be no draft.
    """
    path = check_output(output) if output is not None else None
    content = None
    if bundle is not None:
        if path is None or path.suffix.lower() != ".pdf":
            raise UsageError(_("A bundle is put into a report that is written as .pdf."))
        content = read_limited(bundle, MAX_PDF_BYTES)
        if not is_disclosed(ledger, case, sha256(content).hexdigest()):
            raise UsageError(
                _(
                    "{path} is no bundle of case {case} that this ledger records as disclosed; make it "
                    "with forensics custody disclose."
                ).format(path=bundle, case=case)
            )
    template = basis["template"] = basis.get("template") or read_template()
    statement = build_statement(ledger, case, details, draft=draft, **basis)
    problems = check(statement, template)
    refused = [problem for problem in problems if problem.refuses]
    if refused and not draft:
        raise RefusedError(
            "REPORT-CONTENT",
            _("the report is incomplete; --draft builds it all the same:")
            + "".join(f"\n  {problem}" for problem in refused),
        )
    if path is not None:
        write_new(path, render(statement, template, path.suffix.lower(), content))
    return Report(statement, tuple(problems))


def is_disclosed(ledger: Reader, case: str, digest: str) -> bool:
    """Return whether a ledger records a bundle of a case with this SHA-256."""
    return any(
        event.type == "disclose" and event.fields.get("bundle") == digest
        for event in ledger.events(case=case)
    )


def build_statement(
    ledger: Reader, case: str, details: Details, *, draft: bool = False, **basis: Unpack[Basis]
) -> Statement:
    """Return everything that a report says; see `build_report`."""
    # As Python would say it: a misspelt name must not be passed over.
    if unknown := basis.keys() - Basis.__annotations__.keys():
        raise TypeError(f"a report is not built from {', '.join(sorted(unknown))}")
    if "identify" not in basis:
        raise TypeError("a report is built with identify=forensics.identify")
    template = basis.get("template") or read_template()
    sources = Sources(
        basis["identify"],
        basis.get("libraries", ()),
        cache(basis.get("models", _known_models)),
        basis.get("reads", ()),
    )
    statement = replace(
        collect(ledger, case, details, findings=basis.get("findings")),
        template=TemplateMark(template.name, template.version, template.sha256),
        shown_in=language(),
    )
    statement = add_priors(statement, ledger, sources)
    statement = add_reproductions(statement, ledger, sources)
    statement = add_bounds(statement)
    statement = add_listings(
        statement, basis.get("national", ()), basis.get("law"), ledger.state.libraries
    )
    reasons = draft_reasons(statement)
    if draft and not reasons:
        reasons = [_("a draft was requested.")]
    return replace(statement, draft=tuple(reasons))


def _known_models() -> list["Model"]:
    from forensics.origin.models import open_model, packaged_models

    return [open_model(name) for name in packaged_models()]


@contextmanager
def _ledger_of_then(ledger: Reader, statement: dict[str, Any]) -> Iterator[Reader]:
    """Yield the ledger with as many events as it had when a report was built.

    What the report says must hold then; a ledger that has grown since does not make it false. Where the
    stated size cannot be right, it is the whole ledger, and the sizes differ.
    """
    size = statement["ledger"]["size"]
    findings = [finding["event"] for finding in statement["findings"]]
    if type(size) is not int or not max([0, *findings]) < size < ledger.size:
        yield ledger
        return
    with Reader(ledger.path, most=size) as then:
        yield then if statement["case"]["id"] in then.state.cases else ledger


def check_language(statement: Mapping[str, Any]) -> None:
    """Refuse to compare the words of a report in another language than that of this run.

    Raises
    ------
    UsageError
    """
    if statement["shown_in"] != language():
        raise UsageError(
            _(
                "The report is in the language {shown}, and its words are compared. Run the "
                "check in that language (--lang {shown}), not in {now}."
            ).format(shown=statement["shown_in"], now=language())
        )


def compare(
    statement: dict[str, Any], ledger: Reader, details: Details, **basis: Unpack[Basis]
) -> list[Problem]:
    """Return where a report in JSON says something else than its ledger and details.

    Parameters
    ----------
    statement : dict
        Read from the file; `check` found its form right.
    ledger : Reader
    details : Details
    **basis
        As it was built with, see `Basis`; `findings` are those of the report.

    Raises
    ------
    UsageError
        If it was built in another language: its words could not be compared. If it was built with an
        official list of Appendices and none is given.
    """
    check_language(statement)
    if (listed := statement.get("official_list")) and basis.get("law") is None:
        raise UsageError(
            _(
                "The report was built with the law package {file} of {as_of}, SHA-256 {sha256}; give it "
                "with --law."
            ).format(file=listed["file"], as_of=listed["as_of"], sha256=listed["sha256"])
        )
    case = statement["case"]["id"]
    findings = [finding["event"] for finding in statement["findings"]]
    with _ledger_of_then(ledger, statement) as then:
        rebuilt = build_statement(then, case, details, **basis | {"findings": findings}).to_dict()
        later = [event.seq for event in ledger.events(case=case, first=then.size + 1)]
        size = then.size
    problems = [Problem("GROWN", "ledger.size", ", ".join(map(str, later)))] if later else []
    erased: ErasedValues | None = None
    # Warnings and names of files are of the ledger in both, and printed.
    for place, stated, now in differences(statement, rebuilt, words=True):
        if place.split(".")[0] in ("draft", "shown_in", "software"):
            continue
        if erased is None:
            erased = ErasedValues(ledger, size, case, details, findings)
        problems.append(
            erased.find_problem(place, stated)
            or Problem("FALSE", place, f"{stated!r} ≠ {now!r}"[:200])
        )
    return problems


def compare_bundle(printed: Printed, statement: Mapping[str, Any], ledger: Reader) -> list[Problem]:
    """Return whether the bundle inside a PDF is none that its ledger records as disclosed."""
    digest = printed.hashes.get(BUNDLE)
    if digest is None or is_disclosed(ledger, statement["case"]["id"], digest):
        return []
    return [Problem("FALSE", BUNDLE, digest)]


# -- what is computed again ------------------------------------------------------------


def add_reported(
    finding: Finding, probabilities: Sequence[Mapping[str, Mapping[str, Any]] | None]
) -> Finding:
    """Return a finding with the probability, under each prior, of the taxon that is reported in the end.

    Parameters
    ----------
    finding : Finding
    probabilities : sequence of mapping
        Of the call under each prior: rank to taxon to probability.
    """
    call = conservative_call(finding)
    return replace(
        finding,
        priors=tuple(
            replace(
                prior,
                reported=((of_rank or {}).get(call.rank or "") or {}).get(call.taxon)
                if call.taxon
                else None,
            )
            for prior, of_rank in zip(finding.priors or (), probabilities)
        ),
    )


def add_priors(statement: Statement, ledger: Reader, sources: Sources) -> Statement:
    """Return a statement with the calls at `PRIORS` of each identification, or why there are none."""
    return replace(
        statement,
        findings=tuple(
            _with_priors(finding, ledger, sources) if is_call(finding) else finding
            for finding in statement.findings
        ),
    )


def _with_priors(finding: Finding, ledger: Reader, sources: Sources) -> Finding:
    recorded_library = finding.library or {}
    sha256 = recorded_library.get("sha256")
    library = next((each for each in sources.libraries if each.sha256 == sha256), None)
    if library is None:
        return replace(finding, priors_missing=_("its library was not given"))
    # What it is, and not what a hand may have written into the finding.
    finding = replace(finding, library={**recorded_library, "demonstration": library.demonstration})
    event = ledger.event(finding.event)
    try:
        result, computed = identify_again(ledger, event, library, sources.identify, alignments=True)
        recorded_prior = float(computed["provenance"]["parameters"]["in_library_prior"])
        calls = [
            computed
            if prior == recorded_prior
            else recompute_identification(
                ledger, event, library, sources.identify, in_library_prior=prior
            )
            for prior in PRIORS
        ]
    except CannotRecompute as error:
        return replace(finding, priors_missing=error.reason)
    reproduction = compare_with_recorded(event, computed)
    finding = replace(
        _with_reproduction(finding, reproduction),
        examined=_examined(result, library),
        priors=tuple(
            PriorCall(
                prior=str(prior),
                status=call["status"],
                rank=call["rank"],
                taxon=call["taxon"],
                probability=call["probability"],
                none=_probability_of_none(call),
                not_excluded=tuple(not_excluded(call)),
                **(_evidence(call) if prior == EVEN_PRIOR else {}),
            )
            for prior, call in zip(PRIORS, calls)
        ),
    )
    return add_reported(finding, [call.get("probabilities") for call in calls])


def _examined(result: Identification, library: Library) -> ExaminedSequence | None:
    """Return what was examined; None of a sequence that could not be."""
    if not result.sequence:
        return None
    nearest = result.candidates[:MAX_CANDIDATES]
    known = {}
    if result.locus and nearest:
        index, wanted = library.index(result.locus), {each.accession for each in nearest}
        known = {
            record.accession: record
            for each in nearest
            for record in map(index.record, index.positions_labelled(each.species))
            if record.accession in wanted
        }
    return ExaminedSequence(
        sequence=result.sequence,
        primers=tuple(each.message for each in result.notices if each.code == "PRIMERS_TRIMMED"),
        records=tuple(
            ComparedRecord(
                each.species,
                each.accession,
                differences=tuple(
                    f"{place} {base}/{other}" for place, base, other in aligned.differences
                ),
                **{
                    name: getattr(known.get(each.accession), name, "")
                    for name in ("voucher", "institution", "country")
                },
            )
            for each, aligned in zip(nearest, result.alignments)
        ),
    )


def add_reproductions(statement: Statement, ledger: Reader, sources: Sources) -> Statement:
    """Return a statement with what findings of other kinds give when they are computed again.

    Of each finding with figures that is not an identification `again` is ``same`` or ``differs``, or None with
    the reason in `again_missing`.
    """

    def compute(finding: Finding) -> Finding:
        try:
            # Pictures have a check of their own.
            reproduction = recompute(ledger, ledger.event(finding.event), sources)
        except CannotRecompute as error:
            return replace(finding, again=None, again_missing=error.reason)
        return replace(
            _with_reproduction(finding, reproduction),
            again="same" if reproduction.same else "differs",
            again_by_default=reproduction.by_default,
            reliability=tuple(_reliability(finding, sources)),
        )

    return replace(
        statement,
        findings=tuple(
            finding if is_call(finding) or not finding.result else compute(finding)
            for finding in statement.findings
        ),
    )


def _reliability(finding: Finding, sources: Sources) -> Iterator[Bin]:
    """Yield how often the model of an origin was right, by the posterior that it stated."""
    if finding.read.kind != "origin":
        return
    sha256 = (finding.library or {}).get("sha256")
    model = next((each for each in sources.models() if each.sha256 == sha256), None)
    evaluation = model.card.get("evaluation") if model is not None else None
    if isinstance(evaluation, Mapping):
        for part in (evaluation.get("leave-one-out") or {}).get("reliability") or ():
            yield Bin(part["stated"], part["animals"], round(part["right"] * part["animals"]))


def _with_reproduction(finding: Finding, reproduction: Reproduction) -> Finding:
    """Return a finding with what came of computing it again.

    What is `noted` are its limits and warnings, formed anew; of a result that came out otherwise they
    say nothing. Nobody accepted a library for a result that was not computed from it.
    """
    differing = [place for place, _before, _now in reproduction.differences]
    library = finding.library
    if library and "demonstration" in reproduction.library:
        library = {**library, "demonstration": reproduction.library["demonstration"]}
    finding = replace(
        finding,
        differs=tuple(differing),
        noted=None if differing else tuple(reproduction.noted),
        library=library,
    )
    if any(place.split(".")[0] == "library" for place in differing):
        return replace(finding, accepted=None, errors=dict.fromkeys(finding.errors))
    return finding


def _evidence(call: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a likelihood ratio follows from; nothing where no species may be named."""
    if call["rank"] not in ("species", UNIT):
        return {}
    interval = call.get("probability_interval")
    return {
        "shares": (call.get("probabilities") or {}).get("species") or {},
        "interval": interval and tuple(interval),
        "missing": tuple(call.get("missing_congeners") or ()),
    }


def _probability_of_none(call: Mapping[str, Any]) -> Any:
    """Return the probability that the library lacks the species."""
    species = (call.get("probabilities") or {}).get("species") or {}
    return species.get("none")
