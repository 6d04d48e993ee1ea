"""A mixture is examined again from its read files where they are at hand, or it is told why not."""

import copy
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from read_set_simulation import (
    FORWARD,
    PRIMERS,
    REVERSE,
    insert,
    needs_vsearch,
    pairs,
    stranger,
    write_pairs,
    write_reads,
)
from simulation import SPECIES
from training_case import Altered, as_person, built

import forensics
from forensics.barcode.mixture.running import examine
from forensics.barcode.mixture.sheet import Pcr, pair_files
from forensics.cli import main
from forensics.custody import open_ledger, record_finding
from forensics.examination import identify_each
from forensics.messages import language, speak
from forensics.reanalysis.comparison import reproduce
from forensics.reanalysis.recorded import CannotRecompute
from forensics.report.linter import check

pytestmark = needs_vsearch
ASKED = {"confidence": 0.95, "in_library_prior": 0.9, "floor": 0.9, "elimination": None}


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """A folder with the reads of two PCRs, a blank with reads and two without."""
    folder = tmp_path_factory.mktemp("run7")
    ours = {insert(SPECIES[0]): 120, insert(SPECIES[3]): 60}
    reads = [path for n in (1, 2) for path in write_pairs(folder, f"p{n}", pairs(ours, seed=n))]
    blank = write_pairs(folder, "blank", pairs({insert(SPECIES[3]): 9}, errors=0, seed=3))
    empty = [write_reads(folder / f"e{n}_R{m}.fastq", []) for n in (1, 2) for m in (1, 2)]
    return folder, pair_files(reads, blanks=[*blank, *empty])


@pytest.fixture(scope="module")
def recorded(_made, given, library, tmp_path_factory):
    """The training case with the finding of that run; its folder, and the event."""
    case = shutil.copytree(_made[0], tmp_path_factory.mktemp("recorded") / "case")
    (found,) = examine(given[1], identify_each, library, primers=PRIMERS, identification=ASKED)
    return case, record(case, found)


@pytest.fixture(scope="module")
def library(_built):
    return forensics.open_library(_built)


def record(case, result, **more):
    with as_person(case, "bruno") as bruno:
        more = {"kind": "identification", "runs": ["SEQ-7"]} | more
        return record_finding(bruno, "S1", result, **more).seq


@pytest.fixture
def again(recorded, given, library):
    with open_ledger(recorded[0] / "laboratory.db") as ledger:

        def again(change=None, *, seq=recorded[1], libraries=(library,), reads=(given[0],)):
            event = copy.copy(ledger.event(seq))
            if change:
                change(event.fields)
            altered = Altered(ledger, event)
            return reproduce(altered, seq, libraries, forensics.identify, reads=reads)

        yield again


def test_a_mixture_is_the_same_from_its_read_files(again):
    found = again()
    assert found.same and not found.differences and not found.environment


def test_read_files_are_known_by_their_sums_under_other_names(again, given, tmp_path):
    for number, file in enumerate(sorted(given[0].iterdir())):
        shutil.copyfile(file, tmp_path / f"{number}.fastq")
    assert again(reads=[tmp_path]).same
    assert again(reads=sorted(tmp_path.iterdir())).same


def forged_amplicon(result):
    for one in (*result["reads"], *result["found"]):
        one["amplicon"] = "16Smam1 16Smam2"


LIMITS = "12S-V5-F 12S-V5-R1"


@pytest.mark.parametrize("forged, places", [
    (lambda result: result["found"][0].update(taxon="Fictus niger", label="Fictus niger"),
     {"found.0.taxon", "found.0.label"}),
    (lambda result: result["found"][1]["pcrs"][0].update(reads=1000), {"found.1.pcrs.0.reads"}),
    (lambda result: result["limits"][LIMITS].update(most_reads_of_a_taxon_in_a_blank=0),
     {f"limits.{LIMITS}.most_reads_of_a_taxon_in_a_blank"}),
    (lambda result: result["found"][1].update(presence="below_limit"), {"found.1.presence"}),
])  # fmt: skip
def test_a_fabricated_mixture_is_told_field_by_field(again, forged, places):
    found = again(lambda fields: forged(fields["result"]))
    assert not found.same and {place for place, _before, _now in found.differences} == places


def test_another_amplicon_than_that_of_the_primers_is_told(again):
    found = again(lambda fields: forged_amplicon(fields["result"]))
    assert ("reads.0.amplicon", "16Smam1 16Smam2", f"{FORWARD} {REVERSE}") in found.differences


def test_a_mixture_that_was_recorded_in_another_language_is_the_same(
    recorded, library, again, tmp_path
):
    """Names of amplicons of unknown primers, and of taxa without a name, are words of a language."""
    ours = {insert(SPECIES[0]): 60, stranger(): 60}
    reads = pair_files(write_pairs(tmp_path, "p1", pairs(ours)))
    primers = [(FORWARD[1:], REVERSE[1:])]
    speak("fr")
    try:
        (found,) = examine(reads, identify_each, library, primers=primers, identification=ASKED)
        seq = record(recorded[0], found)
    finally:
        speak()
    result = again(seq=seq, reads=[tmp_path])
    assert result.same and language() == "en"
    now = examine(reads, identify_each, library, primers=primers, identification=ASKED)[0]
    assert now.reads[0].amplicon != found.reads[0].amplicon
    assert [taxon.label for taxon in now.taxa] != [taxon.label for taxon in found.taxa]


def test_without_reads_vsearch_or_library_it_is_told_what_is_missing(again, given, monkeypatch):
    with pytest.raises(
        CannotRecompute, match=r"10 of the 10 read files .*p1_R1\.fastq\.gz.*--reads"
    ):
        again(reads=())
    with pytest.raises(CannotRecompute, match="Give it with --library"):
        again(libraries=())
    monkeypatch.setenv("PATH", "")
    with pytest.raises(CannotRecompute, match=r"program that processes the reads .*vsearch"):
        again()


def test_a_read_file_that_was_changed_is_not_at_hand(again, given, tmp_path):
    run = Path(shutil.copytree(given[0], tmp_path / "run"))
    with open(run / "p2_R2.fastq.gz", "ab") as stream:
        stream.write(b"\0")
    with pytest.raises(CannotRecompute, match=r"1 of the 10 read files .*\(p2_R2\.fastq\.gz\)"):
        again(reads=[run])


def test_a_comparison_with_files_that_nobody_keeps_is_told(again):
    def eliminated(fields):
        fields["provenance"]["parameters"]["identification"]["elimination"] = True

    with pytest.raises(CannotRecompute, match=r"further files \(elimination\).*By hand"):
        again(eliminated)


def test_tags_and_pairs_of_them_that_were_not_used_are_the_same(recorded, library, again, tmp_path):
    tags = {"A": ("ACGTACGT", "TTGGCCAA"), "B": ("GATCGATC", "CCAATTGG")}
    reads = [
        read
        for seed, (name, both) in enumerate(tags.items())
        for read in pairs({insert(SPECIES[3 * seed]): 90}, tags=both, seed=seed)
    ]
    files = tuple(write_pairs(tmp_path, "pool", reads))
    pcrs = [Pcr("S1" if name == "A" else name, "1", "sample", files, both)
            for name, both in tags.items()]  # fmt: skip
    found = examine(pcrs, identify_each, library, primers=PRIMERS, identification=ASKED)[0]
    assert any(not tags[1] for _n, tags in
               ((p["pcr"], p["tags"]) for p in found.provenance.parameters["pcrs"]))  # fmt: skip
    assert again(seq=record(recorded[0], found), reads=[tmp_path]).same


def test_attached_read_files_need_no_folder(recorded, given, library, again):
    pcrs = [one for one in given[1] if not one.sample.startswith("e")]  # nothing is attached empty
    (found,) = examine(pcrs, identify_each, library, primers=PRIMERS, identification=ASKED)
    files = dict.fromkeys(file for pcr in pcrs for file in pcr.files)
    assert again(seq=record(recorded[0], found, inputs=[*files]), reads=()).same


def test_reads_of_another_sample_do_not_stand_for_this_one(again):
    found = again(lambda fields: fields["result"].update(sample="S9"))
    assert found.differences == (("sample", "S9", "p1"),)


def test_the_command_takes_the_folder_of_the_reads(recorded, given, library, monkeypatch):
    monkeypatch.setenv("FORENSICS_LEDGER", str(recorded[0] / "laboratory.db"))
    command = ["report", "reproduce", str(recorded[1]), "--library", str(library.path)]
    found = CliRunner().invoke(main, [*command, "--reads", str(given[0])])
    assert (found.exit_code, found.stdout) == (0, f"finding {recorded[1]}: the same\n")
    found = CliRunner().invoke(main, command)
    assert found.exit_code == 1 and "the same" not in found.stdout and "--reads" in found.stderr


def test_a_fabricated_mixture_in_the_ledger_is_refused_by_the_report(recorded, given, library):
    (found,) = examine(given[1], identify_each, library, primers=PRIMERS, identification=ASKED)
    first = found.taxa[0]
    forged = replace(found, taxa=(replace(first, name="Fictus niger"),))
    seq = record(recorded[0], forged)
    asked = {"findings": [recorded[1], seq], "draft": True, "reads": [given[0]]}
    statement = built(recorded[0], [library], **asked)
    true, false = statement.findings
    assert (true.again, true.differs) == ("same", ())
    assert false.again == "differs" and "found" in false.differs
    problems = [one for one in check(statement) if one.code == "REPRODUCED"]
    assert [one.field for one in problems] == ["findings.1.differs"]
