"""Simulated read sets from files to results; VSEARCH does its part here."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from patience import PATIENCE
from read_set_simulation import (
    PRIMERS,
    insert,
    needs_vsearch,
    pairs,
    single,
    stranger,
    write_pairs,
    write_reads,
)
from simulation import SPECIES, random_sequence

from forensics.barcode.matching import cluster as matching_cluster
from forensics.barcode.mixture import denoising
from forensics.barcode.mixture.denoising import Program
from forensics.barcode.mixture.options import ReadSetOptions
from forensics.barcode.mixture.running import examine
from forensics.barcode.mixture.sheet import Pcr, pair_files
from forensics.errors import ForensicsError, InputError, UsageError
from forensics.examination import identify_each

ALBUS, NIGER, PRIMUM = insert(SPECIES[0]), insert(SPECIES[1]), insert(SPECIES[3])
CHIMERA = ALBUS[:90] + PRIMUM[90:]
MIXED = {ALBUS: 600, NIGER: 60, PRIMUM: 300, stranger(): 40, CHIMERA: 12}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Two PCRs of one sample, and a blank with a little of a species of the sample."""
    place = tmp_path_factory.mktemp("reads")
    return {
        "one": write_pairs(place, "one", pairs(MIXED, seed=1)),
        "two": write_pairs(place, "two", pairs(MIXED, seed=2), packed=False),
        "blank": write_pairs(place, "blank", pairs({NIGER: 9}, errors=0, seed=3)),
    }


@pytest.fixture(scope="module")
def pcrs(files):
    return pair_files([*files["one"], *files["two"]], blanks=files["blank"])


@pytest.fixture(scope="module")
def run_of(pcrs, library):
    def run_of(given=pcrs, **options):
        return examine(given, identify_each, library, **{"primers": PRIMERS} | options)

    return run_of


@pytest.fixture(scope="module")
def found(run_of, monkeypatch_module):
    return run_of()


@pytest.fixture(scope="module", autouse=True)
def monkeypatch_module():
    """One time for all results, so that they can be compared."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "1700000000")
        yield patch


@needs_vsearch
def test_pairs_are_merged_denoised_freed_of_chimeras_and_named(found):
    (result,) = found
    named = {taxon.name: taxon for taxon in result.present}
    assert set(named) == {SPECIES[0], SPECIES[1], SPECIES[3]}
    assert named[SPECIES[0]].share == pytest.approx(0.6, abs=0.02)
    assert [pcr.given for pcr in result.reads] == [1012, 1012]
    assert all(5 <= pcr.chimeras <= 12 for pcr in result.reads)
    (unknown,) = (taxon for taxon in result.taxa if taxon.status == "nothing_near")
    assert unknown.presence == "present" and unknown.name is None
    assert unknown.reads > 60


@needs_vsearch
def test_a_taxon_of_the_blank_is_shown_beside_it_and_not_subtracted(found):
    niger = next(taxon for taxon in found[0].taxa if taxon.name == SPECIES[1])
    assert niger.max_reads("blank") == 9 and niger.reads > 80
    # 9 reads of one blank: 15.7 is the upper bound of their mean.
    assert all(15.7 < one.limit.reads < 16.5 for one in niger.pcrs)


@needs_vsearch
def test_a_run_that_is_resumed_at_any_step_gives_the_same_result(run_of, found, tmp_path):
    """Broken off before each step in turn, as by a power cut, and taken up again."""
    work, done = tmp_path / "work", []
    step = denoising.Workplace.step

    def counted(self, name, make, **asked):
        fresh = not (self.folder / "steps" / name).exists()
        if fresh and name not in done:
            done.append(name)
            raise KeyboardInterrupt
        return step(self, name, make, **asked)

    results = None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(denoising.Workplace, "step", counted)
        while results is None:
            try:
                results = run_of(work=work)
            except KeyboardInterrupt:
                continue
    assert len(done) == 7  # three to sort, three to merge, one to denoise
    assert results.to_json() == found.to_json()
    before = {path: path.stat().st_mtime_ns for path in work.rglob("*.fasta")}
    assert run_of(work=work).to_json() == found.to_json()
    assert before == {path: path.stat().st_mtime_ns for path in work.rglob("*.fasta")}


@needs_vsearch
@pytest.mark.skipif(os.name != "posix", reason="kill -9 is of POSIX")
@pytest.mark.parametrize("sign", [pytest.param("SIGKILL", marks=pytest.mark.slow), "SIGINT"])
def test_a_run_that_is_killed_goes_on_and_gives_the_same_result(
    sign, files, found, library, tmp_path, root
):
    """From outside, while a step is being made; SIGINT also leaves no half of it."""
    command = [
        sys.executable, "-m", "forensics", "mixture", *files["one"], *files["two"],
        *(part for file in files["blank"] for part in ("--blank", file)),
        "--primers", *PRIMERS[0], "--library", library.path, "--work", tmp_path / "work",
        "--format", "json",
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(root)}
    for _attempt in range(20):  # on a busy machine the run may end before the signal arrives
        shutil.rmtree(tmp_path / "work", ignore_errors=True)
        started = subprocess.Popen(
            list(map(str, command)), env=environment, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        while not (tmp_path / "work" / "steps" / "0-sorted").exists():
            assert started.poll() is None, started.stderr.read()
            time.sleep(0.002)
        started.send_signal(getattr(signal, sign))
        printed, said = started.communicate(timeout=PATIENCE)
        if started.returncode != 0:
            break
    assert started.returncode != 0 and printed == ""
    if sign == "SIGINT":
        assert "to resume" in said and "Traceback" not in said
        assert not list((tmp_path / "work").glob("partial-*"))
    again = subprocess.run(
        list(map(str, command)), env=environment, capture_output=True, text=True, timeout=PATIENCE
    )
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["found"] == json.loads(found.to_json())["found"]


@needs_vsearch
def test_threads_and_packing_change_nothing(run_of, found, tmp_path):
    from forensics.barcode.mixture.denoising import find_program

    assert run_of(program=find_program(threads=3)).to_json() == found.to_json()


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """Reads of more than a hundred sequences, most of them in no library."""
    rng = random.Random("many")
    known = {ALBUS: 60, NIGER: 60, PRIMUM: 60}
    reads = single(known | {random_sequence(rng, 180): 9 for _ in range(110)})
    return pair_files([write_reads(tmp_path_factory.mktemp("many") / "many.fastq", reads)])


@pytest.fixture(scope="module")
def of_one_process(run_of, many):
    return run_of(many)


@needs_vsearch
@pytest.mark.slow
def test_processes_that_search_change_nothing(run_of, many, of_one_process):
    assert sum(len(taxon.sequences) for taxon in of_one_process[0].taxa) == 113
    assert run_of(many, jobs=2).to_json() == of_one_process.to_json()


@needs_vsearch
@pytest.mark.slow
def test_a_cluster_that_searches_changes_nothing(run_of, many, of_one_process, cluster, tmp_path):
    there = run_of(many, scheduler=cluster.address, work=tmp_path / "work")
    assert there.to_json() == of_one_process.to_json()
    assert run_of(many, work=tmp_path / "work").to_json() == of_one_process.to_json()


@needs_vsearch
@pytest.mark.slow
def test_a_run_that_breaks_off_while_a_cluster_searches_goes_on_without_it(
    library, many, of_one_process, cluster, run_of, tmp_path
):
    def identify(queries, **asked):
        for number, result in enumerate(identify_each(queries, **asked)):
            if number == 20:
                raise KeyboardInterrupt
            yield result

    with pytest.raises(KeyboardInterrupt):
        examine(
            many, identify, library, primers=PRIMERS, scheduler=cluster.address,
            work=tmp_path / "work",
        )  # fmt: skip
    assert cluster.forgets()
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "work").rglob("*.fasta")}
    assert run_of(many, work=tmp_path / "work").to_json() == of_one_process.to_json()
    assert before == {path: path.stat().st_mtime_ns for path in before}


def test_a_scheduler_that_is_not_there_is_told_before_the_work_begins(
    run_of, tmp_path, monkeypatch
):
    pytest.importorskip("distributed")
    monkeypatch.setattr(matching_cluster, "_PATIENCE", 1)
    with pytest.raises(ForensicsError, match="does not answer"):
        run_of(program=NONE, work=tmp_path / "work", scheduler="tcp://127.0.0.1:9")
    assert not (tmp_path / "work").exists()


@needs_vsearch
def test_single_reads_on_both_strands_and_trimmed_ones_are_examined(library, tmp_path):
    reads = single({ALBUS: 60, NIGER: 30})
    whole = write_reads(tmp_path / "whole.fastq", reads, packed=True)
    (result,) = examine(pair_files([whole]), identify_each, library, primers=PRIMERS)
    assert [(taxon.name, taxon.reads) for taxon in result.taxa] == [
        (SPECIES[0], 60), (SPECIES[1], 30),
    ]  # fmt: skip
    bare = write_reads(tmp_path / "bare.fastq", [ALBUS] * 60 + [NIGER] * 30)
    (result,) = examine(
        pair_files([bare]), identify_each, library, ReadSetOptions(trimmed=True, locus="12S")
    )
    assert [taxon.reads for taxon in result.taxa] == [60, 30]


@needs_vsearch
def test_bad_reads_are_filtered_by_the_errors_expected_of_them(library, tmp_path):
    bad = write_reads(tmp_path / "bad.fastq", single({ALBUS: 60}), quality="*")  # Q9
    (result,) = examine(pair_files([bad]), identify_each, library, primers=PRIMERS)
    assert not result.taxa and result.reads[0].examined == 0
    assert "READS_LOST" in [warning.code for warning in result.warnings]


@needs_vsearch
def test_a_blank_without_one_read_is_clean_and_said_to_be_empty(files, library, tmp_path):
    (tmp_path / "none.fastq").touch()
    given = pair_files([*files["one"]], blanks=[tmp_path / "none.fastq"])
    (result,) = examine(given, identify_each, library, primers=PRIMERS)
    codes = [warning.code for warning in result.warnings]
    assert "EMPTY_CONTROL" in codes and "NO_BLANKS" not in codes
    assert result.taxa[0].pcrs[0].limit.contamination == pytest.approx(2.9957, abs=1e-3)


@needs_vsearch
def test_tagged_pcrs_of_one_file_have_their_unused_pairs_as_controls(library, tmp_path):
    tags = {"soup": ("ACACAC", "ACACAC"), "broth": ("GTGTGT", "GTGTGT")}
    reads = pairs({ALBUS: 400}, tags=tags["soup"], seed=1)
    reads += pairs({PRIMUM: 400}, tags=tags["broth"], seed=2)
    reads += pairs({ALBUS: 6}, tags=("ACACAC", "GTGTGT"), seed=3)  # jumped
    both = tuple(write_pairs(tmp_path, "run", reads))
    given = [Pcr(name, "1", "sample", both, pair) for name, pair in tags.items()]
    soup, broth = examine(given, identify_each, library, primers=PRIMERS)
    assert [taxon.name for taxon in soup.taxa] == [SPECIES[0]]
    assert [taxon.name for taxon in broth.taxa] == [SPECIES[3]]
    assert soup.limit_bases["12S-V5-F 12S-V5-R1"].unused_tags == (
        "unused tags acacac/1", "unused tags gtgtgt/1",
    )  # fmt: skip
    assert soup.taxa[0].max_reads("unused-tag") >= 4
    assert soup.taxa[0].pcrs[0].limit.jumps <= 1  # nothing of it was elsewhere but in controls


# -- what is refused, before any work is done ---------------------------------------------

NONE = Program("/no such program", "0")


@pytest.mark.parametrize(
    "options, message",
    [
        ({"primers": ()}, "--primers"),
        ({"options": ReadSetOptions(trimmed=True)}, "--primers"),
        ({"primers": [("nobody", "nothing")]}, "neither a primer"),
    ],
)
def test_options_that_do_not_fit_are_refused(run_of, options, message):
    with pytest.raises(UsageError, match=message):
        run_of(program=NONE, **options)


def test_mates_that_are_given_as_replicates_are_refused(files, library, tmp_path):
    renamed = [tmp_path / "forward.fastq", tmp_path / "backward.fastq"]
    for file, name in zip(files["two"], renamed):
        name.write_bytes(Path(file).read_bytes())
    with pytest.raises(UsageError, match="begin with the same read"):
        examine(pair_files(renamed), identify_each, library, primers=PRIMERS, program=NONE)


def test_tags_need_primers(library):
    tagged = [Pcr("soup", "1", "sample", ("a.fq",), ("ACGT", "ACGT"))]
    with pytest.raises(UsageError, match="Tags are found by the primers"):
        examine(tagged, identify_each, library, ReadSetOptions(trimmed=True), program=NONE)


@pytest.mark.parametrize("name", ["none.fastq", "cut.fastq.gz"])
def test_a_file_that_cannot_be_read_leaves_no_step_behind(files, library, tmp_path, name):
    if name.startswith("cut"):
        (tmp_path / name).write_bytes(Path(files["one"][0]).read_bytes()[:500])
    with pytest.raises(InputError, match=name):
        examine(
            pair_files([tmp_path / name]), identify_each, library, primers=PRIMERS, program=NONE,
            work=tmp_path / "work",
        )  # fmt: skip
    assert not list((tmp_path / "work").rglob("*.fastq"))
