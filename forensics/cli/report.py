"""``forensics report``: the report of a case, its check, and findings computed again."""

import functools
import json
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from forensics.cli.custody_options import LEDGER, PASSPHRASE, open_for_reading, source
from forensics.cli.options import (
    LAW,
    CommandGroup,
    file_path,
    new_file,
    open_law_of,
    option,
    output_option,
    path_option,
    shared,
)
from forensics.cli.output import RECORDS, Writer, note, written
from forensics.core.options import Group
from forensics.errors import InputError, UsageError, VerificationError
from forensics.io.files import load_json, read_limited, read_start
from forensics.messages import _, ngettext

if TYPE_CHECKING:
    from forensics.reanalysis.comparison import Reproduction
    from forensics.report.building import Basis
    from forensics.report.layout import Template
    from forensics.report.printed import Printed
    from forensics.report.problems import Problem
    from forensics.report.signing import Signature

_LIBRARIES = option(
    "--library",
    "libraries",
    multiple=True,
    metavar="DIR|NAME",
    help=_(
        "Library with which a finding is recomputed: the one it used; default: the embedded one."
    ),
)
_MODELS = option(
    "--model",
    "models",
    multiple=True,
    metavar="DIR|NAME",
    help=_(
        "Model of origin with which a finding is recomputed: the one it used; default: the "
        "packaged ones. May be repeated."
    ),
)
_READS = option(
    "--reads",
    "reads",
    type=click.Path(path_type=Path, exists=True),
    multiple=True,
    metavar="DIR|FILE",
    help=_(
        "Read files of a mixture, or a folder that holds them, to recompute it; they are "
        "recognised by their SHA-256. May be repeated. Takes as long as the mixture took."
    ),
)
_TEMPLATE = path_option(
    "--template",
    "template_folder",
    folder=True,
    group=Group.OUTPUT,
    help=_("Folder of the laboratory's own template."),
)
_COMPUTED_FROM = (_LIBRARIES, _MODELS, _READS)
_SHARED = (*_COMPUTED_FROM, _TEMPLATE, LAW)


class _Given(NamedTuple):
    """What the command line says a report is built from; `basis` opens the rest of it."""

    template: "Template"
    basis: Callable[[], "Basis"]


def _basis_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Put the options on a command that say what a report is built from; it gets `_Given`."""

    @functools.wraps(function)
    def call(
        *, libraries: tuple[str, ...], models: tuple[str, ...], reads: tuple[Path, ...],
        template_folder: Path | None, law_folder: Path | None, **values: Any,
    ) -> Any:  # fmt: skip
        from forensics.report.layout import STANDARD, read_template

        template = read_template(template_folder or STANDARD)
        law = open_law_of(law_folder)

        def basis() -> "Basis":
            from forensics.examination import identify
            from forensics.report.building import Basis

            return Basis(
                identify=identify,
                libraries=_opened(libraries),
                models=_opened_models(models),
                reads=reads,
                template=template,
                law=law,
            )

        return function(given=_Given(template, basis), **values)

    return shared(*_SHARED)(call)


_FORM = written(_("Form of the output."), forms=RECORDS)
_MAX_SIZE = 256 * 2**20  # bytes of a report in JSON; its figures are in it


report = CommandGroup(
    "report",
    shares=lambda: _SHARED,
    help=_(
        "Build and check reports for a court, and recompute findings.\n\n"
        "Example: forensics report build 2026-014 --details 2026-014.toml --output report.pdf"
    ),
)


@report.command(
    help=_(
        "Build the report of a case as .pdf, .html or .json.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics report build 2026-014 --details 2026-014.toml --output report.pdf\n"
        "  forensics report build 2026-014 --details 2026-014.toml --draft --output draft.html\n\n"
        "A report is refused if it lacks what the standards ask for, or says what no report may "
        "say; every fault is named. A report built again from the same ledger has the same bytes."
    )
)
@click.argument("case")
@LEDGER
@path_option(
    "--details",
    "details_file",
    help=_(
        "TOML file with the details that the ledger does not have: question, customer, "
        "method, opinions …"
    ),
)
@output_option(
    required=True,
    help=_("A new file: .pdf, .html or .json."),
)
@option(
    "--finding",
    "findings",
    type=click.IntRange(1),
    multiple=True,
    help=_("Event of a finding to report; may be repeated; default: all of the case."),
)
@option("--draft", is_flag=True, group=Group.DECIDE, help=_("Build a draft, whatever is missing."))
@path_option(
    "--bundle",
    group=Group.OUTPUT,
    help=_("Bundle of the case (custody disclose) to be put into the PDF."),
)
@_basis_options
def build(
    case: str, ledger_path: Path, details_file: Path | None, output: Path,
    findings: tuple[int, ...], draft: bool, bundle: Path | None, given: _Given,
) -> None:  # fmt: skip
    from forensics.report.building import build_report, check_output
    from forensics.report.details import Details, read_details

    check_output(output)
    details = read_details(details_file) if details_file else Details()
    with open_for_reading(ledger_path) as ledger:
        built = build_report(
            ledger, case, details, draft=draft, output=output, bundle=bundle,
            **given.basis() | {"findings": findings or None},
        )  # fmt: skip
    for noticed in (*built.notices, *built.problems):
        note(noticed)
    click.echo(
        (_("{output}: draft") if built.draft else _("{output}: report")).format(output=output)
        + "   "
        + _("ledger {fingerprint}").format(fingerprint=built.content.ledger.fingerprint)
    )


@report.command(
    help=_(
        "Sign a report in PDF with the laboratory's certificate.\n\n"
        "Example: forensics report sign report.pdf --certificate laboratory.p12 --output signed.pdf\n\n"
        "The signature (PAdES, baseline B) is added behind the report, which stays as it is; no page "
        "shows it, and no network is used. Signed twice, a report has two different files, since a "
        "signature states its time. Only a report whose pages print the statement inside is signed, "
        "and no draft."
    )
)
@click.argument("file", type=file_path())
@path_option(
    "--certificate",
    required=True,
    setting="certificate",
    group=Group.CUSTODY,
    help=_("Certificate with its private key, as PKCS#12 or PEM."),
)
@output_option(
    required=True,
    help=_("A new file: the signed report."),
)
@PASSPHRASE
@shared(_TEMPLATE)
def sign(
    file: Path, certificate: Path, output: Path, passphrase_fd: int | None,
    template_folder: Path | None,
) -> None:  # fmt: skip
    from forensics.custody.heads import in_groups
    from forensics.io.files import write_new
    from forensics.report.building import check_language
    from forensics.report.layout import STANDARD, read_template
    from forensics.report.pages import STATEMENT
    from forensics.report.printed import check_printed
    from forensics.report.problems import refuse_any
    from forensics.report.signing import read_signer, sign

    new_file(output)
    statement, printed = _read(file)
    if printed is None:
        raise UsageError(_("Only a report that was written as .pdf is signed."))
    if statement.get("draft"):
        raise UsageError(_("{path} is a draft; no draft is signed.").format(path=file))
    check_language(statement)
    refuse_any(check_printed(printed, statement, read_template(template_folder or STANDARD)))
    question = _("Passphrase of {path}").format(path=certificate)
    write_new(output, sign(printed, read_signer(certificate, source(passphrase_fd, question))))
    digest = in_groups(printed.hashes[STATEMENT])
    click.echo(
        _("{output}: signed; statement SHA-256 {digest}").format(output=output, digest=digest)
    )


@report.command(
    help=_(
        "Check a report that was built as .pdf or .json: what it lacks, and what it must not say.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics report check report.pdf\n"
        "  forensics report check report.pdf --roots authorities.pem\n"
        "  forensics report check report.json --ledger laboratory.db --details 2026-014.toml\n\n"
        "Of a PDF it checks that the pages print the statement inside, that the bundle inside holds, "
        "and the signature. Without the ledger it checks form and wording, not whether what is said is true: an "
        "invented report passes with 0. With --ledger and --details the report is built again, "
        "and everything it says is compared. The exit code is 4 if something is missing, not "
        "allowed or false. It is 3 if all else is right, but a value was erased by order since "
        "and could not be compared, or the pages were written by another version. In JSON, compared_with_ledger says whether the ledger was "
        "compared, and not_checked what was left out."
    )
)
@click.argument("file", type=file_path())
@path_option(
    "--ledger",
    "ledger_path",
    group=Group.CUSTODY,
    help=_("Ledger of the case; needs --details."),
)
@path_option(
    "--details",
    "details_file",
    help=_("Details that it was built with; needs --ledger."),
)
@path_option(
    "--roots",
    metavar="PEM",
    setting="roots",
    group=Group.CUSTODY,
    help=_("Certificates of authorities that you trust, to check who signed a PDF."),
)
@_basis_options
@_FORM
def check(
    file: Path, ledger_path: Path | None, details_file: Path | None, roots: Path | None,
    given: _Given, writer: Writer,
) -> None:  # fmt: skip
    from forensics.report.linter import check

    if (ledger_path is None) != (details_file is None):
        raise UsageError(_("--ledger and --details go together."))
    statement, printed = _read(file)
    problems = check(statement, given.template)
    # Without the form there is nothing to compare; the problems say so.
    has_form = not any(problem.code == "FORM" for problem in problems)
    compared = False
    paper: dict[str, Any] = {}
    if printed and has_form:
        found, signature = _check_paper(printed, statement, given.template, roots)
        problems += found
        signed = signature.to_dict() if signature else None
        paper = {"files": printed.hashes, "signature": signed}
    if ledger_path and details_file and has_form:
        compared = True
        from forensics.report.building import compare, compare_bundle
        from forensics.report.details import read_details

        with open_for_reading(ledger_path) as ledger:
            problems += compare(statement, ledger, read_details(details_file), **given.basis())
            if printed:
                problems += compare_bundle(printed, statement, ledger)
    refused = [problem for problem in problems if problem.refuses]
    erased = [problem.field for problem in problems if problem.code == "ERASED"]
    is_uncompared = any(problem.code == "UNCOMPARED" for problem in problems)
    if statement.get("draft"):
        note(_("this is a draft"))
    if writer.is_json:
        writer.record(
            {
                "problems": [problem.to_dict() for problem in problems],
                "compared_with_ledger": compared,
                "not_checked": (erased if compared else ["content"])
                + (["pages"] if is_uncompared else []),
                **({"pdf": paper} if paper else {}),
            }
        )
    else:
        for problem in problems:
            writer.text(str(problem))
        if printed and paper:
            _tell_paper(writer, printed, signature, problems, has_roots=bool(roots))
        if erased:
            text = ngettext(
                "{file}: {count} value was erased by order and could not be compared",
                "{file}: {count} values were erased by order and could not be compared",
                len(erased),
            )
            writer.text(text.format(file=file, count=len(erased)))
        elif not refused and compared:
            writer.text(
                _("{file}: nothing is missing, and it says what ledger and details say").format(
                    file=file
                )
            )
        elif not compared:  # where there are problems, too: the rest may be invented
            text = (
                _(
                    "{file}: form and words only; whether it is TRUE was not checked (--ledger, --details)"
                )
                if refused
                else _(
                    "{file}: nothing is missing in form and words; whether it is TRUE was not checked "
                    "(--ledger, --details)"
                )
            )
            writer.text(text.format(file=file))
    if refused:
        sys.exit(VerificationError.exit_code)
    if erased or is_uncompared:  # the check is not complete
        sys.exit(InputError.exit_code)


def _check_paper(
    printed: "Printed", statement: dict[str, Any], template: "Template", roots: Path | None
) -> tuple[list["Problem"], "Signature | None"]:
    """Return what does not hold of a report in PDF besides its statement, and who signed it."""
    from forensics.custody.witnesses import read_roots
    from forensics.report.building import check_language
    from forensics.report.printed import check_printed
    from forensics.report.signing import check_signature

    check_language(statement)
    found, signature = check_signature(printed, read_roots(roots) if roots else ())
    return [*check_printed(printed, statement, template), *found], signature


def _tell_paper(
    writer: Writer, printed: "Printed", signature: "Signature | None",
    problems: Sequence["Problem"], *, has_roots: bool,
) -> None:  # fmt: skip
    """Say what holds of a report in PDF."""
    from forensics.custody.heads import in_groups

    if not {"PRINTED", "INSIDE", "ADDED", "UNCOMPARED"} & {one.code for one in problems}:
        writer.text(_("{file}: its pages print the statement inside").format(file=printed.path))
    for name, digest in printed.hashes.items():
        text = _("{file}: {name} inside, SHA-256 {digest}")
        writer.text(text.format(file=printed.path, name=name, digest=in_groups(digest)))
    if signature is None:
        if not printed.is_added_to:
            writer.text(_("{file}: not signed").format(file=printed.path))
        return
    writer.text(
        _(
            "{file}: certificate {serial} of {signer}, by {issuer}, valid from {first} to {last}; "
            "the signer states the time {time}"
        ).format(
            file=printed.path,
            serial=signature.serial,
            signer=signature.signer,
            issuer=signature.issuer,
            first=signature.valid_from,
            last=signature.valid_to,
            time=signature.signed_at or "–",
        )
    )
    if not has_roots:
        text = _("{file}: whether the certificate is the laboratory's was NOT checked (--roots)")
        writer.text(text.format(file=printed.path))


@report.command(
    help=_(
        "Recompute a past finding from its recorded inputs, and report any difference.\n\n"
        "Example: forensics report reproduce 19\n\n"
        "FINDING is the number of its event. The exit code is 4 if something differs or an "
        "attached file was altered, and 1 if the finding cannot be recomputed; the message says "
        "why, and what to do by hand."
    )
)
@click.argument("finding", type=click.IntRange(1))
@LEDGER
@shared(*_COMPUTED_FROM)
@_FORM
def reproduce(
    finding: int, ledger_path: Path, libraries: tuple[str, ...], models: tuple[str, ...],
    reads: tuple[Path, ...], writer: Writer,
) -> None:  # fmt: skip
    from forensics.examination import identify
    from forensics.reanalysis.comparison import reproduce

    with open_for_reading(ledger_path) as ledger:
        ledger.check_openings()
        reproduction = reproduce(
            ledger,
            finding,
            _opened(libraries),
            identify,
            models=_opened_models(models),
            reads=reads,
        )
    if writer.is_json:
        writer.record(reproduction.to_dict())
    else:
        _print_reproduction(writer, reproduction)
    if not reproduction.same:
        sys.exit(VerificationError.exit_code)


def _print_reproduction(writer: Writer, reproduction: "Reproduction") -> None:
    differs = _("{place}: recorded {before}, now {again}")
    for place, before, now in reproduction.differences:
        writer.text(
            differs.format(
                place=place,
                before=json.dumps(before, ensure_ascii=False),
                again=json.dumps(now, ensure_ascii=False),
            )
        )
    for place, before, now in reproduction.environment:
        note(differs.format(place=place, before=before, again=now))
    for name in reproduction.not_repeated:
        text = _("{name}: those files are not in the ledger; not compared again")
        note(text.format(name=name))
    if reproduction.by_default:
        note(
            _(
                "its tables were read with the default options, because the finding does not "
                "record the options of the first reading"
            )
        )
        if not reproduction.same:
            note(
                _("other options in the first reading may be the reason; record the finding again")
            )
    text = _("finding {n}: the same") if reproduction.same else _("finding {n}: DIFFERS")
    writer.text(text.format(n=reproduction.event))


@report.command(
    help=_(
        "Copy the packaged template into a new folder, to adapt it.\n\n"
        "Example: forensics report template my_template"
    )
)
@click.argument("folder", type=click.Path(path_type=Path))
def template(folder: Path) -> None:
    from forensics.report.layout import STANDARD

    new_file(folder)
    shutil.copytree(STANDARD, folder)
    click.echo(_("{folder} was made; edit the template.toml in it").format(folder=folder))


def _opened(names: Sequence[str]) -> list[Any]:
    from forensics.barcode.reference.library import EMBEDDED, open_library

    opened = [open_library(name) for name in names or (EMBEDDED,)]
    for library in opened:
        library.verify()  # by its name a finding says which one it used: that must be true
    return opened


def _opened_models(names: Sequence[str]) -> Callable[[], list[Any]]:
    """Return what opens the models: most findings need none."""

    def opened() -> list[Any]:
        from forensics.origin.models import open_model, packaged_models

        return [open_model(name) for name in names or packaged_models()]

    return opened


def _read(file: Path) -> tuple[dict[str, Any], "Printed | None"]:
    """Return what a report says, and of a PDF what is inside it."""
    from forensics.report.pages import STATEMENT
    from forensics.report.printed import is_pdf, read_printed

    printed = read_printed(file) if is_pdf(read_start(file, 5)) else None
    try:
        statement = load_json(
            printed.files[STATEMENT] if printed else read_limited(file, _MAX_SIZE)
        )
        if not isinstance(statement, dict) or "report" not in statement:
            raise ValueError(_("no table “report”"))
    except ValueError as error:
        raise InputError(
            _(
                "{path} is not a report in JSON ({error}); build it with --output report.json."
            ).format(path=file, error=error)
        ) from error
    return statement, printed
