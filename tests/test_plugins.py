"""Plug-ins: an example that is built and installed; faulty ones are named and never ignored."""

import json
import random
import sys

import plugins_installed
import pytest
from command_line import records, typed
from plugins_installed import run, write_distribution

import forensics
from forensics import selftest
from forensics.barcode.locus import LOCI, find_locus, known_loci
from forensics.barcode.reading.reads import find_readers, read_queries
from forensics.barcode.reference.library import open_library
from forensics.cli import find_added_commands
from forensics.core.provenance import make_provenance
from forensics.errors import LibraryError, PluginError, UsageError
from forensics.io.files import folder
from forensics.plugins import load_plugins

PACKAGE = "forensics-example-plugin"
FORWARD, REVERSE = "TATCGGGCCCATACCCCGAATAT", "GCCTTCAAAGCCTTAAATAAGAG"


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    """The example plug-in, as an installer leaves it."""
    target = tmp_path_factory.mktemp("installed")
    plugins_installed.place(target)
    return target


@pytest.fixture
def on_path(monkeypatch):
    """Let this process find the distributions of a folder, and no others afterwards."""
    modules = set(sys.modules)

    def put(folder):
        monkeypatch.syspath_prepend(folder)
        plugins_installed.forget()

    yield put
    monkeypatch.undo()
    plugins_installed.forget()
    for name in set(sys.modules) - modules:
        if "plugin" in name and not name.startswith("forensics."):
            del sys.modules[name]


@pytest.fixture
def installed(on_path, tmp_path):
    """Install plug-ins whose object is ``PLUGIN`` of this code."""

    def install(code, *packages):
        for package in packages or ("wrong-plugin",):
            entry = f"[forensics]\nany = {package.replace('-', '_')}:PLUGIN\n"
            write_distribution(tmp_path / "installed", package, entry, code)
        on_path(tmp_path / "installed")
        return tmp_path / "installed"

    return install


@pytest.fixture(scope="module")
def birds(tmp_path_factory):
    """Records of ND2 of three simulated species; the first sequence is that of A1."""
    place = tmp_path_factory.mktemp("birds")
    random_ = random.Random(7)
    codons = [a + b + c for a in "ACGT" for b in "ACGT" for c in "ACGT"]
    codons = [codon for codon in codons if codon not in ("TAA", "TAG", "AGA", "AGG")]
    lines, first = ["accession,species,sequence"], ""
    for species in ("Parus major", "Corvus corax", "Pica pica"):
        sequence = "".join(random_.choice(codons) for _codon in range(347))
        first = first or sequence
        lines += [f"{species[0]}{species[-1]}{n},{species},{sequence}" for n in range(2)]
    (place / "records.csv").write_text("\n".join(lines), encoding="utf-8")
    text = f"{FORWARD}{first}{REVERSE}"
    (place / "query.fasta").write_text(f">exhibit\n{text}\n", encoding="utf-8")
    (place / "query.embl").write_text(
        f"ID   exhibit; SV 1; linear; genomic DNA; STD; VRT; {len(text)} BP.\n"
        f"SQ   Sequence {len(text)} BP;\n     {text.lower()}  {len(text)}\n//\n",
        encoding="utf-8",
    )
    return place


@pytest.fixture(scope="module")
def library(birds, example):
    """A library of the plug-in's locus, built by the command line."""
    built = run(
        example, "library", "build", "records.csv", "--locus", "nadh2", "--output", "ND2", cwd=birds
    )
    assert built.returncode == 0, built.stderr
    return birds / "ND2"


# -- the example ----------------------------------------------------------------------------


def test_a_library_of_a_plug_in_locus_names_the_plug_in(library):
    description = json.loads((library / "library.json").read_bytes())
    assert list(description["loci"]) == ["ND2"]
    assert description["plugins"] == {PACKAGE: "0.1.0"}


@pytest.mark.slow
def test_an_installer_leaves_the_example_so(example, tmp_path):
    plugins_installed.install(tmp_path / "installed", tmp_path)
    for path in example.rglob("*"):
        if path.suffix in (".py", ".txt"):
            name = path.relative_to(example)
            assert (tmp_path / "installed" / name).read_text().split() == path.read_text().split()


def test_a_query_is_compared_at_the_locus_without_its_primers(library, example, birds, on_path):
    on_path(example)
    asked = ("identify --format json --library", library, birds / "query.fasta")
    (result,) = records(typed(*asked))
    assert (result["locus"], result["length"]) == ("ND2", 1041)
    assert result["candidates"][0]["species"] == "Parus major"
    assert result["candidates"][0]["identity"] == 1.0
    assert "PRIMERS_TRIMMED" in [warning["code"] for warning in result["warnings"]]
    assert result["provenance"]["plugins"] == {PACKAGE: "0.1.0"}


def test_without_the_plug_in_the_library_says_which_one_is_missing(library, birds):
    done = typed("identify --library", library, birds / "query.fasta", expect=1)
    assert f"the plug-in {PACKAGE} 0.1.0, which is not installed" in done.stderr
    with pytest.raises(LibraryError, match=PACKAGE):
        forensics.identify(birds / "query.fasta", library=library)


def test_a_file_that_the_plug_in_reads_is_identified_and_names_it(example, birds, on_path):
    on_path(example)
    (query,) = read_queries(birds / "query.embl")
    assert (query.name, query.sequence[:23], len(query.sha256)) == ("exhibit.1", FORWARD, 64)
    (result,) = forensics.identify(birds / "query.embl")
    assert result.provenance.plugins == {PACKAGE: "0.1.0"}


def test_the_command_is_listed_and_its_results_name_the_plug_in(library, example, birds, on_path):
    assert "birds" not in typed("--help").stdout
    on_path(example)
    assert "Name birds by their ND2." in typed("--help").stdout
    (result,) = records(typed("birds", birds / "query.embl", library))
    assert result["candidates"][0]["species"] == "Parus major"
    typed("birds --no", expect=2)


def test_results_without_plug_ins_do_not_name_any(embedded):
    provenance = make_provenance(library={}, parameters={}, input={})
    assert "plugins" not in provenance.to_dict()
    assert "plugins" not in forensics.identify(">a\n" + "ACGT" * 50)[0].to_dict()["provenance"]


@pytest.fixture
def small_selftest(demonstrated, monkeypatch):
    """Let ``selftest`` check a small library."""
    monkeypatch.setattr(selftest, "open_library", lambda _which: open_library(demonstrated))


def test_the_version_and_the_selftest_list_plug_ins(example, tmp_path, on_path, small_selftest):
    assert typed("--version").stdout.count("\n") == 1
    shown = run(example, "--version", cwd=tmp_path).stdout.splitlines()
    assert shown[1:] == [f"plug-in {PACKAGE} 0.1.0"]
    assert "plug-in" not in typed("selftest").stdout
    on_path(example)
    assert typed("selftest").stdout.count(f"plug-in {PACKAGE} 0.1.0") == 1


# -- faulty ones ----------------------------------------------------------------------------


def test_a_broken_plug_in_is_named_where_plug_ins_are_looked_for(
    installed, embedded, tmp_path, small_selftest
):
    target = installed("raise RuntimeError('no leaves')\n", "broken-plugin")
    named = "The plug-in broken-plugin 1.0 cannot be used: RuntimeError: no leaves."
    query = folder("reference_sequences") / "demonstration" / "scale.fasta"
    shown = run(target, "--help", cwd=tmp_path)
    assert (shown.returncode, "identify" in shown.stdout, named in shown.stderr) == (0, True, True)
    assert "broken" not in typed("identify", query).output
    for arguments in (("tea",), ("identify --locus ND9", query)):
        assert named in typed(*arguments, expect=1).stderr
    (tmp_path / "unknown.txt").write_text("%LEAVES\n", encoding="utf-8")
    for find in (known_loci, find_readers, lambda: list(read_queries(tmp_path / "unknown.txt"))):
        with pytest.raises(PluginError, match="broken-plugin 1.0"):
            find()
    assert named in typed("selftest", expect=4).stdout


def test_a_command_that_fails_names_its_plug_in(installed):
    installed(
        "import click\nfrom forensics.plugins import Plugin\n"
        "from forensics.core.provenance import make_provenance\n"
        "@click.command()\n@click.option('--ok', is_flag=True)\n"
        "def hurry(ok):\n"
        "    made = make_provenance(library={}, parameters={}, input={})\n"
        "    print(made.plugins) if ok else 1 / 0\n"
        "PLUGIN = Plugin(commands=lambda: {'hurry': hurry})\n",
        "hasty-plugin",
    )
    said = typed("hurry", expect=1).stderr
    assert "plug-in hasty-plugin 1.0 cannot be used: ZeroDivisionError" in said
    assert typed("hurry --ok").stdout == "{'hasty-plugin': '1.0'}\n"
    typed("hurry --no", expect=2)


IMPORTS = """
from dataclasses import replace
import click
from forensics.barcode.locus import Primer, find_locus
from forensics.barcode.reading.reads import Query, SequenceReader
from forensics.io.files import Format
from forensics.plugins import Plugin
"""
ND2 = "find_locus('COI')._replace(name='ND2', synonyms=())"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("name='ND/2'", "name"),
        ("minimum_length=5", "minimum_length"),
        ("genome='chloroplast'", "genome"),
        ("maximum_length=3", "maximum_length"),
        ("source=' '", "source"),
        ("primers=(Primer('p', 'ACGI', '+', 's'),)", "primers"),
        ("name='COI'", "the name 'coi' is taken"),
        ("synonyms=('co1',)", "the name 'co1' is taken"),
    ],
)
def test_a_locus_with_values_that_no_locus_has_is_refused(installed, change, named):
    installed(f"{IMPORTS}PLUGIN = Plugin(loci=[{ND2}._replace({change})])\n")
    with pytest.raises(PluginError, match=f"wrong-plugin 1.0 cannot be used: .*{named}"):
        find_locus("ND2")
    with pytest.raises(PluginError, match="wrong-plugin 1.0"):
        known_loci()
    assert find_locus("COI") is next(locus for locus in LOCI if locus.name == "COI")


def test_a_name_that_two_plug_ins_add_is_taken(installed):
    installed(f"{IMPORTS}PLUGIN = Plugin(loci=[{ND2}])\n", "first-plugin", "second-plugin")
    with pytest.raises(PluginError, match="second-plugin 1.0 .*'nd2' is taken"):
        find_locus("ND2")


@pytest.mark.parametrize(
    ("find", "plugin", "named"),
    [
        *(
            (find_readers, f"readers=[SequenceReader(Format({form}), None)]", named)
            for form, named in (
                ("'fasta', 'sequences', (b'%FASTA',)", "the name 'fasta' is taken"),
                ("'tabular', 'sequences', (b'>',)", "the name 'fasta' is taken"),
                ("'beads', 'table', (b'%BEADS',)", "holds or starts"),
                ("'beads', 'sequences', ()", "holds or starts"),
                ("'beads', 'sequences', (b'',)", "holds or starts"),
            )
        ),
        *(
            (find_added_commands, f"commands={commands}", named)
            for commands, named in (
                ("lambda: {'identify': click.Command('identify')}", "the name 'identify' is taken"),
                ("lambda: {'tea': 5}", "tea: <class 'int'>"),
                ("lambda: 1 / 0", "ZeroDivisionError"),
                ("5", "TypeError"),
            )
        ),
        (known_loci, "locus=[]", "'locus'"),
        (known_loci, "loci=['ND2']", "'name'"),
    ],
)
def test_what_cannot_be_added_or_is_there_already_is_refused(installed, find, plugin, named):
    installed(f"{IMPORTS}PLUGIN = Plugin({plugin})\n")
    with pytest.raises(PluginError, match=f"wrong-plugin 1.0 .*{named}"):
        find()


@pytest.mark.parametrize(
    ("code", "named"),
    [
        ("PLUGIN = 5\n", "TypeError: wrong_plugin:PLUGIN is of <class 'int'>, expected"),
        ("", "AttributeError"),
    ],
)
def test_what_is_no_plug_in_is_refused(installed, code, named):
    installed(code)
    with pytest.raises(PluginError, match=f"wrong-plugin 1.0 cannot be used: .*{named}"):
        known_loci()


def test_two_readers_of_one_format_are_refused_and_a_failing_one_is_named(installed, tmp_path):
    code = (
        f"{IMPORTS}def read(stream, label):\n    yield Query('a', 1 / 0)\n"
        "ADDED = Format(__name__, 'sequences', (b'%BEADS',))\n"
        "PLUGIN = Plugin(readers=[SequenceReader(ADDED, read)])\n"
    )
    (tmp_path / "a.txt").write_text("%BEADS\n", encoding="utf-8")
    installed(code, "first-plugin")
    with pytest.raises(PluginError, match="first-plugin 1.0 .*ZeroDivisionError"):
        list(read_queries(tmp_path / "a.txt"))
    installed(code, "second-plugin")
    with pytest.raises(PluginError, match="second-plugin 1.0 .*'first_plugin' is taken"):
        list(read_queries(tmp_path / "a.txt"))


# -- what is not installed ------------------------------------------------------------------


def test_a_distribution_beside_the_data_is_not_installed(tmp_path):
    write_distribution(
        tmp_path, "trap-plugin", "[forensics]\nany = trap_plugin:PLUGIN\n", "raise SystemExit(9)\n"
    )
    for command in ("--version", "--help", "tea"):
        shown = run(None, command, cwd=tmp_path)
        assert shown.returncode != 9 and "trap-plugin" not in shown.stdout


def test_an_unknown_locus_is_an_error_of_use():
    assert load_plugins() == {}
    with pytest.raises(UsageError, match="Unknown locus 'ND2'"):
        find_locus("ND2")
