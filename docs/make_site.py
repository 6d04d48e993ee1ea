"""Lays the pages of the site out in build/site, for the generator that mkdocs.yml sets up: python docs/make_site.py.

With a folder it looks whether the pages that were built there load anything from a network.

* Every page of docs/, where it is.
* What a page links to outside docs/, at the same path below ``project/``: Markdown as a page, anything
  else as a file. Links between the two are turned.
* Pages that are of the site alone, made from the tables of the program (`MADE`): commands, events and rules of
  custody, glossary, modules, primers, rules of seizure records, notices.
* ``reference/``: a page for each public package, made from the names that it exports.

So the generator needs no plug-in of ours, and another one that reads mkdocs.yml can take its place.
"""

import ast
import importlib
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from posixpath import dirname, join, normpath, relpath

import click

from forensics.barcode.locus import LOCI
from forensics.cli import main
from forensics.core.options import Group
from forensics.custody.fields import Field
from forensics.custody.registry import TYPES
from forensics.custody.rules import COMMON_FIELDS, FLAGS, RULES
from forensics.glossary import read_glossary
from forensics.messages import speak
from forensics.notices import Kinds
from forensics.trade import problems as trade
from forensics.trade.vocabulary import FIELDS

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "build" / "site"
OUTSIDE = "project"
TOP = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
"""Pages outside docs/ that belong to the site, whether a page links to them or not."""
PACKAGES = (
    "forensics",
    "forensics.age",
    "forensics.barcode",
    "forensics.custody",
    "forensics.genetics",
    "forensics.individual",
    "forensics.origin",
    "forensics.report",
    "forensics.taxonomy",
    "forensics.trade",
    "forensics.training",
)
"""The packages that docs/public-api.md calls public; a test compares them."""

_LINK = re.compile(r"\[([^\[\]]*)\]\(([^)\s#]+)((?:#[^)\s]*)?)\)")
_CODE = re.compile(r"`[^`]+`")
_ITEM = re.compile(r" *([-*]|\d+\.) ")
_FETCHED = re.compile(
    r"<(?:script|img|iframe|source|link(?! rel=\"?(?:canonical|prev|next)\b))\b[^>]*?(?:src|href)=[\"']?((?:https?:)?//[^\s\"'>]+)"
)
_EXPORTS = re.compile(r"^(?:async def|class|def) [A-Za-z]", re.MULTILINE)


def make_pages(target: Path = PAGES) -> None:
    """Lay out the pages in a folder, which is made anew."""
    shutil.rmtree(target, ignore_errors=True)
    own = [path for path in (ROOT / "docs").rglob("*") if path.is_file() and path.suffix != ".py"]
    sources = {path.relative_to(ROOT).as_posix() for path in own} | find_linked()
    for source in sorted(sources):
        place = target / place_of(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        if source.endswith(".md"):
            text = (ROOT / source).read_text(encoding="utf-8")
            place.write_text(turn_links(source, text), encoding="utf-8")
        else:
            shutil.copyfile(ROOT / source, place)
    for name, make in MADE.items():
        (target / name).write_text(turn_links(f"docs/{name}", make()), encoding="utf-8")
    (target / "reference").mkdir()
    for package in PACKAGES:
        page = target / "reference" / f"{package}.md"
        page.write_text(describe_package(package), encoding="utf-8")


# -- pages and links --------------------------------------------------------------


def find_linked() -> set[str]:
    """Return the files outside docs/ that its pages link to, and those that these link to."""
    waiting = [path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md")]
    waiting += TOP
    seen: set[str] = set()
    while waiting:
        source = waiting.pop()
        if source in seen:
            continue
        seen.add(source)
        if source.endswith(".md"):
            for line, is_code in _lines((ROOT / source).read_text(encoding="utf-8")):
                for match in () if is_code else _LINK.finditer(line):
                    path = _resolve(source, match[2])
                    if path and path.removeprefix("docs/") not in MADE:
                        waiting.append(path)
    return {path for path in seen if not path.startswith("docs/")}


def place_of(path: str) -> str:
    """Return where a file of the project stands on the site.

    >>> place_of("docs/age.md"), place_of("benchmarks/README.md")
    ('age.md', 'project/benchmarks/README.md')
    """
    return path.removeprefix("docs/") if path.startswith("docs/") else f"{OUTSIDE}/{path}"


def turn_links(source: str, text: str) -> str:
    """Return the text of a page with its links as they are on the site."""

    def turn(match: re.Match[str]) -> str:
        path = _resolve(source, match[2])
        if path is not None:
            return f"[{match[1]}]({relpath(place_of(path), dirname(place_of(source)))}{match[3]})"
        # A folder has no page; what is not a path leads elsewhere.
        return match[1] if (ROOT / dirname(source) / match[2]).is_dir() else match[0]

    lines: list[str] = []
    for line, is_code in _lines(text):
        # CommonMark begins a list after a line of text, Python-Markdown after an empty line only.
        if not is_code and _ITEM.match(line) and lines and re.match(r"[\w*(\[`]", lines[-1]):
            if not _ITEM.match(lines[-1]):
                lines.append("")
        if not is_code and line.startswith("|"):
            # Python-Markdown takes a bar in a piece of code as it is, and shows the backslash.
            line = _CODE.sub(lambda match: match[0].replace(r"\|", "|"), line)
        lines.append(line if is_code else _LINK.sub(turn, line))
    return "\n".join(lines) + "\n"


def _lines(text: str) -> Iterator[tuple[str, bool]]:
    """Yield each line of a page, and whether it belongs to a fenced block."""
    is_code = False
    for line in text.splitlines():
        fence = line.lstrip().startswith("```")
        yield line, is_code or fence
        is_code ^= fence


def _resolve(source: str, link: str) -> str | None:
    """Return the file of the project that a link leads to; None for an address elsewhere, or a bare folder."""
    if "://" in link or link.startswith("mailto:"):
        return None
    path = normpath(join(dirname(source), link))
    if path.removeprefix("docs/") in MADE:
        return path
    if not (ROOT / path).exists():
        raise SystemExit(f"{source}: the link to {link} leads nowhere")
    if (ROOT / path).is_dir():
        path = join(path, "README.md")
        return path if (ROOT / path).is_file() else None
    return path


# -- pages of the program -----------------------------------------------------------


def list_commands() -> str:
    """Return the page of all commands and their options, in English."""
    speak("en")
    head = (
        "# Commands and options\n\nWhat `--help` shows, of all commands; what their results mean is in"
        " [command line](command-line.md).\nEvery command has `--lang LANGUAGE` and `--help`, too.\n"
    )
    sections = (_section(name, command) for name, command in _commands(main, "forensics"))
    return "\n".join([head, *sections])


def _commands(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    """Yield every command with its whole name, in the order of the helps; of groups those that share options."""
    if not isinstance(command, click.Group):
        yield name, command
        return
    if getattr(command, "shared", ()):
        yield name, command
    context = click.Context(command)
    for child in command.list_commands(context):
        subcommand = command.get_command(context, child)
        if subcommand is not None:
            yield from _commands(subcommand, f"{name} {child}")


def _section(name: str, command: click.Command) -> str:
    # As when it is called: a command remembers the help option that it is asked for first.
    context = click.Context(command, info_name=name, **main.context_settings)
    usage = " ".join([name, *command.collect_usage_pieces(context)[1:]])  # without [OPTIONS]
    summary = (command.help or "").split("\n\n", 1)[0].replace("\n", " ")
    lines = [f"## {name}", "", f"`{usage}`", "", summary, ""]
    rows = list(_rows(command, context))
    if rows:
        lines += ["| | Option | Meaning |", "|---|---|---|", *rows, ""]
    if not isinstance(command, click.Group) and (shared := getattr(command, "shared", ())):
        flags = ", ".join(f"`{option.opts[0]}`" for option in shared)
        lines += [f"Options of the group: {flags}.", ""]
    return "\n".join(lines)


def _rows(command: click.Command, context: click.Context) -> Iterator[str]:
    """Yield a row an option; the title of a group stands at its first one."""
    sections: dict[str, list[click.Option]] = {group.value: [] for group in Group}
    is_group = isinstance(command, click.Group)
    for parameter in command.get_params(context):
        group = getattr(parameter, "group", None)
        if group and getattr(parameter, "is_shared", False) == is_group:
            sections[group.value].append(parameter)
    for title, options in sections.items():
        for option in options:
            record = option.get_help_record(context)
            if record is not None:
                flag, text = (part.replace("|", r"\|") for part in record)
                yield f"| {title} | `{flag}` | {' '.join(text.split())} |"
                title = ""


_HEAD_OF_NOTICES = """\
# Warnings

Each result has a list of warnings, `{code, message}`. The code is stable and never translated;
the message comes in your language. A warning of the first table makes the result `unusable`
(exit code 3). The others come with a result. `forensics explain CODE` shows one of them.

How much a warning weighs: **blocks**: no name, date or other statement may be given · **limits**: less may be stated than without it ·
**informs**: something about this sample · **context**: true of the whole run.
"""

SECTIONS = (
    ("unusable", "The sequence could not be examined", ""),
    ("sequence", "About the sequence", ""),
    ("search", "About the search", ""),
    (
        "checks",
        "Checks before a call",
        "[Checks](checks.md) says how each is made and how often it is right.",
    ),
    ("calls", "About the call", ""),
    (
        "loci",
        "About several loci of one sample",
        "With `--combine`; see [several loci](multilocus.md).",
    ),
    (
        "mixture",
        "About a mixture",
        "Of a sample of `forensics mixture` ([mixtures](mixtures.md)); each of its sequences has warnings of the "
        "tables above, too.",
    ),
    ("origin", "About an origin", "See [origin](origin.md)."),
    (
        "individual",
        "About individuals",
        "Of `forensics individual match` and `network` ([individuals](individual.md)).",
    ),
    (
        "captive",
        "About wild or captive",
        "Of `forensics individual captive` ([individuals](individual.md)).",
    ),
    ("age", "About an age", "See [age](age.md)."),
    (
        "listings",
        "About a listing",
        "Of a name in the CITES Appendices ([listings](listings.md)).",
    ),
)


def list_notices() -> str:
    """Return the page of all notices, from the catalogue."""
    parts = [_HEAD_OF_NOTICES]
    for subject, title, introduction in SECTIONS:
        parts.append(f"\n## {title}\n\n")
        if introduction:
            parts.append(f"{introduction}\n\n")
        parts.append("| Code | Weight | Meaning | What to do |\n|---|---|---|---|\n")
        parts += [
            f"| `{kind.code}` | {kind.severity} | {kind.meaning} | {kind.advice} |\n"
            for kind in Kinds(subject).values()
        ]
    return "".join(parts)


_HEAD_OF_GLOSSARY = """\
# Glossary

The field's terms and this project's own names, as they are used here. French and Spanish are those of the program's
messages, and translators keep to them. A definition that follows a standard names it in brackets; none is copied from one.
`forensics explain WORD` shows one of them.

| Term | Meaning | French | Spanish |
|---|---|---|---|
"""


def list_terms() -> str:
    """Return the page of the glossary, from its table."""
    rows = (
        f"| {entry.term} | {entry.meaning} | {entry.french} | {entry.spanish} |\n"
        for entry in read_glossary()
    )
    return _HEAD_OF_GLOSSARY + "".join(rows)


def list_modules() -> str:
    """Return the page of packages and modules, by the first sentences of their docstrings."""
    place = ROOT / "forensics"
    packages = sorted(path.parent for path in place.rglob("__init__.py") if path.parent != place)
    rows = [
        (f"`{package.relative_to(place.parent).as_posix()}/`", _summary(package / "__init__.py"))
        for package in packages
    ]
    return "\n".join(
        (
            "# Packages and modules\n",
            "The first sentences of the docstrings; [architecture](architecture.md) says how they hang together.\n",
            "| Package | What it does |\n|---|---|",
            *(f"| {name} | {text} |" for name, text in rows),
            *(line for package in (place, *packages) for line in _modules_of(package)),
        )
    )


def _modules_of(package: Path) -> Iterator[str]:
    """Yield the lines of the modules of a package; those of commands are on their own page."""
    files = sorted(path for path in package.glob("*.py") if path.name != "__init__.py")
    if files and package.name != "cli":
        yield f"\n## {package.relative_to(ROOT).as_posix()}\n\n| Module | What it does |\n|---|---|"
        yield from (f"| `{path.name}` | {_summary(path)} |" for path in files)


def _summary(path: Path) -> str:
    text = ast.get_docstring(ast.parse(path.read_bytes()), clean=False)
    return " ".join(text.partition("\n\n")[0].split()).replace("``", "`").replace("|", "\\|")


def _table(head: str, rows: Iterable[Iterable[str]]) -> str:
    columns = head.count("|") + 1
    lines = [f"| {head} |", "|" + "---|" * columns]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)]) + "\n"


def _field(field: Field) -> str:
    shown_elsewhere = field.name in ("policy", "attachments")
    parts = "" if shown_elsewhere else ", ".join(map(_field, field.kind.parts))
    name = f"`{field.name}`" + (f" ({parts})" if parts else "")
    return name + "?" * (not field.required) + "*" * field.personal


def _words(follows: str) -> str:
    return follows.replace("taxon_concept_id", "taxon").replace("|", " + ") or "-"


def list_custody_rules() -> str:
    """Return the page of types of events, rules and flags."""
    types = (
        (
            f"`{kind.name}`",
            kind.summary,
            ", ".join(kind.roles) or "everyone enrolled",
            ", ".join(map(_field, kind.fields)) or "–",
        )
        for kind in TYPES.values()
    )
    common = ", ".join(map(_field, COMMON_FIELDS))
    return "\n".join(
        (
            "# Events, rules and flags of custody\n",
            "This page is made from the tables of the program; [rules of custody](custody-rules.md)"
            " explains them.\n",
            "## Types of events\n",
            "`?` stands after a field that may be left out, `*` after one that a court may order to be erased."
            f" Every event also has: {common}.\n",
            _table("type | what it says | who | fields", types),
            "## Rules\n",
            _table("code | rule", ((f"`{code}`", text) for code, text in RULES.items())),
            "## Flags\n",
            "What is recorded as a discrepancy, and told by `log`, `review` and `verify`.\n",
            _table("code | meaning", ((f"`{code}`", text) for code, text in FLAGS.items())),
        )
    )


def list_trade_rules() -> str:
    """Return the page of the rules for records of seizures."""
    fields = (
        (
            "" if field.number is None else str(field.number),
            f"`{field.name}`",
            field.level,
            *field.labels,
            field.status,
        )
        for field in FIELDS.values()
    )
    reading = ((f"`{code}`", rule.text) for code, rule in trade.READING.items())
    validation = (
        (f"`{rule.code}`", rule.severity, _words(rule.follows), rule.text)
        for rule in trade.CHECKED.values()
    )
    return "\n".join(
        (
            "# Fields and rules of seizure records\n",
            "This page is made from the tables of the program; [records of seizures](trade.md) says how"
            " they are used.\n",
            "## Fields\n",
            "The number is that of the field in the annual illegal trade report; 7 and 16 take two columns each."
            " *Official*: the title is in the form of CITES as it is quoted in public; the form itself was not at"
            " hand. *Proposed*: from secondary sources. *House*: our own, for what other formats ask.\n",
            _table("no. | field | of | English | French | Portuguese | status", fields),
            "## When a file is read\n",
            _table("code | what is asked", reading),
            "## When records are validated\n",
            "The first 26 follow the checks that the upload of annual reports to UNEP-WCMC makes of legal trade"
            " (Species+/CITES API `validation_rules`), adapted. The others are our own.\n",
            _table("code | severity | follows | what is asked", validation),
        )
    )


def list_primers() -> str:
    """Return the page of loci and their primers."""
    lines = (ROOT / "docs" / "primer_fits.tsv").read_text(encoding="utf-8").splitlines()
    fits = dict(line.split("\t") for line in lines[1:])
    parts = [
        "# Loci and primers\n",
        "This page is made from the table that [loci](loci.md) explain.\n",
        _table(
            "Locus | Also written | Expected | Least | Genome | Genetic codes | Source of the lengths",
            (
                (
                    locus.name,
                    ", ".join(locus.synonyms),
                    str(locus.expected_length),
                    str(locus.minimum_length),
                    locus.genome,
                    ", ".join(map(str, locus.genetic_codes)) or "–",
                    locus.source,
                )
                for locus in LOCI
            ),
        ),
        "*Fits* is how many bases differ in the"
        " sequence that fits best, and which that is: genomes of a savannah elephant, man, orang-utan, chicken, pufferfish and"
        " mouse, the plastid genome of thale cress, and deposited sequences. Primers with a restriction site at the"
        " 5' end (L14724, L14841, H15149, H15915, L1091, H1478, L15926, H00651) differ there by design. Primers that"
        " nothing fitted were left out. No sequence at hand reaches the sites of those without a figure (–). Where no"
        " DOI is given, there is none or it could not be checked.\n",
    ]
    for locus in LOCI:
        rows = (
            (
                primer.name,
                f"`{primer.sequence}`",
                primer.strand,
                fits.get(primer.name, "–"),
                primer.source,
            )
            for primer in locus.primers
        )
        parts += [f"## {locus.name}\n", _table("Primer | 5'–3' | Strand | Fits | Source", rows)]
    return "\n".join(parts)


MADE: dict[str, Callable[[], str]] = {
    "commands.md": list_commands,
    "custody-events.md": list_custody_rules,
    "glossary.md": list_terms,
    "modules.md": list_modules,
    "primers.md": list_primers,
    "trade-rules.md": list_trade_rules,
    "warnings.md": list_notices,
}
"""Pages that are of the site alone; in a checkout they are ``--help``, ``forensics explain`` and docstrings."""


# -- reference --------------------------------------------------------------------


def describe_package(package: str) -> str:
    """Return the page of a package: a list of the names that it exports, and what its modules export."""
    module = importlib.import_module(package)
    parts = [f"# {package}", (module.__doc__ or "").strip().split("\n")[0]]
    values = {name: getattr(module, name) for name in module.__all__}
    exported = {
        name: f"{value.__module__}.{value.__qualname__}"
        for name, value in values.items()
        if hasattr(value, "__qualname__")
    }
    rows = [
        f"| [`{name}`][{place}] | {(values[name].__doc__ or '').strip().splitlines()[0]} |"
        for name, place in exported.items()
    ]
    if rows:
        parts.append("\n".join(["| Name | |", "|---|---|", *rows]))
    if package == "forensics":
        # What is in a subpackage stands on the page of that.
        of_top = [place for place in exported.values() if place.count(".") == 2]
        parts += [f"::: {place}" for place in of_top]
    else:
        for path in sorted((ROOT / package.replace(".", "/")).rglob("[!_]*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            if "._" not in name and _EXPORTS.search(path.read_text(encoding="utf-8")):
                parts += [f"## {name.removeprefix(package + '.')}", f"::: {name}"]
    return "\n\n".join(parts) + "\n"


# -- what was built ---------------------------------------------------------------


def find_fetched(site: Path) -> list[str]:
    """Return what pages of a built site would load from elsewhere: page and address."""
    return [
        f"{page.relative_to(site).as_posix()}: {match[1]}"
        for page in sorted(site.rglob("*.html"))
        for match in _FETCHED.finditer(page.read_text(encoding="utf-8"))
    ]


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit("\n".join(find_fetched(Path(sys.argv[1]))) or None)
    make_pages()
