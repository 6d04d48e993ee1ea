"""``forensics identify``: lists, reasons, trees, consensus, people, several loci. Sequences are SIMULATED."""

import gzip
import hashlib
import json
import random
from pathlib import Path

import numpy
import pytest
from command_line import records, typed
from simulation import SPECIES, ab1, far_sequence, fastq, genbank, nanopore_reads, query
from trace_simulation import ab1_of, simulate

from forensics.barcode.identification import Identification
from forensics.barcode.locus import BLOCKING
from forensics.barcode.reference.library import open_library
from forensics.io.files import folder

ONE = query()
UNKNOWN = far_sequence()


@pytest.fixture
def identify(library):
    def identify(line, *more, **options):
        return typed(f"identify --library {library.path} {line}", *more, **options)

    return identify


@pytest.fixture
def written(tmp_path):
    """Write sequences into a file of that name."""

    def written(name, *sequences):
        path = tmp_path / name
        path.write_text("".join(f">{title}\n{text}\n" for title, text in sequences))
        return path

    return written


def codes(result):
    return [warning["code"] for warning in result["warnings"]]


# -- files ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        f"@a\n{ONE}\n+\n{'I' * len(ONE)}\n".encode(),
        genbank("a", SPECIES[0], ONE).encode(),
        ab1(ONE, [40] * len(ONE)),
        gzip.compress(f">a\n{ONE}\n".encode()),
    ],
    ids=["FASTQ", "GenBank", "ABIF", "gzip"],
)
def test_every_format_of_input_is_recognised_by_content(identify, tmp_path, content):
    path = tmp_path / "x"
    path.write_bytes(content)
    (named,) = records(identify("--format json", path))
    (piped,) = records(identify("- --format json", text=content))
    assert named["taxon"] == piped["taxon"] == SPECIES[0]
    assert piped["provenance"]["input"]["file"] == "standard input"


def test_threads_change_neither_results_nor_their_order(identify, written, monkeypatch):
    monkeypatch.setattr("forensics.barcode.examination.MAX_QUERIES_ALONE", 2)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    texts = [ONE, UNKNOWN, ONE[:400], ONE[100:], "ACGT", ONE, UNKNOWN[::-1], ONE[50:500]]
    path = written("x.fasta", *((f"q{n % 6}", text) for n, text in enumerate(texts)))
    one, two = (identify(f"--format json --jobs {jobs}", path, expect=3) for jobs in (1, 2))
    assert len(records(one)) == len(texts) and two.stdout == one.stdout


# -- the official list ----------------------------------------------------------------------


def test_the_official_list_counts_and_stands_in_the_parameters(identify, written, tmp_path):
    good, history = written("good.fasta", ("good", ONE)), tmp_path / "history.csv"
    history.write_text(
        "FullName,RankName,Appendix,PartyIsoCode,ChangeType,EffectiveAt,IsCurrent\n"
        f"{SPECIES[0]},SPECIES,III,GH,ADDITION,01/01/2000,true\n"
    )
    (plain,) = records(identify("--format json", good))
    assert "official_list" not in plain["provenance"]["parameters"]
    law = tmp_path / "law"
    typed("law build --as-of 2999-01-01", law, "--official", history)
    given = ("", good, "--law", law)
    (found,) = records(identify(f"--format json {given[0]}", *given[1:]))
    listed = {one["species"]: one for one in found["listings"]}[SPECIES[0]]
    assert (listed["appendix"], listed["as_of"]) == ("III", "2999-01-01")
    recorded = found["provenance"]["parameters"]["official_list"]
    assert (recorded["kind"], recorded["file"]) == ("law", "law")
    assert recorded["sha256"] == hashlib.sha256((law / "law.json").read_bytes()).hexdigest()
    for name in ("taxon", "status", "probability", "candidates"):
        assert found[name] == plain[name]
    table = identify(*given).stdout
    assert "Appendix III (Appendices of 2999-01-01)" in " ".join(table.split())


def test_a_part_of_the_official_list_leaves_the_packaged_table_to_answer_and_says_so(tmp_path):
    """Of an index of parrots and a pangolin: "no listing found", and not a word beside it."""
    scale = folder("reference_sequences") / "demonstration" / "scale.fasta"
    index = tmp_path / "parrots.csv"
    index.write_text("FullName,RankName,CurrentListing\nPsittaciformes,ORDER,I/II/NC\n")
    law = tmp_path / "law"
    typed("law build --as-of 2026-11-01", law, "--official", index)
    given = ("identify", "--law", law, scale)
    shown = " ".join(typed(*given).stdout.split())
    assert "CITES I*" in shown
    assert "Appendix I (Appendices of 2023-11-25). Manis temminckii is not in the" in shown
    (result,) = records(typed(*given, "--format", "json"))
    listed = result["listings"][0]
    assert (listed["appendix"], listed["as_of"]) == ("I", "2023-11-25")
    assert codes(listed) == ["NOT_IN_OFFICIAL_LIST"]
    read = Identification.from_json(json.dumps(result))
    assert listed["warnings"][0]["message"] in read.listed_call().line()
    assert "*: the official list given differs" in " ".join(typed(*given, scale).stdout.split())


# -- reasons and trees ------------------------------------------------------------------------


def test_json_has_reasons_and_criteria_only_when_asked(identify, written):
    path = written("x.fasta", ("a", ONE))
    (plain,) = records(identify("--format json", path))
    assert plain["reasons"] is plain["criteria"] is None
    (asked,) = records(identify("--format json --reasons --criteria casework", path))
    assert asked["reasons"]["species"] == asked["criteria"]["species"] == SPECIES[0]
    assert asked["rank"] == "genus"  # the simulated records name no institution
    assert "CRITERIA_NOT_MET" in codes(asked)
    assert asked["provenance"]["parameters"]["criteria"]["name"] == "casework"


def test_several_queries_have_a_tree_each_that_has_their_name(identify, written, tmp_path):
    path = written("x.fasta", *((name, ONE) for name in ("a/..", "b", "B", "b")))
    identify("--tree", tmp_path / "tree.nwk", path)
    assert sorted(path.name for path in tmp_path.glob("*.nwk")) == [
        "tree.B.3.nwk", "tree.a_...nwk", "tree.b.4.nwk", "tree.b.nwk",
    ]  # fmt: skip


# -- reads that are put together ----------------------------------------------------------------


def test_reads_too_bad_to_be_examined_alone_name_a_species_together(identify, tmp_path):
    path = tmp_path / "scale.fastq"
    path.write_text(fastq(nanopore_reads(random.Random(7), ONE, 30, errors=0.12)))
    alone = records(identify("--format json", path, expect=3))
    assert all(result["status"] == "unusable" for result in alone)
    (found,) = records(identify("--consensus --format json", path))
    assert found["query"] == "scale_1"
    assert found["candidates"][0]["species"] == SPECIES[0]
    assert found["candidates"][0]["identity"] > 0.98
    assert "CONSENSUS" in codes(found)


def test_a_read_whose_errors_are_just_at_the_limit_is_examined_on_every_python(identify, tmp_path):
    """650 times 0.1 is more than 65 by the sum of Python 3.11, and not by that of 3.12."""
    path = tmp_path / "limit.fastq"
    path.write_text(fastq([(ONE, chr(33 + 10) * len(ONE))]))
    assert records(identify("--format json", path))[0]["status"] != "unusable"


# -- people and other samples -----------------------------------------------------------------


def test_a_match_with_the_elimination_set_is_not_examined_and_not_named(identify, written):
    staff = written("control.fasta", ("positive", ONE))
    exhibit = written("x.fasta", ("exhibit", ONE))
    found = identify("--format json", exhibit, "--elimination", staff, expect=3)
    (result,) = records(found)
    assert codes(result) == ["ELIMINATION_MATCH"]
    assert result["candidates"] == [] and result["taxon"] is None
    assert "positive" not in found.output and "control.fasta" not in found.output


def test_sequences_of_one_sample_may_be_the_same(identify, written):
    path = written("x.fasta", ("exhibit", ONE), ("second", ONE))
    assert "SAME_HAPLOTYPE_IN_RUN" in identify("--format json", path).stdout
    assert "SAME_HAPLOTYPE_IN_RUN" not in identify("--format json --combine", path).stdout


@pytest.fixture(scope="module")
def human_piece():
    path = folder("reference_sequences") / "contaminants" / "human_mitogenome.fasta.gz"
    with gzip.open(path, "rt") as lines:
        return "".join(line.strip() for line in lines if line[0] != ">")[5900:6650]


@pytest.fixture
def human_traces(human_piece, tmp_path):
    """SIMULATED chromatograms of a human sequence."""
    traces = tmp_path / "traces"
    traces.mkdir()
    rng = numpy.random.default_rng(3)
    for strand in "FR":
        trace = simulate(rng, [(human_piece, 1.0)], reverse=strand == "R")
        (traces / f"h_{strand}.ab1").write_bytes(ab1_of(trace))
    return traces


def test_what_is_human_is_told_before_any_other_fault(identify, written, human_piece):
    bad = list(human_piece)
    bad[::15] = "N" * len(bad[::15])  # more than may be examined
    path = written("h.fasta", ("h", "".join(bad)))
    assert codes(*records(identify("--format json", path, expect=3))) == ["HUMAN"]


def test_a_human_read_in_a_pair_that_does_not_fit_is_told_as_human(identify, human_traces):
    other = simulate(numpy.random.default_rng(4), [(ONE, 1.0)], reverse=True)
    (human_traces / "h_R.ab1").write_bytes(ab1_of(other))
    assert codes(*records(identify("--format json", human_traces, expect=3))) == ["HUMAN"]


@pytest.mark.parametrize("command", ["show --output", "info"])
def test_a_human_chromatogram_is_neither_drawn_nor_listed(human_traces, command):
    figure = human_traces.parent / "figure.png"
    traces = sorted(human_traces.iterdir())
    more = [figure, *traces] if "show" in command else traces
    found = typed(f"chromatogram {command}", *more, expect=3)
    assert "human" in found.stderr and not found.stdout and not figure.exists()


def test_a_sample_with_a_human_member_says_so_when_combined(identify, written, human_piece):
    path = written("s.fasta", ("good", ONE), ("bad", human_piece))
    found = identify("--combine --format json", path, expect=3)
    combined = records(found)[-1]["combined"]
    (warning,) = [w for w in combined["warnings"] if w["code"] == "MEMBER_DOUBTED"]
    assert "bad" in warning["message"] and "HUMAN" in warning["message"]
    assert "MEMBER_DOUBTED" in BLOCKING


# -- several loci of one sample -----------------------------------------------------------


def test_combine_keeps_a_unit(tmp_path):
    """Of the embedded library: the kestrels Falco tinnunculus and F. rupicolus, which share sequences of COI."""
    index = open_library().index("COI")
    files = {"KF946675.1": "", "KF946674.1": ""}
    for place in range(index.record_count):
        if (accession := index.record(place).accession) in files:
            sequence = index.sequence(index.haplotype_at(place))
            files[accession] = str(tmp_path / f"{accession}.fasta")
            Path(files[accession]).write_text(f">{accession}\n{sequence}\n")
    for given in (list(files.values())[:1], list(files.values())):
        *each, last = records(typed("identify --combine --format json", *given))
        alone = {(one["rank"], one["taxon"], one["probability"]) for one in each}
        together = last["combined"]
        assert (together["rank"], together["taxon"], together["probability"]) in alone
        assert {said[:2] for said in alone} == {("unit", "Falco rupicolus / tinnunculus")}
