"""Lays the pages of the site out in build/site, for the generator that mkdocs.yml sets up: python docs/make_site.py.

With a folder it looks whether the pages that were built there load anything from a network.

* Every page of docs/, where it is.
* What a page links to outside docs/, at the same path below ``project/``: Markdown as a page, anything
  else as a file. Links between the two are turned.
* ``reference/``: a page for each public package, made from the names that it exports.
* The page of decisions, with a list of all.

So the generator needs no plug-in of ours, and another one that reads mkdocs.yml can take its place.
"""

import importlib
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from posixpath import dirname, join, normpath, relpath

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
_EXPORTS = re.compile(r"^__all__(: [\w\[\]]+)? = \[\s*[\"']", re.MULTILINE)


def make_pages(target: Path = PAGES) -> None:
    """Lay out the pages in a folder, which is made anew."""
    shutil.rmtree(target, ignore_errors=True)
    own = [path for path in (ROOT / "docs").rglob("*") if path.is_file() and path.suffix != ".py"]
    sources = {path.relative_to(ROOT).as_posix() for path in own} | find_linked()
    for source in sorted(sources):
        place = target / place_of(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        if source.endswith(".md"):
            place.write_text(turn_links(source), encoding="utf-8")
        else:
            shutil.copyfile(ROOT / source, place)
    with open(target / "decisions" / "README.md", "a", encoding="utf-8") as file:
        file.write(list_decisions())
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
            for line, is_code in _lines(source):
                for match in () if is_code else _LINK.finditer(line):
                    if path := _resolve(source, match[2]):
                        waiting.append(path)
    return {path for path in seen if not path.startswith("docs/")}


def place_of(path: str) -> str:
    """Return where a file of the project stands on the site.

    >>> place_of("docs/age.md"), place_of("benchmarks/README.md")
    ('age.md', 'project/benchmarks/README.md')
    """
    return path.removeprefix("docs/") if path.startswith("docs/") else f"{OUTSIDE}/{path}"


def turn_links(source: str) -> str:
    """Return a page with its links as they are on the site."""

    def turn(match: re.Match[str]) -> str:
        path = _resolve(source, match[2])
        if path is not None:
            return f"[{match[1]}]({relpath(place_of(path), dirname(place_of(source)))}{match[3]})"
        # A folder has no page; what is not a path leads elsewhere.
        return match[1] if (ROOT / dirname(source) / match[2]).is_dir() else match[0]

    lines: list[str] = []
    for line, is_code in _lines(source):
        # CommonMark begins a list after a line of text, Python-Markdown after an empty line only.
        if not is_code and _ITEM.match(line) and lines and re.match(r"[\w*(\[`]", lines[-1]):
            if not _ITEM.match(lines[-1]):
                lines.append("")
        if not is_code and line.startswith("|"):
            # Python-Markdown takes a bar in a piece of code as it is, and shows the backslash.
            line = _CODE.sub(lambda match: match[0].replace(r"\|", "|"), line)
        lines.append(line if is_code else _LINK.sub(turn, line))
    return "\n".join(lines) + "\n"


def _lines(source: str) -> Iterator[tuple[str, bool]]:
    """Yield each line of a page, and whether it belongs to a fenced block."""
    is_code = False
    for line in (ROOT / source).read_text(encoding="utf-8").splitlines():
        fence = line.lstrip().startswith("```")
        yield line, is_code or fence
        is_code ^= fence


def _resolve(source: str, link: str) -> str | None:
    """Return the file of the project that a link leads to; None for an address elsewhere, or a bare folder."""
    if "://" in link or link.startswith("mailto:"):
        return None
    path = normpath(join(dirname(source), link))
    if not (ROOT / path).exists():
        raise SystemExit(f"{source}: the link to {link} leads nowhere")
    if (ROOT / path).is_dir():
        path = join(path, "README.md")
        return path if (ROOT / path).is_file() else None
    return path


def list_decisions() -> str:
    """Return the list of all decisions, the newest first."""
    paths = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"), reverse=True)
    titles = {path: path.read_text(encoding="utf-8").split("\n", 1)[0][2:] for path in paths}
    rows = (f"- [{title}]({path.name})\n" for path, title in titles.items())
    return "\n## All\n\n" + "".join(rows)


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
