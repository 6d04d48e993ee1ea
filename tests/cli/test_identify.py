import csv
import gzip
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from simulation import SPECIES, ab1, far_sequence, genbank, query

from forensics.barcode.identification import CSV_COLUMNS, Identification
from forensics.barcode.reference.library import open_library
from forensics.cli import main
from forensics.io.files import folder

ONE = query()
UNKNOWN = far_sequence()


@pytest.fixture
def identify(library):
    def identify(*arguments, stdin=None, **options):
        given = ["identify", "--library", str(library.path), *map(str, arguments)]
        return CliRunner().invoke(main, given, input=stdin, **options)

    return identify


@pytest.fixture
def good(tmp_path):
    path = tmp_path / "good.fasta"
    path.write_text(f">good one\n{ONE}\n")
    return path


def test_the_official_list_counts_and_stands_in_the_parameters(identify, good, tmp_path):
    index = tmp_path / "index.csv"
    species = SPECIES[0]
    index.write_text(f"FullName,RankName,CurrentListing\n{species},SPECIES,III\n")
    given = ("--index", index, "--index-date", "2999-01-01", "--format", "json")
    (plain,) = jsons(identify(good, "--format", "json"))
    assert "official_list" not in plain["provenance"]["parameters"]
    assert "go together" in identify(good, "--index", index).stderr
    history = tmp_path / "history.csv"
    history.write_text(
        "FullName,RankName,Appendix,PartyIsoCode,ChangeType,EffectiveAt,IsCurrent\n"
        f"{species},SPECIES,III,GH,ADDITION,01/01/2000,true\n"
    )
    (found,) = jsons(identify(good, *given[2:], "--index", history))
    listed = {one["species"]: one for one in found["listings"]}[species]
    assert (listed["appendix"], listed["as_of"]) == ("III", "2999-01-01")
    recorded = found["provenance"]["parameters"]["official_list"]
    assert recorded["kind"] == "history" and recorded["file"] == "history.csv"
    assert len(recorded["sha256"]) == 64
    for name in ("taxon", "status", "probability", "candidates"):
        assert found[name] == plain[name]
    table = identify(good, "--index", history, "--index-date", "2999-01-01").stdout
    assert "Appendix III (Appendices of 2999-01-01)" in " ".join(table.split())


def test_a_part_of_the_official_list_leaves_the_packaged_table_to_answer_and_says_so(tmp_path):
    """Of an index of parrots and a pangolin: "no listing found", and not a word beside it."""
    scale = folder("reference_sequences") / "demonstration" / "scale.fasta"
    index = tmp_path / "parrots.csv"
    index.write_text("FullName,RankName,CurrentListing\nPsittaciformes,ORDER,I/II/NC\n")
    given = ["identify", str(scale), "--index", str(index), "--index-date", "2026-11-01"]
    shown = " ".join(CliRunner().invoke(main, given).stdout.split())
    assert "CITES I*" in shown
    assert "Appendix I (Appendices of 2023-11-25). Manis temminckii is not in the" in shown
    (result,) = jsons(CliRunner().invoke(main, [*given, "--format", "json"]))
    listed = result["listings"][0]
    assert (listed["appendix"], listed["as_of"]) == ("I", "2023-11-25")
    assert [warning["code"] for warning in listed["warnings"]] == ["NOT_IN_OFFICIAL_LIST"]
    read = Identification.from_json(json.dumps(result))
    assert listed["warnings"][0]["message"] in read.listed_call().line()
    two = CliRunner().invoke(main, [*given[:2], str(scale), *given[2:]]).stdout
    assert "*: the official list given differs" in " ".join(two.split())


def jsons(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_the_table_says_what_a_technician_needs(identify, good):
    result = identify(good)
    assert result.exit_code == 0
    for part in ("good", SPECIES[0], "COI", "Closest other", "How sure", "CITES listing"):
        assert part in result.stdout
    assert result.stderr.strip() == (
        "1 identified, 0 no name, 0 nothing near, 0 unusable, 0 files not read"
    )


def test_json_is_one_object_a_line_and_nothing_else(identify, tmp_path):
    path = tmp_path / "x.fasta"
    path.write_text(f">a\n{ONE}\n>b\n{UNKNOWN}\n")
    result = identify(path, "--format", "json")
    assert [(x["query"], x["status"]) for x in jsons(result)] == [
        ("a", "identified"),
        ("b", "nothing_near"),
    ]
    assert (result.exit_code, result.stderr) == (0, "")


def test_processes_change_neither_results_nor_their_order(identify, tmp_path, monkeypatch):
    monkeypatch.setattr("forensics.barcode.examination.PARALLEL_THRESHOLD", 3)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    sequences = [ONE, UNKNOWN, ONE[:400], ONE[100:], "ACGT", ONE, UNKNOWN[::-1], ONE[50:500]]
    path = tmp_path / "x.fasta"
    path.write_text("".join(f">q{n % 6}\n{s}\n" for n, s in enumerate(sequences)))
    one, two = (identify(path, "--format", "json", "--jobs", jobs) for jobs in (1, 2))
    assert len(jsons(one)) == len(sequences)
    assert (two.stdout, two.exit_code) == (one.stdout, one.exit_code)


def test_csv_has_one_header_and_a_row_a_query(identify, good, tmp_path):
    other = tmp_path / "other.fasta"
    other.write_text(f'>"quoted,name"\n{ONE}\n')
    result = identify(good, other, "--format", "csv")
    rows = list(csv.reader(io.StringIO(result.stdout)))
    assert rows[0] == list(CSV_COLUMNS)
    assert [row[0] for row in rows[1:]] == ["good", '"quoted,name"']
    assert {len(row) for row in rows} == {len(CSV_COLUMNS)}
    assert result.stderr == ""


@pytest.mark.parametrize(
    "name, content",
    [
        ("x.fastq", f"@a\n{ONE}\n+\n{'I' * len(ONE)}\n".encode()),
        ("x.gb", genbank("a", SPECIES[0], ONE).encode()),
        ("x.ab1", ab1(ONE, [40] * len(ONE))),
        ("x.fasta.gz", gzip.compress(f">a\n{ONE}\n".encode())),
        ("x", f">a\n{ONE}\n".encode()),
    ],
)
def test_every_format_of_input_is_recognised_by_content(identify, tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    result = identify(path, "--format", "json")
    assert result.exit_code == 0, result.stderr
    assert jsons(result)[0]["taxon"] == SPECIES[0]
    again = identify("-", "--format", "json", stdin=content)
    assert jsons(again)[0]["provenance"]["input"]["file"] == "standard input"
    assert jsons(again)[0]["taxon"] == SPECIES[0]


def test_results_of_good_files_are_kept_beside_bad_ones(identify, good, tmp_path):
    empty = tmp_path / "empty.fasta"
    empty.write_bytes(b"")
    result = identify(tmp_path / "missing.fasta", good, empty, good, "--format", "json")
    assert result.exit_code == 3
    assert [x["query"] for x in jsons(result)] == ["good", "good"]
    errors = result.stderr.splitlines()
    assert len(errors) == 2
    assert errors[0].startswith(f"Error: {tmp_path / 'missing.fasta'}: there is no such file")
    assert errors[1].startswith(f"Error: {empty}: the file is empty")


def test_an_unusable_record_leaves_with_3_and_keeps_the_others(identify, tmp_path):
    path = tmp_path / "x.fasta"
    path.write_text(f">a\n{ONE}\n>b\n{'N' * 500}\n>c\n{ONE}\n")
    result = identify(path, "--format", "json")
    assert result.exit_code == 3
    assert [x["status"] for x in jsons(result)] == ["identified", "unusable", "identified"]


@pytest.mark.parametrize(
    "arguments, part",
    [
        (["--confidence", "0.5"], "0.5<x<1"),
        (["--confidence", "2"], "0.5<x<1"),
        (["--confidence", "x"], "is not a finite number"),
        (["--format", "xml"], "'xml' is not one of"),
        (["--locus", "18S"], "Unknown locus '18S'"),
        (["--locus", "cytb"], "has no cytb"),
    ],
)
def test_options_used_wrongly_leave_with_2(identify, good, arguments, part):
    result = identify(good, *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert part in result.stderr


def test_a_library_that_is_none_leaves_with_1(good, tmp_path):
    result = CliRunner().invoke(main, ["identify", str(good), "--library", str(tmp_path)])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: ")
    assert "forensics library build" in result.stderr


def test_a_library_that_was_tampered_with_leaves_with_4(good, library_folder):
    table = library_folder / "COI" / "records.tsv"
    table.write_text(table.read_text().replace("albus", "niger", 1))
    (library_folder / "COI" / "index.bin").unlink()
    result = CliRunner().invoke(main, ["identify", str(good), "--library", str(library_folder)])
    assert (result.exit_code, result.stdout) == (4, "")


def test_hostile_names_do_not_reach_the_terminal_as_commands(identify, tmp_path):
    path = tmp_path / "x.fasta"
    path.write_text(f">a\x1b[2J\x1b]0;x\x07\n{ONE}\n")
    table = identify(path, color=True)
    assert "\x1b" not in table.stdout and "\x07" not in table.stdout
    assert jsons(identify(path, "--format", "json"))[0]["query"] == "a\x1b[2J\x1b]0;x\x07"


# -- several loci of one sample -----------------------------------------------------------


@pytest.fixture
def two_loci(tmp_path):
    paths = [tmp_path / f"exhibit_{locus}.fasta" for locus in ("COI", "12S")]
    for path, locus in zip(paths, ("COI", "12S")):
        path.write_text(f">{locus}\n{query(locus=locus)}\n")
    return paths


def test_combine_prints_one_more_result(identify, two_loci):
    result = identify(*two_loci, "--combine", "--format", "json")
    assert (result.exit_code, result.stderr) == (0, "")
    *single, last = jsons(result)
    assert [x["query"] for x in single] == ["COI", "12S"]
    assert last.keys() == {"combined"}
    assert (last["combined"]["status"], last["combined"]["taxon"]) == ("identified", SPECIES[0])
    assert last["combined"]["queries"] == ["COI", "12S"]
    (molecule,) = last["combined"]["molecules"]
    assert molecule["linkage"] == "mitochondrial"


def test_combine_keeps_a_unit(tmp_path):
    """Of the embedded library: the kestrels Falco tinnunculus and F. rupicolus, which share sequences of COI."""
    index = open_library().index("COI")
    files = {"KF946675.1": "", "KF946674.1": ""}
    for place in range(index.record_count):
        if (accession := index.record(place).accession) in files:
            sequence = index.sequence(index.haplotype_at(place)).decode()
            files[accession] = str(tmp_path / f"{accession}.fasta")
            Path(files[accession]).write_text(f">{accession}\n{sequence}\n")
    for given in (list(files.values())[:1], list(files.values())):
        *each, last = jsons(
            CliRunner().invoke(main, ["identify", *given, "--combine", "--format", "json"])
        )
        alone = {(one["rank"], one["taxon"], one["probability"]) for one in each}
        together = last["combined"]
        assert (together["rank"], together["taxon"], together["probability"]) in alone
        assert {said[:2] for said in alone} == {("unit", "Falco rupicolus / tinnunculus")}


def test_combine_in_the_table_and_in_csv(identify, two_loci):
    table = identify(*two_loci, "--combine").stdout
    head, together = table.split("All sequences together")
    assert SPECIES[0] in together and "count once" in together
    rows = list(
        csv.DictReader(io.StringIO(identify(*two_loci, "--combine", "--format", "csv").stdout))
    )
    assert [row["query"] for row in rows] == ["COI", "12S", "combined"]
    assert rows[-1]["taxon"] == SPECIES[0] and "LINKED_LOCI" in rows[-1]["warnings"]


def test_loci_of_two_animals_are_a_conflict(identify, tmp_path):
    path = tmp_path / "x.fasta"
    path.write_text(f">a\n{query()}\n>b\n{query(SPECIES[3], '12S')}\n")
    last = jsons(identify(path, "--combine", "--format", "json"))[-1]["combined"]
    assert (last["status"], last["taxon"]) == ("inconclusive", None)
    assert "LOCI_CONFLICT" in [warning["code"] for warning in last["warnings"]]


def test_without_combine_nothing_is_combined(identify, two_loci):
    assert "combined" not in identify(*two_loci, "--format", "json").stdout
