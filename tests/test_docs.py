"""What the documentation says is so."""

import doctest
import importlib
import re

import click
import pytest
from command_line import every_command
from sources import module_at, modules, name_of

from forensics.notices import SUBJECTS, Kinds

SKIPPED_BY_DOCTEST = ("forensics.__main__", "forensics.building")


def code_of_the_package(root):
    """Return the code of the package without the catalogue of notices."""
    return "\n".join(
        path.read_text(encoding="utf-8") for path in modules(root) if path.parent.name != "notices"
    )


@pytest.fixture(scope="module")
def made(root):
    """Return the pages that are made for the site alone."""
    make_site = module_at(root / "docs" / "make_site.py")
    return {name: make() for name, make in make_site.MADE.items()}


def test_every_notice_is_documented_and_no_other(made):
    documented = re.findall(r"^\| `([A-Z_]+)` \|", made["warnings.md"], re.MULTILINE)
    assert documented == [code for subject in SUBJECTS for code in Kinds(subject)]


COMMANDS = dict(every_command())


@pytest.fixture(scope="module")
def documentation(root, made):
    files = [root / "README.md", *sorted((root / "docs").glob("*.md"))]
    return "\n".join([*(path.read_text(encoding="utf-8") for path in files), *made.values()])


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_documented(documentation, name):
    command = COMMANDS[name]
    assert name in documentation
    for parameter in (*command.params, *getattr(command, "shared", ())):
        if isinstance(parameter, click.Option):
            assert any(option in documentation for option in parameter.opts), parameter.opts


def test_options_of_the_documentation_exist(documentation):
    known = {"--help"} | {
        option
        for command in COMMANDS.values()
        for parameter in (*command.params, *getattr(command, "shared", ()))
        for option in (*parameter.opts, *parameter.secondary_opts)
    }
    for line in re.findall(r"^(?:\$ )?(?:\.venv/bin/)?forensics .*", documentation, re.MULTILINE):
        for option in re.findall(r"(?<=\s)--[a-z-]+", line):
            assert option in known, line


def test_files_that_are_named_in_commands_exist(root):
    files = [root / "Makefile", *root.glob("*.md"), *(root / "docs").glob("*.md")]
    for path in files:
        text = path.read_text(encoding="utf-8")
        for named in re.findall(r"(?:reference_sequences|models)/[\w./-]*\w", text):
            assert (root / named).exists() or named.endswith("index.bin"), f"{path}: {named}"


def test_source_files_that_pages_name_exist(root):
    pages = [*root.glob("*.md"), *(root / "docs").glob("*.md")]
    named = {
        (page.name, path)
        for page in pages
        if page.name != "CHANGELOG.md"
        for path in re.findall(r"`(forensics/[\w/]+\.(?:py|c|h))`", page.read_text("utf-8"))
    }
    assert named
    assert sorted(pair for pair in named if not (root / pair[1]).is_file()) == []


def test_examples_in_docstrings_work(root, embedded):
    failed = {}
    for path in modules(root):
        name = name_of(path, root)
        if name not in SKIPPED_BY_DOCTEST and ">>> " in path.read_text(encoding="utf-8"):
            result = doctest.testmod(importlib.import_module(name))
            if result.failed:
                failed[name] = result
    assert not failed


# What the project calls things, and nothing else (docs/architecture.md, CONTRIBUTING.md).
NAMES = (
    "case exhibit sample chromatogram finding event head listing hit candidate call library locus "
    "haplotype allele theta RMP HPD F14C isoscape NUMT K2P p-distance voucher provenance "
    "status query strand identity coverage floor confidence prior calibration"
).split() + ["reference record", "questioned sequence", "barcoding gap", "likelihood ratio"]


def glossary(text):
    """Return the rows of the glossary: term, meaning, French, Spanish."""
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return rows[1:]


def test_the_glossary_is_in_order_and_whole(made):
    rows = glossary(made["glossary.md"])
    terms = [row[0].casefold() for row in rows]
    assert terms == sorted(set(terms))
    assert all(len(row) == 4 and all(row) and row[1].rstrip(")").endswith(".") for row in rows)
    assert not set(map(str.casefold, NAMES)) - set(terms)


def test_the_picture_of_how_good_is_what_its_command_draws(root, tmp_path, embedded):
    pytest.importorskip("matplotlib")
    import matplotlib

    from forensics.barcode.calling.trees import save_tree
    from forensics.examination import identify

    committed = (root / "docs" / "biltong-tree.svg").read_text(encoding="utf-8")
    assert len(committed) < 100_000
    place = root / "reference_sequences" / "demonstration" / "exhibits.fasta"
    biltong = identify(place, library=embedded, tree=True)[11]
    assert (biltong.taxon, biltong.candidates[0].species) == ("Bovidae", "Tragelaphus scriptus")
    if f"Matplotlib v{matplotlib.__version__}," not in committed:
        pytest.skip("another version of matplotlib draws other bytes")
    save_tree(biltong.tree, tmp_path / "tree.svg")
    assert (tmp_path / "tree.svg").read_text(encoding="utf-8") == committed


def sentences_of(text):
    """Return the sentences of a page of Markdown, without code, addresses and tables."""
    text = re.sub(r"(?ms)^ *```.*?^ *```|<!--.*?-->|^\|.*?$", "\n\n", text)
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    paragraphs = re.split(r"\n\s*\n|\n(?=[-#] ?)", text)
    return [
        sentence
        for paragraph in paragraphs
        for sentence in re.split(r"(?<=[.!?])\*{0,2}\s+", " ".join(paragraph.split()))
    ]


def test_the_readme_is_short_and_so_are_its_sentences(root):
    sentences = sentences_of((root / "README.md").read_text(encoding="utf-8"))
    words = [len(sentence.split()) for sentence in sentences]
    assert 300 < sum(words) < 600
    assert [sentence for sentence in sentences if len(sentence.split()) > 25] == []


def test_a_name_of_the_package_in_backquotes_is_there(root):
    """What a docstring or a comment points at; a module that was joined or a function that left is found here."""
    pointed = {
        (name, path.relative_to(root).as_posix())
        for path in sorted((root / "forensics").rglob("*.py"))
        for name in re.findall(r"`(forensics(?:\.\w+)+)`", path.read_text(encoding="utf-8"))
    }
    assert len(pointed) > 200
    assert [(name, place) for name, place in sorted(pointed) if not _is_there(name)] == []


def _is_there(name: str) -> bool:
    """Return whether a dotted name leads to a module, to what it defines, or to a field of a class."""
    parts = name.split(".")
    for last in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:last]))
        except ModuleNotFoundError:
            continue
        for part in parts[last:]:
            if part in getattr(found, "__annotations__", ()):
                return True
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False
