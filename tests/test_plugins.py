"""Plug-ins: an example that is built and installed, and faulty ones that hinder nothing else."""

import json
import random
import shutil
import sys

import plugins_installed
import pytest
import training_case
from click.testing import CliRunner
from plugins_installed import run, write_distribution

import forensics
from forensics.barcode.locus import LOCI, find_locus, known_loci, plugins_of_loci
from forensics.barcode.reading.reads import read_queries
from forensics.cli import main
from forensics.core.method import find_method
from forensics.core.provenance import make_provenance
from forensics.demonstration import PASSPHRASE
from forensics.errors import LibraryError, PluginError, UsageError
from forensics.origin.models import open_known_models, open_model
from forensics.plugins import find_missing, installed_plugins, record_plugins
from forensics.selftest import check_plugins

_made = training_case._made
PACKAGE = "forensics-example-plugin"
FORWARD, REVERSE = "TATCGGGCCCATACCCCGAATAT", "GCCTTCAAAGCCTTAAATAAGAG"


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    """The example plug-in, built and installed without a network."""
    target = tmp_path_factory.mktemp("installed")
    plugins_installed.install(target, tmp_path_factory.mktemp("build"))
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
    (place / "query.fasta").write_text(f">exhibit\n{FORWARD}{first}{REVERSE}\n", encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def library(birds, example):
    """A library of the plug-in's locus, built by the command line."""
    built = run(
        example, "library", "build", "records.csv", "--locus", "nadh2", "--output", "ND2", cwd=birds
    )
    assert built.returncode == 0, built.stderr
    return birds / "ND2"


# -- the locus of the example ---------------------------------------------------------------


def test_a_library_of_a_plug_in_locus_names_the_plug_in(library):
    description = json.loads((library / "library.json").read_bytes())
    assert list(description["loci"]) == ["ND2"]
    assert description["plugins"] == {
        PACKAGE: {"version": "0.1.0", "entry_points": ["forensics.loci:ND2"]}
    }


def test_a_query_is_compared_at_the_locus_without_its_primers(library, example, birds):
    done = run(
        example, "identify", "query.fasta", "--library", library, "--format", "json", cwd=birds
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert (result["locus"], result["length"]) == ("ND2", 1041)
    assert result["candidates"][0]["species"] == "Parus major"
    assert result["candidates"][0]["identity"] == 1.0
    assert "PRIMERS_TRIMMED" in [warning["code"] for warning in result["warnings"]]
    assert result["provenance"]["plugins"][PACKAGE]["entry_points"] == ["forensics.loci:ND2"]


def test_without_the_plug_in_the_library_says_which_one_is_missing(library, birds):
    done = run(None, "identify", "query.fasta", "--library", library, cwd=birds)
    assert done.returncode == 1
    assert (
        f"the plug-in {PACKAGE} 0.1.0 (forensics.loci:ND2), which is not installed" in done.stderr
    )
    with pytest.raises(LibraryError, match=PACKAGE):
        forensics.identify(birds / "query.fasta", library=library)


def test_results_without_plug_ins_do_not_name_any(embedded):
    provenance = make_provenance(library={}, parameters={}, input={})
    assert "plugins" not in provenance.to_dict()
    assert "plugins" not in forensics.identify(">a\n" + "ACGT" * 50)[0].to_dict()["provenance"]


# -- the method of the example --------------------------------------------------------------


@pytest.fixture(scope="module")
def teeth(tmp_path_factory):
    place = tmp_path_factory.mktemp("teeth")
    (place / "counts.csv").write_text("sample,count\nS1,12\nS1,13\nS1,12\n", encoding="utf-8")
    (place / "layers.csv").write_text(
        "species,layers_per_year,sd\nExample species,1,0.8\n", encoding="utf-8"
    )
    return place


OPTIONS = ("counts.csv", "--reference", "layers.csv", "--species", "Example species")


def test_the_help_lists_the_command_of_a_plug_in(example, tmp_path):
    assert "layers" in run(example, "age", "--help", cwd=tmp_path).stdout
    assert "layers" not in run(None, "age", "--help", cwd=tmp_path).stdout


def test_a_result_names_its_plug_in_and_is_read_back(example, teeth, on_path):
    done = run(example, "age", "layers", *OPTIONS, "--format", "json", cwd=teeth)
    assert done.returncode == 0, done.stderr
    with pytest.raises(PluginError, match="forensics.methods:age.layers.*not installed"):
        forensics.read_results(done.stdout.splitlines())
    on_path(example)
    (result,) = forensics.read_results(done.stdout.splitlines())
    assert result.headline() == "12.3 years (11.4 to 13.2, 95 % interval)"
    assert result.to_dict() == json.loads(done.stdout)


def test_a_script_gets_the_same_provenance_as_the_command(example, teeth, on_path, monkeypatch):
    on_path(example)
    monkeypatch.chdir(teeth)
    from forensics_example_plugin.layers import LayerReference, age_by_layers, read_counts

    reference = LayerReference.read("layers.csv", "Example species")
    table, counts = read_counts("counts.csv")
    result = age_by_layers(counts["S1"], reference, sample="S1", table=table)
    assert result.provenance.plugins == {
        PACKAGE: {"version": "0.1.0", "entry_points": ["forensics.methods:age.layers"]}
    }


@pytest.fixture(scope="module")
def recorded(_made, example, teeth, tmp_path_factory):
    """The training case with a finding of the plug-in's method; its folder and the event."""
    case = shutil.copytree(_made[0], tmp_path_factory.mktemp("recorded") / "case")
    done = run(
        example, "age", "layers", *OPTIONS, "--ledger", case / "laboratory.db", "--sample", "S1",
        "--run", "SEQ-7", "--as", "bruno", cwd=teeth, passphrase=PASSPHRASE,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return case, int(done.stderr.split("event ")[1].split()[0])


def test_a_finding_is_computed_again_by_the_plug_in(recorded, example, tmp_path):
    case, event = recorded
    done = run(
        example, "report", "reproduce", event, "--ledger", case / "laboratory.db", cwd=tmp_path
    )
    assert (done.returncode, done.stdout) == (0, f"finding {event}: the same\n"), done.stderr


def test_without_the_plug_in_it_is_said_that_it_is_not_installed(recorded, tmp_path):
    case, event = recorded
    name = f"plug-in {PACKAGE} 0.1.0 (forensics.methods:age.layers)"
    done = run(None, "report", "reproduce", event, "--ledger", case / "laboratory.db", cwd=tmp_path)
    assert done.returncode == 1
    assert f"{name}, which is not installed here" in done.stderr
    verified = run(None, "custody", "verify", case / "laboratory.db", cwd=tmp_path)
    assert verified.returncode == 0, verified.stderr
    assert f"event {event} names the {name}, which is not installed here" in verified.stdout


def test_of_a_ledger_the_finding_is_read_where_the_plug_in_is_installed(recorded, example, on_path):
    case, event = recorded
    unread = forensics.read_results(case / "laboratory.db").unread
    assert {finding.event: "is not installed here" in finding.reason for finding in unread}[event]
    on_path(example)
    findings = forensics.read_results(case / "laboratory.db")
    assert event not in [finding.event for finding in findings.unread]
    assert type(findings[-1]).__name__ == "LayerAge"


def test_the_verifier_of_an_installation_that_has_it_is_silent(recorded, example, tmp_path):
    case, _event = recorded
    assert (
        "plug-in"
        not in run(example, "custody", "verify", case / "laboratory.db", cwd=tmp_path).stdout
    )


@pytest.mark.parametrize("installed", [True, False])
def test_the_report_has_the_words_of_the_plug_in_or_says_what_is_missing(
    recorded, example, tmp_path, on_path, installed
):
    case, event = recorded
    on_path(example if installed else tmp_path)
    arguments = (
        "report", "build", _case_of(case), "--ledger", case / "laboratory.db", "--details",
        case / "details.toml", "--finding", event, "--draft", "--output", tmp_path / "report.html",
    )  # fmt: skip
    done = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert done.exit_code == 0, done.stderr
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert f"{PACKAGE} 0.1.0" in page
    words = "The animal was about 12.3 years old (11.4 to 13.2)."
    assert (words in page) is installed
    assert ("which is not installed here" in done.stderr) is not installed


def _case_of(case):
    with forensics.open_ledger(case / "laboratory.db") as ledger:
        return next(event.fields["case"] for event in ledger.events() if event.type == "case")


# -- what is listed -------------------------------------------------------------------------


def test_version_and_selftest_list_plug_ins(example, tmp_path, on_path):
    assert run(None, "--version", cwd=tmp_path).stdout.startswith("forensics, version ")
    shown = run(example, "--version", cwd=tmp_path).stdout.splitlines()
    assert shown[1] == (
        f"plug-in {PACKAGE} 0.1.0: forensics.loci:ND2, forensics.methods:age.layers, "
        "forensics.report_sections:age.layers"
    )
    assert check_plugins() == []
    on_path(example)
    assert [entry["problem"] for entry in check_plugins(lambda: {"age", "age.radiocarbon"})] == [
        None, None, None,
    ]  # fmt: skip


def test_of_a_name_that_is_built_in_the_selftest_says_that_it_is_taken(on_path, tmp_path):
    write_distribution(
        tmp_path,
        "greedy-plugin",
        "[forensics.loci]\nCOI = greedy_plugin:COI\n"
        "[forensics.methods]\nage.radiocarbon = greedy_plugin:METHOD\n",
        "from forensics.barcode.locus import find_locus\nCOI = find_locus('COI')\nMETHOD = None\n",
    )
    on_path(tmp_path)
    problems = [entry["problem"] for entry in check_plugins(lambda: {"age.radiocarbon"})]
    assert ["is taken" in str(problem) for problem in problems] == [True, True]
    assert find_locus("COI") is next(locus for locus in LOCI if locus.name == "COI")
    assert plugins_of_loci(["COI"]) == ()
    assert "Date ivory" in run(tmp_path, "age", "radiocarbon", "--help", cwd=tmp_path.parent).stdout


# -- faulty ones ----------------------------------------------------------------------------


BROKEN = "[forensics.{group}]\n{name} = broken_plugin:THING\n"


def test_a_broken_plug_in_hinders_no_other_command(tmp_path, embedded):
    write_distribution(
        tmp_path,
        "broken-plugin",
        "".join(
            BROKEN.format(group=group, name=name)
            for group, name in (
                ("loci", "ND9"), ("methods", "age.tea"), ("readers", "tea"), ("models", "tea"),
            )
        ),
        "raise RuntimeError('no leaves')\n",
    )  # fmt: skip
    query = embedded.path / "demonstration" / "scale.fasta"
    if not query.is_file():
        from forensics.resources import folder

        query = folder("reference_sequences") / "demonstration" / "scale.fasta"
    done = run(tmp_path, "identify", query, cwd=tmp_path.parent)
    assert done.returncode == 0, done.stderr
    assert "broken" not in done.stdout + done.stderr
    help_ = run(tmp_path, "age", "--help", cwd=tmp_path.parent)
    assert help_.returncode == 0
    assert "radiocarbon" in help_.stdout
    assert "a plug-in that cannot be used" in help_.stdout
    called = run(tmp_path, "age", "tea", "--strength", "5", cwd=tmp_path.parent)
    assert called.returncode == 1
    assert (
        "The plug-in broken-plugin 1.0 (forensics.methods:age.tea) cannot be used: "
        "RuntimeError: no leaves." in called.stderr
    )
    located = run(tmp_path, "identify", query, "--locus", "ND9", cwd=tmp_path.parent)
    assert located.returncode == 1
    assert "broken-plugin 1.0 (forensics.loci:ND9)" in located.stderr
    unknown = run(tmp_path, "identify", query, "--locus", "ND8", cwd=tmp_path.parent)
    assert unknown.returncode == 2
    assert "Known loci: COI" in unknown.stderr


def test_a_command_that_fails_names_its_plug_in(tmp_path):
    write_distribution(
        tmp_path,
        "hasty-plugin",
        "[forensics.methods]\nhurry = hasty_plugin:METHOD\n",
        "import click\nfrom forensics.core.method import Method\n"
        "@click.command()\n@click.option('--ok', is_flag=True)\n"
        "def hurry(ok):\n    print('done') if ok else 1 / 0\n"
        "METHOD = Method('other', lambda: hurry, None, None)\n",
    )
    done = run(tmp_path, "hurry", cwd=tmp_path.parent)
    assert done.returncode == 1
    assert (
        "plug-in hasty-plugin 1.0 (forensics.methods:hurry) cannot be used: ZeroDivisionError"
        in (done.stderr)
    )
    assert run(tmp_path, "hurry", "--ok", cwd=tmp_path.parent).stdout == "done\n"
    assert run(tmp_path, "hurry", "--no", cwd=tmp_path.parent).returncode == 2


def test_two_plug_ins_of_one_name_are_both_refused(on_path, tmp_path):
    code = (
        "from forensics.barcode.locus import find_locus\nfrom dataclasses import replace\n"
        "ND2 = replace(find_locus('COI'), name='ND2', synonyms=())\n"
    )
    for package in ("first-plugin", "second-plugin"):
        module = package.replace("-", "_")
        write_distribution(tmp_path, package, f"[forensics.loci]\nND2 = {module}:ND2\n", code)
    on_path(tmp_path)
    with pytest.raises(PluginError, match=r"first-plugin 1.0 .*second-plugin 1.0 "):
        find_locus("ND2")
    assert known_loci() == LOCI


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("name='ND3'", "name"),
        ("name='ND/2'", "name"),
        ("minimum_length=5", "minimum_length"),
        ("genome='chloroplast'", "genome"),
        ("maximum_length=3", "maximum_length"),
        ("source=' '", "source"),
        ("primers=(Primer('p', 'ACGI', '+', 's'),)", "primers"),
        ("synonyms=('co1',)", "taken"),
    ],
)
def test_a_locus_with_values_that_no_locus_has_is_refused(on_path, tmp_path, change, named):
    name = "ND/2" if "/" in change else "ND2"
    write_distribution(
        tmp_path,
        "wrong-plugin",
        f"[forensics.loci]\n{name} = wrong_plugin:WRONG\n",
        "from forensics.barcode.locus import Primer, find_locus\nfrom dataclasses import replace\n"
        "LOCUS = replace(find_locus('COI'), name='ND2', synonyms=())\n"
        f"WRONG = replace(LOCUS, {change})\n",
    )
    on_path(tmp_path)
    with pytest.raises(PluginError, match=named):
        find_locus(name)


def test_a_method_of_a_kind_that_the_ledger_keeps_for_itself_is_refused(on_path, tmp_path):
    write_distribution(
        tmp_path,
        "naming-plugin",
        "[forensics.methods]\nname = naming_plugin:METHOD\nother = naming_plugin:OTHER\n",
        "from forensics.core.method import Method\n"
        "METHOD = Method('identification', None, None, None)\nOTHER = 5\n",
    )
    on_path(tmp_path)
    with pytest.raises(PluginError, match="kind 'identification'; expected one of age"):
        find_method("name")
    with pytest.raises(PluginError, match="it gives int, expected Method"):
        find_method("other")
    assert find_method("third") is None


# -- readers and models ---------------------------------------------------------------------


def test_a_reader_reads_what_no_built_in_one_reads(on_path, tmp_path):
    write_distribution(
        tmp_path,
        "beads-plugin",
        "[forensics.readers]\nbeads = beads_plugin:READER\n",
        "from forensics.barcode.reading.plugin_readers import SequenceReader\n"
        "from forensics.barcode.reading.reads import Query\nfrom forensics.io.formats import Format\n"
        "def read(stream, label):\n"
        "    for line in stream.read().decode().splitlines()[1:]:\n"
        "        name, sequence = line.split('=')\n        yield Query(name, sequence.upper())\n"
        "READER = SequenceReader(Format('beads', 'sequences', (b'%BEADS',)), read)\n",
    )
    (tmp_path / "a.txt").write_text("%BEADS\none=" + "acgtt" * 40 + "\n", encoding="utf-8")
    (tmp_path / "b.txt").write_text("%BEADS\nbroken\n", encoding="utf-8")
    on_path(tmp_path)
    (query,) = read_queries(tmp_path / "a.txt")
    assert (query.name, query.sequence[:5], len(query.sha256)) == ("one", "ACGTT", 64)
    (result,) = forensics.identify(tmp_path / "a.txt")
    assert result.provenance.plugins == {
        "beads-plugin": {"version": "1.0", "entry_points": ["forensics.readers:beads"]}
    }
    with pytest.raises(PluginError, match="beads-plugin 1.0 .*ValueError"):
        list(read_queries(tmp_path / "b.txt"))


def test_a_model_of_a_plug_in_is_opened_by_its_name(on_path, tmp_path):
    from forensics.resources import folder

    source = folder("models") / "microbov-breeds"
    copied = shutil.copytree(source, tmp_path / "cattle")
    text = (copied / "model.json").read_text(encoding="utf-8")
    (copied / "model.json").write_text(
        text.replace('"name": "microbov-breeds"', '"name": "cattle"', 1), encoding="utf-8"
    )
    write_distribution(
        tmp_path,
        "cattle-plugin",
        "[forensics.models]\ncattle = cattle_plugin:folder\nmoved = cattle_plugin:moved\n",
        "from pathlib import Path\n"
        "def folder():\n    return Path(__file__).parent / 'cattle'\n"
        "def moved():\n    return Path(__file__).parent / 'elsewhere'\n",
    )
    on_path(tmp_path)
    model = open_model("cattle")
    assert (model.name, model.plugin.package, model.demonstration) == (
        "cattle",
        "cattle-plugin",
        False,
    )
    assert "cattle" in [known.name for known in open_known_models()]
    with pytest.raises(PluginError, match="not the folder of a model"):
        open_model("moved")


# -- what data says -------------------------------------------------------------------------


def test_a_distribution_beside_the_data_is_not_installed(tmp_path):
    write_distribution(
        tmp_path,
        "trap-plugin",
        "[forensics.loci]\nND9 = trap_plugin:ND9\n",
        "raise SystemExit(9)\n",
    )
    shown = run(None, "--version", cwd=tmp_path)
    assert shown.returncode == 0
    assert "trap-plugin" not in shown.stdout
    assert "trap-plugin 1.0" not in run(None, "selftest", cwd=tmp_path).stdout


def test_data_names_an_installed_plug_in_and_never_a_module(on_path, example, tmp_path):
    (tmp_path / "trap_plugin.py").write_text("raise SystemExit('loaded')\n", encoding="utf-8")
    on_path(tmp_path)
    record = {
        "sample": "S1",
        "provenance": {
            "plugins": {
                "trap-plugin": {
                    "version": "1", "entry_points": ["forensics.methods:trap_plugin:METHOD"],
                    "value": "trap_plugin:METHOD",
                }
            }
        },
    }  # fmt: skip
    with pytest.raises(PluginError, match="trap-plugin 1"):
        forensics.stored_results.read_result(record)
    assert "trap_plugin" not in sys.modules


@pytest.mark.parametrize(
    "plugins",
    [None, [], "x", {"a": 1}, {"a": {}}, {"a": {"entry_points": 3}}, {"a": {"entry_points": [1]}}],
)
def test_what_a_hand_wrote_as_plug_ins_is_of_any_form(plugins):
    assert all(plugin.package == "a" for plugin in find_missing(plugins))


def test_an_unknown_locus_is_an_error_of_use():
    with pytest.raises(UsageError, match="Unknown locus 'ND2'"):
        find_locus("ND2")


def test_plug_ins_are_recorded_by_package(on_path, example):
    on_path(example)
    assert record_plugins(reversed(installed_plugins())) == {
        PACKAGE: {
            "version": "0.1.0",
            "entry_points": [
                "forensics.loci:ND2", "forensics.methods:age.layers",
                "forensics.report_sections:age.layers",
            ],
        }
    }  # fmt: skip
