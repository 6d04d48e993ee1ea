"""Makes the notebooks of the lessons: of each source one a language, with the results of a run stored in it.

::

    python notebooks/make.py                          all
    python notebooks/make.py 01_identify              one
    python notebooks/make.py --texts 01_identify      its catalogues anew, and no notebook

A source (``sources/01_identify.py``) is a text notebook of jupytext in percent format, in English. Its texts in
another language stand in a catalogue (``sources/fr/01_identify.po``). A message is a block of a cell of text:
a paragraph, heading, list or table, with its lines joined; or a comment of a cell of code. ``--texts`` brings the
messages of a catalogue into line with the source, keeps the translations, and leaves what is new empty.
Code is not translated, but ``begin("en")`` gets the language.

A lesson runs in an empty folder, so it cannot rest on where it lies. A test makes the notebooks again and compares
them with what is stored; results of cells with the tag ``varies`` are not compared (keys, hashes and times are new
every time). The learner's answers are empty in a source, so no notebook gives one away.
"""

import argparse
import io
import os
import re
import sys
import tempfile
import time
import tokenize
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import jupytext
import nbformat
from babel.messages import Catalog
from babel.messages.pofile import read_po, write_po
from nbclient import NotebookClient

__all__ = [
    "CatalogueError", "answers", "catalogue_of", "executed", "languages", "made", "messages", "minutes",
    "notebook_of", "read_source", "sources",
]  # fmt: skip

FOLDER = Path(__file__).resolve().parent
LONGEST = 600
"""Seconds after which a cell hangs, on a busy machine, too. A whole lesson should take 60."""
_DAY = 1795564800  # 25 November 2026
# Listings are those of a day, and the results of a lesson must not change overnight.
_FIXED = {"SOURCE_DATE_EPOCH": str(_DAY)}
_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
# A line that begins one of these is not the continuation of the line before it.
_OWN_LINE = re.compile(r"\s*([-*+] |\d+\. |[|<>#])")
_WORDS_A_MINUTE = 150
"""Readers of English do 238 (Brysbaert 2019, doi:10.1016/j.jml.2019.104047); this text is technical, and for
many a second language."""
_MINUTES_A_QUESTION, _MINUTES_A_CELL = 1.5, 0.5
"""To answer and read what the check says; to run another cell and look at its result. Estimates."""


class CatalogueError(ValueError):
    """A text of a lesson is not translated, or a translation has no text."""


def sources() -> list[Path]:
    """Return the sources of the lessons, in their order."""
    return sorted((FOLDER / "sources").glob("[0-9][0-9]_*.py"))


def languages() -> list[str]:
    """Return the codes of the languages; the first is that of the sources."""
    return ["en", *sorted(path.name for path in (FOLDER / "sources").glob("[a-z][a-z]"))]


def notebook_of(source: Path, language: str) -> Path:
    """Return where the notebook of a language is."""
    folder = FOLDER if language == "en" else FOLDER / language
    return folder / f"{source.stem}.ipynb"


def catalogue_of(source: Path, language: str) -> Path:
    """Return where the catalogue of a language is."""
    return source.parent / language / f"{source.stem}.po"


def read_source(source: Path) -> nbformat.NotebookNode:
    """Return a source as a notebook."""
    return jupytext.reads(source.read_text(encoding="utf-8"), fmt="py:percent")


def messages(source: Path) -> list[str]:
    """Return the texts of a source, in their order, each once."""
    found: dict[str, None] = {}
    _worded(read_source(source), lambda text: found.setdefault(text) or text)
    return list(found)


def made(source: Path, language: str) -> nbformat.NotebookNode:
    """Return the notebook of a language, without results.

    Raises
    ------
    CatalogueError
        If a text has no translation or an unsure one, or a translation has no text.
    """
    texts = {} if language == "en" else _translations(source, language)
    lesson = _worded(read_source(source), lambda text: texts.get(text, text))
    cells = []
    for number, cell in enumerate(lesson.cells):
        new = (
            nbformat.v4.new_code_cell if cell.cell_type == "code" else nbformat.v4.new_markdown_cell
        )
        tags = {"tags": tags} if (tags := cell.metadata.get("tags")) else {}
        text = cell.source.replace('begin("en")', f'begin("{language}")')
        cells.append(new(text, id=f"{source.stem[:2]}-{number:02}", metadata=tags))
    return nbformat.v4.new_notebook(cells=cells, metadata=_METADATA)


def executed(
    lesson: nbformat.NotebookNode, language: str, folder: Path, longest: float = LONGEST
) -> nbformat.NotebookNode:
    """Return a notebook with the results of running it in a folder; a cell may take `longest` seconds.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        If a cell fails.
    """
    NotebookClient(
        lesson,
        timeout=longest,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        record_timing=False,
    ).execute(env={**os.environ, **_FIXED, "LANGUAGE": language})
    # What the kernel says of itself differs from machine to machine.
    lesson.metadata = nbformat.from_dict(_METADATA)
    return lesson


def answers(lesson: nbformat.NotebookNode) -> int:
    """Return how many cells of a lesson check an answer."""
    return sum(cell.cell_type == "code" and "check(" in cell.source for cell in lesson.cells)


def minutes(lesson: nbformat.NotebookNode) -> int:
    """Return how long a learner takes for a lesson: an estimate, to five minutes."""
    code = [cell for cell in lesson.cells if cell.cell_type == "code"]
    words = sum(len(cell.source.split()) for cell in lesson.cells if cell not in code)
    time_asked = _MINUTES_A_QUESTION * answers(lesson)
    whole = words / _WORDS_A_MINUTE + time_asked + _MINUTES_A_CELL * len(code)
    return 5 * round(whole / 5)


def _worded(
    lesson: nbformat.NotebookNode, translate: Callable[[str], str]
) -> nbformat.NotebookNode:
    """Put the translation of each text in the place of the text."""
    for cell in lesson.cells:
        if cell.cell_type == "code":
            cell.source = _with_comments(cell.source, translate)
        else:
            cell.source = "\n\n".join(map(translate, _blocks(cell.source)))
    return lesson


def _blocks(text: str) -> list[str]:
    """Return what is separated by empty lines, with the lines of a paragraph or an item joined."""
    blocks = []
    for block in re.split(r"\n\s*\n", text.strip()):
        lines: list[str] = []
        for line in block.splitlines():
            if lines and not _OWN_LINE.match(line):
                lines[-1] += f" {line.strip()}"
            else:
                lines.append(line.rstrip())
        blocks.append("\n".join(lines))
    return blocks


def _with_comments(code: str, translate: Callable[[str], str]) -> str:
    lines = code.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = f"{lines[row - 1][:column]}# {translate(token.string[1:].strip())}"
    return "\n".join(lines)


def _translations(source: Path, language: str) -> dict[str, str]:
    path = catalogue_of(source, language)
    with path.open("rb") as file:
        catalogue = read_po(file)
    texts = {entry.id: entry.string for entry in catalogue if entry.id and not entry.fuzzy}
    wanted = messages(source)
    wrong = [f"not translated: {text}" for text in wanted if not texts.get(text)]
    known = [entry.id for entry in catalogue if entry.id] + [*catalogue.obsolete]
    wrong += [f"not in the lesson: {text}" for text in known if text not in wanted]
    if wrong:
        raise CatalogueError("\n".join(f"{path}: {line}" for line in wrong))
    return texts


def _write_texts(source: Path, language: str) -> None:
    """Write a catalogue with the messages of its source, in their order."""
    path, before = catalogue_of(source, language), {}
    if path.exists():
        with path.open("rb") as file:
            before = {entry.id: entry for entry in read_po(file) if entry.id}
    catalogue = Catalog(
        locale=language,
        project="wildlife-forensics",
        header_comment=f"# Texts of the lesson {source.name}.",
        creation_date=datetime.fromtimestamp(_DAY, UTC),
        revision_date=datetime.fromtimestamp(_DAY, UTC),
        **dict.fromkeys(("version", "msgid_bugs_address", "last_translator", "language_team"), " "),
        fuzzy=False,
    )
    for text in messages(source):
        old = before.get(text)
        catalogue.add(
            text, old.string if old else "", flags=old.flags - {"python-format"} if old else ()
        )
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=100, no_location=True)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(buffer.getvalue())


def main(arguments: list[str]) -> None:
    """Make the notebooks of some lessons, or of all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "lessons", nargs="*", metavar="LESSON", help="such as 01_identify; default: all"
    )
    parser.add_argument("--texts", action="store_true", help="write the catalogues anew instead")
    asked = parser.parse_args(arguments)
    names = [Path(name).stem for name in asked.lessons]
    if unknown := set(names) - {source.stem for source in sources()}:
        parser.error(f"there is no lesson {', '.join(sorted(unknown))}")
    for source in sources():
        if names and source.stem not in names:
            continue
        for language in languages():
            if asked.texts:
                if language != "en":
                    _write_texts(source, language)
                continue
            started = time.perf_counter()
            with tempfile.TemporaryDirectory() as folder:
                lesson = executed(made(source, language), language, Path(folder))
            target = notebook_of(source, language)
            target.parent.mkdir(exist_ok=True)
            nbformat.write(lesson, target)
            seconds = time.perf_counter() - started
            print(
                f"{target.relative_to(FOLDER)}  {seconds:.1f} s; a learner: {minutes(lesson)} min"
            )


if __name__ == "__main__":
    main(sys.argv[1:])
