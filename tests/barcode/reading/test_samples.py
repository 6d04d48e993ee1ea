"""Files of SIMULATED chromatograms on their way to queries."""

import gzip
import hashlib
import random
import shutil

import numpy
import pytest
from simulation import SPECIES, ab1, mutate, query, random_sequence
from trace_simulation import ab1_of, simulate

import forensics
from forensics.barcode.locus import find_locus, reverse_complement
from forensics.barcode.reading.inputs import as_queries
from forensics.barcode.reading.inspection import inspect_sample
from forensics.barcode.reading.samples import (
    Sample,
    group,
    read_name,
    read_sample,
    samples_of,
    stem,
)
from forensics.errors import InputError, UsageError
from forensics.io.files import is_chromatogram

# What a sequencer sees: the product with its primers, from behind the primer that it starts with.
FORWARD, REVERSE = (
    next(p.sequence for p in find_locus("COI").primers if p.name == name)
    for name in ("LepF1", "LepR1")
)
BARCODE = query(SPECIES[0])
OTHER = mutate(random.Random(5), BARCODE, substitutions=60)


def product(barcode, strand):
    if strand == "F":
        return barcode + reverse_complement(REVERSE)
    return reverse_complement(barcode) + reverse_complement(FORWARD)


@pytest.fixture(scope="module")
def traces():
    """Bytes of .ab1 files by name."""
    rng = numpy.random.default_rng(11)

    def made(strand, *templates):
        return ab1_of(simulate(rng, [(product(s, strand), share) for s, share in templates]))

    found = {}
    for strand in "FR":
        found[f"one_{strand}"] = made(strand, (BARCODE, 1.0))
        found[f"other_{strand}"] = made(strand, (OTHER, 1.0))
        found[f"mixed_{strand}"] = made(strand, (BARCODE, 0.5), (OTHER, 0.5))
    found["again_F"] = made("F", (BARCODE, 1.0))
    return found


@pytest.fixture
def files(tmp_path, traces):
    """Write traces under other names: ``files(x_F="one_F")``."""

    def write(**names):
        paths = []
        for name, trace in names.items():
            path = tmp_path / f"{name}.ab1"
            path.write_bytes(traces[trace])
            paths.append(path)
        return paths

    return write


def codes(warnings):
    return [warning.code for warning in warnings]


def test_two_strands_become_one_query_without_primers(files):
    paths = files(x_F="one_F", x_R="one_R")
    (found,) = as_queries(paths)
    assert found.name == "x"
    assert found.problem is None
    assert found.doubts == ()
    # Ends that only one strand reaches may be cut, and up to 11 bases of a primer not be known.
    assert 630 <= len(found.sequence) <= len(BARCODE) + 11
    same = sum(one == other for one, other in zip(found.sequence[40:600], _placed(found, BARCODE)))
    assert same >= 558
    assert {"TRIMMED", "PRIMERS_TRIMMED", "READS_MERGED"} <= set(codes(found.notes))


def _placed(found, barcode):
    start = barcode.find(found.sequence[100:120]) - 100
    return barcode[start + 40 : start + 600]


def test_the_far_primer_is_cut_off_each_read(files):
    for strand in "FR":
        (found,) = as_queries(files(**{f"x_{strand}": f"one_{strand}"}))
        barcode = BARCODE if strand == "F" else reverse_complement(BARCODE)
        start = barcode.find(found.sequence[100:120]) - 100
        assert start + len(found.sequence) <= len(barcode) + 11
        assert start + len(found.sequence) >= len(barcode) - 12


def test_provenance_has_every_file_with_its_hash(files, library):
    paths = files(x_F="one_F", x_R="one_R")
    (result,) = forensics.identify(paths, library=library)
    assert (result.query, result.status, result.taxon) == ("x", "identified", SPECIES[0])
    read = result.to_dict()["provenance"]["input"]
    assert [one["file"] for one in read["files"]] == [str(path) for path in paths]
    for one, path in zip(read["files"], paths):
        assert one["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        assert one["run"]["basecaller"] == "simulated"
    row = result.to_row()
    assert row["input_file"] == f"{paths[0]} + {paths[1]}"


def test_a_single_chromatogram_keeps_its_keys_and_says_it_is_alone(files, library):
    (path,) = files(x_F="one_F")
    (result,) = forensics.identify(path, library=library)
    read = result.to_dict()["provenance"]["input"]
    assert (read["file"], len(read["sha256"])) == (str(path), 64)
    assert "ONE_READ" in codes(result.warnings)


@pytest.mark.parametrize("reads", [("F",), ("F", "R")])
def test_a_mixture_never_becomes_a_name(files, library, reads):
    paths = files(**{f"x_{strand}": f"mixed_{strand}" for strand in reads})
    (result,) = forensics.identify(paths, library=library)
    assert result.status in ("inconclusive", "unusable")
    assert result.taxon is None
    assert "MIXED_CHROMATOGRAM" in codes(result.warnings)


def test_reads_of_two_samples_are_not_merged(files):
    (found,) = as_queries(files(x_F="one_F", x_R="other_R"))
    assert found.problem.code == "READS_DISAGREE"
    assert "x_R and x_F do not agree" in found.problem.message
    assert found.sequence == ""


def test_names_that_say_another_strand_than_the_bases_are_not_believed(files):
    (found,) = as_queries(files(x_F="one_F", x_R="one_F"))
    assert found.problem.code == "READS_DISAGREE"
    assert "of one strand" in found.problem.message


def test_a_pair_that_is_given_may_be_of_one_strand(files):
    paths = files(a="one_F", b="again_F")
    gathered = samples_of([], pairs=[paths])
    (found,) = (q for sample in gathered.samples for q in read_sample(sample))
    assert found.name == "a+b"
    assert found.problem is None


def test_a_copy_of_a_read_does_not_confirm_it(files):
    gathered = samples_of([], pairs=[files(a="one_F", b="one_F")])
    (found,) = (q for sample in gathered.samples for q in read_sample(sample))
    assert found.problem.code == "READS_DISAGREE"
    assert "a and b are the same read" in found.problem.message
    assert found.sequence == ""


def test_names_are_not_looked_at_where_nobody_wants_it(files):
    gathered = samples_of(files(x_F="one_F", x_R="one_R"), paired=False)
    assert [sample.name for sample in gathered.samples] == ["x_F", "x_R"]


def test_a_read_without_good_bases_is_left_out_and_told(files, tmp_path):
    paths = files(x_F="one_F")
    bad = tmp_path / "x_R.ab1"
    bad.write_bytes(ab1(BARCODE, [3] * len(BARCODE)))
    (found,) = as_queries([*paths, bad])
    assert found.problem is None
    assert {"READ_LEFT_OUT", "ONE_READ"} <= set(codes(found.notes))


def test_of_a_pair_with_a_damaged_file_the_other_is_examined_and_the_fault_told(files, tmp_path):
    paths = files(x_F="one_F")
    bad = tmp_path / "x_R.ab1"
    bad.write_bytes(paths[0].read_bytes()[:5000])
    queries = as_queries([*paths, bad])
    assert next(queries).name == "x_F"
    with pytest.raises(InputError, match=r"x_R\.ab1: the chromatogram is damaged"):
        next(queries)


def test_a_folder_is_read_and_what_is_no_chromatogram_told(files, tmp_path):
    files(x_F="one_F", x_R="one_R", y_F="other_F")
    (tmp_path / "notes.txt").write_text("of the run")
    (tmp_path / ".hidden").write_text("by the system")
    (tmp_path / "older").mkdir()
    gathered = samples_of([tmp_path])
    assert [sample.name for sample in gathered.samples] == ["x", "y_F"]
    assert len(gathered.passed_over) == 2
    assert any("notes.txt is not a chromatogram" in text for text in gathered.passed_over)
    assert any(
        "older is a folder inside a folder and was not examined" in text
        for text in gathered.passed_over
    )
    with pytest.warns(UserWarning, match="notes.txt|older"):
        assert [found.name for found in as_queries(tmp_path)] == ["x", "y_F"]


def test_a_folder_without_chromatograms_is_refused(tmp_path):
    (tmp_path / "x.fasta").write_text(f">a\n{BARCODE}\n")
    with pytest.raises(InputError, match="folder without chromatograms"):
        list(as_queries(tmp_path))


def test_a_chromatogram_is_known_by_its_content(tmp_path, traces):
    plain, packed, other = tmp_path / "a", tmp_path / "b", tmp_path / "c.ab1"
    plain.write_bytes(traces["one_F"])
    packed.write_bytes(gzip.compress(traces["one_F"]))
    other.write_text("ABI")
    assert is_chromatogram(plain) and is_chromatogram(packed)
    assert not is_chromatogram(other)
    assert not is_chromatogram(tmp_path) and not is_chromatogram(tmp_path / "none")


def test_paths_and_sequences_may_be_given_together(files):
    paths = files(x_F="one_F")
    found = list(as_queries([*paths, BARCODE, (str(path) for path in paths)]))
    assert [one.name for one in found] == ["x_F", "sequence", "x_F"]


def test_facts_are_plain_and_complete(files):
    (sample,) = samples_of(files(x_F="one_F", x_R="one_R")).samples
    facts = inspect_sample(sample).to_dict()
    assert facts["sample"] == "x"
    assert facts["agreement"] > 0.99
    assert facts["overlap"] > 550
    assert [read["reverse"] for read in facts["reads"]] == [False, True]
    assert facts["mixed"] is False
    assert facts["primers"]
    assert len(facts["qualities"]) == facts["consensus_length"]
    assert max(facts["qualities"]) == 93  # two good bases that agree


def test_three_reads_of_a_sample(files):
    (found,) = as_queries(files(x_F="one_F", x_F2="again_F", x_R="one_R"))
    assert found.problem is None and len(found.members) == 3
    (sample,) = group(["x_R.ab1", "x_F2.ab1", "x_F.ab1"])
    assert sample.files == ("x_F.ab1", "x_F2.ab1", "x_R.ab1") and not sample.fault


def test_the_same_read_under_two_names_is_a_fault_of_that_sample_alone(files, tmp_path):
    paths = files(x_F="one_F", x_R="one_R", y="other_F")
    twin = tmp_path / "x-F.ab1"
    shutil.copy(paths[0], twin)
    gathered = samples_of([*paths, twin])
    faults = [sample for sample in gathered.samples if sample.fault]
    assert len(faults) == 1
    with pytest.raises(InputError, match="are by their names the same read"):
        list(read_sample(faults[0]))
    assert [sample.name for sample in gathered.samples if not sample.fault] == ["y"]


def test_unrelated_reads_do_not_meet(tmp_path, files):
    rng = numpy.random.default_rng(3)
    unrelated = simulate(rng, [(random_sequence(random.Random(1), 500), 1.0)])
    paths = files(x_F="one_F")
    (tmp_path / "x_R.ab1").write_bytes(ab1_of(unrelated))
    (found,) = as_queries([*paths, tmp_path / "x_R.ab1"])
    assert found.problem.code == "READS_DISAGREE"
    assert "bases in common" in found.problem.message or "do not fit" in found.problem.message


@pytest.mark.parametrize(
    "forward, reverse, sample",
    [
        ("x_F.ab1", "x_R.ab1", "x"),
        ("x-F.ab1", "x-R.ab1", "x"),
        ("x.F.ab1", "x.R.ab1", "x"),
        ("x_f.AB1", "X_r.ab1", "x"),
        ("x_FWD.ab1.gz", "x_REV.ab1.gz", "x"),
        ("x Forward.abi", "x Reverse.abi", "x"),
        ("x(LepF1,LepR1)_F.ab1", "x(LepF1,LepR1)_R.ab1", "x(LepF1,LepR1)"),
        (
            "BBBO400-11[RonMWASPdeg_t1,LepR1]_F.ab1.gz",
            "BBBO400-11[RonMWASPdeg_t1,LepR1]_R.ab1.gz",
            "BBBO400-11[RonMWASPdeg_t1,LepR1]",
        ),
        ("B-10[LepF1,LepR1]_F+1288144746.ab1", "B-10[LepF1,LepR1]_R+1288149881.ab1", "B-10[LepF1,LepR1]"),
        ("x_M13F.ab1", "x_M13R.ab1", "x"),
        ("x_M13F(-21).ab1", "x_M13R(-27).ab1", "x"),
        ("x_LCO1490.ab1", "x_HCO2198.ab1", "x"),
        ("x_L14724.ab1", "x_H15149.ab1", "x"),
        ("x_LepF1_F.ab1", "x_LepR1_R.ab1", "x"),
        ("tusk 7_F_A01.ab1", "tusk 7_R_B01.ab1", "tusk 7"),
        ("x_F2.ab1", "x_R2.ab1", "x"),
    ],
)  # fmt: skip
def test_two_strands_of_a_name_are_one_sample(forward, reverse, sample):
    assert read_name(forward).strand == "+"
    assert read_name(reverse).strand == "-"
    (found,) = group([reverse, forward])
    assert found == Sample(sample, (forward, reverse), ("+", "-"))


@pytest.mark.parametrize(
    "files",
    [
        ["elf.ab1", "elr.ab1"],
        ["x_F.ab1", "y_R.ab1"],
        ["x_F.ab1", "x_F2.ab1"],  # one strand twice
        ["one/x_F.ab1", "two/x_R.ab1"],  # of two runs
        ["x_LCO1490.ab1", "x_H15149.ab1"],  # primers of two loci
        ["F.ab1", "R.ab1"],  # no sample is left
        ["plate_F01.ab1", "plate_R.ab1x"],
    ],
)
def test_others_stay_alone(files):
    assert group(files) == [Sample(stem(file), (file,)) for file in files]


def test_loci_of_one_sample_are_apart():
    files = ["x_LCO1490.ab1", "x_HCO2198.ab1", "x_L14724.ab1", "x_H15149.ab1"]
    assert [sample.files for sample in group(files)] == [tuple(files[:2]), tuple(files[2:])]


def test_the_same_read_twice_is_a_fault_that_names_both():
    (found,) = group(["x_F.ab1", "x-F.ab1.gz", "x_R.ab1"])
    assert "x_F.ab1" in found.fault and "x-F.ab1.gz" in found.fault and "--pair" in found.fault


def test_what_is_no_chromatogram_is_never_merged():
    files = ["x_F.fasta", "x_R.ab1"]
    mergeable = {"x_F.fasta": False, "x_R.ab1": True}
    assert [sample.files for sample in group(files, mergeable=mergeable)] == [(f,) for f in files]


def test_pairs_that_are_given_go_before_names():
    samples = group(["x_F.ab1", "x_R.ab1", "z.ab1"], pairs=[("x_F.ab1", "odd.ab1")])
    assert [sample.files for sample in samples] == [
        ("x_F.ab1", "odd.ab1"),
        ("x_R.ab1",),
        ("z.ab1",),
    ]
    assert samples[0].name == "x_F+odd"
    assert samples[0].strands == ("", "")  # their names are not held against them


def test_pairs_that_share_a_file_are_one_sample_and_one_file_is_no_pair():
    (found,) = group([], pairs=[("a.ab1", "b.ab1"), ("c.ab1", "a.ab1")])
    assert found.files == ("a.ab1", "b.ab1", "c.ab1")
    with pytest.raises(UsageError, match=r"x\.ab1 is paired with itself"):
        group([], pairs=[("x.ab1", "x.ab1")])


def test_order_is_that_of_the_first_files_and_repeated_files_are_kept():
    samples = group(["b.ab1", "x_R.ab1", "a.ab1", "x_F.ab1", "b.ab1"])
    assert [sample.name for sample in samples] == ["b", "x", "a", "b"]
