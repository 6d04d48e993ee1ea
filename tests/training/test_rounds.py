"""A round in its folder, made of the embedded library: what it holds, and what it does not tell."""

import json
import shutil
from collections import Counter
from types import SimpleNamespace

import pytest
from conftest import SOME_ORDERS

from forensics.barcode.reference.library import open_library
from forensics.errors import InputError, UsageError, VerificationError
from forensics.examination import identify
from forensics.training import rounds
from forensics.training.rounds import AT_LEAST, SIZE, Kind, new_round, open_round


@pytest.fixture(scope="module")
def made(training_round):
    path, printed = training_round
    return SimpleNamespace(path=path, code=printed.splitlines()[1].rpartition(": ")[2])


@pytest.fixture(scope="module")
def opened(made):
    return open_round(made.path, made.code)


@pytest.fixture
def copy(made, tmp_path):
    return shutil.copytree(made.path, tmp_path / "copy")


def test_a_round_has_its_samples_and_at_least_one_of_every_kind(opened):
    kinds = Counter(truth.kind for truth in opened.truths)
    assert len(opened.truths) == SIZE
    assert all(kinds[kind] >= number for kind, number in AT_LEAST.items())
    assert kinds[Kind.DOUBLE] + kinds[Kind.CHIMERA] == 1


def test_no_file_of_the_trainee_tells_kind_seed_or_accession(made, opened):
    accessions = {accession for truth in opened.truths for accession in truth.made_of}
    for path in made.path.rglob("*"):
        if path.suffix in (".fasta", ".csv", ".txt", ".json", ".tsv"):
            text = path.read_text(encoding="utf-8")
            assert not any(accession in text for accession in accessions), path
            assert "seed" not in text.replace("SEED", ""), path
            assert not any(str(kind) in text for kind in (Kind.CHIMERA, Kind.EXCHANGED)), path


def test_the_labels_of_two_samples_are_exchanged_and_the_others_are_true(opened):
    one, other = (t for t in opened.truths if t.kind is Kind.EXCHANGED)
    assert (one.label, other.label) == (other.species, one.species)
    for truth in opened.truths:
        if truth.kind not in (Kind.EXCHANGED, Kind.HUMAN):
            assert truth.label in truth.components


def test_the_reference_results_are_what_the_program_says_and_are_true(made, opened):
    for truth in opened.truths:
        (found,) = identify(made.path / truth.file, library=made.path / "library")
        assert (found.status, found.rank, found.taxon) == (truth.status, truth.rank, truth.taxon)
        if truth.status == "identified":
            assert truth.taxon == getattr(truth, truth.rank)


def test_another_code_does_not_open_it(made):
    with pytest.raises(VerificationError, match="not its code"):
        open_round(made.path, "AAAAA-AAAAA-AAAAA-AAAAA-AAAAA")


def test_an_altered_sample_is_named(copy, made):
    (copy / "samples" / "S03.fasta").write_text(">S03\nACGT\n")
    with pytest.raises(VerificationError, match=r"S03\.fasta is not what the round was made with"):
        open_round(copy, made.code)


def test_another_library_is_noticed(copy, made):
    description = copy / "library" / "library.json"
    description.write_text(json.dumps({**json.loads(description.read_text()), "title": "other"}))
    with pytest.raises(VerificationError, match="library is not what"):
        open_round(copy, made.code)


def test_a_folder_that_is_no_round_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"sealed\.json"):
        open_round(tmp_path, "AAAAA-AAAAA-AAAAA-AAAAA-AAAAA")


def test_a_folder_that_holds_something_is_not_touched(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="already exists"):
        new_round(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_library_without_enough_vertebrates_is_refused_and_leaves_nothing(library, tmp_path):
    with pytest.raises(InputError, match="too few records of the most seized taxa at COI"):
        new_round(tmp_path / "round", seed=1, source=library)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_the_same_seed_makes_the_same_round(made, opened, tmp_path, monkeypatch):
    monkeypatch.setattr(rounds, "ORDERS", SOME_ORDERS)
    again = new_round(tmp_path / "again", seed=12)
    assert open_round(again.path, again.code).truths == opened.truths
    assert open_library(again.path / "library").sha256 == opened.library_sha256


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_a_round_can_be_made_of_any_seed(tmp_path, embedded, seed):
    assert new_round(tmp_path / "round", seed=seed).samples == SIZE
