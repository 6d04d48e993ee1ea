"""Validation of SIMULATED libraries whose faults are known."""

import json
import random
import re
from html import escape

import pytest
from simulation import mutate, random_sequence

from forensics.barcode.calling.calibration import Coverage
from forensics.barcode.calling.learning import calibrate, calibrate_from, take_samples
from forensics.barcode.matching.search import search
from forensics.barcode.reference.library import open_library
from forensics.barcode.reference.records import ReferenceRecord
from forensics.barcode.reference.writing import write_library
from forensics.barcode.validating import validation
from forensics.barcode.validating.options import ValidationOptions
from forensics.barcode.validating.page import page
from forensics.barcode.validating.validation import (
    CRITERIA,
    METRICS,
    Criterion,
    confusable,
    cross_fit,
    deal,
    fold_of,
    judge,
    read_criteria,
    run_trials,
    take_trials,
    validate,
)
from forensics.core.stored import to_stored
from forensics.errors import InputError

HOSTILE = "<script>alert(1)</script>"
LETTERS = "abcdefghij"


def simulated(genera=12, species=6, records=3):
    """Return records of invented species; the first two of every genus share a sequence."""
    rng = random.Random("validation")
    root = random_sequence(rng, 658)
    made = []
    for g in range(genera):
        genus = mutate(rng, root, substitutions=90)
        twin = ""
        for s in range(species):
            own = mutate(rng, genus, substitutions=25)
            if s == 0:
                twin = own
            elif s == 1:
                own = twin
            name = f"Fictus{LETTERS[g % 10]}{LETTERS[g // 10]} falsus{LETTERS[s]}"
            for r in range(records):
                record = ReferenceRecord.named(
                    f"S{g}-{s}-{r}", name, locus="COI", family="Fictidae", order="Fictiformes",
                    class_="Ficta",
                )  # fmt: skip
                made.append((record, mutate(rng, own, substitutions=r)))
    return made


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("validation") / "library"
    write_library(path, simulated(), name="simulated", title=f"Simulated {HOSTILE}")
    return path


@pytest.fixture(scope="module")
def opened(folder):
    library = open_library(folder)
    assert library.calibration("COI") is not None
    return library


@pytest.fixture(scope="module")
def result(opened):
    return validate(opened, ValidationOptions(samples=150, confidence=0.8))


def test_calibrating_from_all_samples_is_calibrating(opened):
    index = opened.index("COI")
    assert calibrate_from(take_samples(index)).to_json() == calibrate(index).to_json()


def test_the_calibration_of_a_species_out_trial_counts_it_as_missing(opened, monkeypatch):
    taken, samples = take_trials(opened, "COI", ValidationOptions(samples=30, seed=1))
    genera = sorted({trial.record.genus for trial in taken})
    coverage = Coverage(dict.fromkeys(genera, (2, 5)))
    counted = {}

    def record(candidates, *, calibration, **_options):
        counted[len(counted)] = calibration.coverage
        return None

    monkeypatch.setattr(validation, "decide", record)
    run_trials(taken, samples, ValidationOptions(seed=7), coverage=coverage)
    expected = {"species": (3, 4), "genus": (7, 0)}
    assert {trial.left_out for trial in taken} >= {"species", "genus"}
    for number, trial in enumerate(taken):
        counts = counted[number].genera[trial.record.genus]
        assert counts == expected.get(trial.left_out, (2, 5))


def test_no_calibration_saw_a_species_that_it_decides_on(opened, monkeypatch):
    index = opened.index("COI")
    samples = take_samples(index)
    folds = fold_of({sample.group for sample in samples}, 1)
    seen = []

    def record(taken, *, minimum, coverage):
        seen.append({sample.group for sample in taken})
        return learnt

    learnt = opened.calibration("COI")
    monkeypatch.setattr(validation, "calibrate_from", record)
    cross_fit(samples, folds)
    assert len(seen) == validation.FOLDS
    for fold, groups in enumerate(seen):
        held_back = {group for group, own in folds.items() if own == fold}
        assert held_back and not groups & held_back
    assert set.union(*seen) == set(folds)


def test_each_trial_is_decided_by_the_calibration_of_its_fold(opened, monkeypatch):
    index = opened.index("COI")
    taken, samples = take_trials(opened, "COI", ValidationOptions(samples=30, seed=1))
    assert samples == take_samples(index)
    used = []
    monkeypatch.setattr(validation, "cross_fit", lambda samples, folds, coverage: list(range(5)))
    monkeypatch.setattr(
        validation, "decide", lambda candidates, *, calibration, **_o: used.append(calibration)
    )
    run_trials(taken, samples, ValidationOptions(seed=7))
    folds = fold_of({s.group for s in samples} | {t.group for t in taken}, 7)
    assert used == [folds[trial.group] for trial in taken]


def test_what_is_left_out_is_not_found(opened):
    trials, _samples = take_trials(opened, "COI", ValidationOptions(samples=40, seed=2))
    for trial in trials:
        names = {candidate.species for candidate in trial.candidates}
        if trial.way == "species_out":
            assert trial.record.species not in names
        if trial.way == "genus_out":
            assert trial.record.genus not in {c.genus for c in trial.candidates}
        if trial.way == "known":
            own = [c for c in trial.candidates if c.species == trial.record.species]
            assert own and own[0].records == 2


def test_one_search_for_all_three_ways_finds_what_three_would(opened):
    """Leaving out in the search goes as deep as a library without the genus would."""
    records = opened.records("COI")
    genus = records[0][0].genus
    rest = [(r, s) for r, s in records if r.genus != genus]
    from forensics.barcode.matching.index import Index
    from forensics.barcode.matching.search import candidates_of

    index, smaller = opened.index("COI"), Index.build(rest, locus="COI")
    positions = [p for p in range(index.record_count) if index.record(p).genus == genus]
    species = {index.species_at(p) for p in positions}
    query = mutate(random.Random(5), rest[0][1], substitutions=30)
    kept = candidates_of(
        index, search(index, query, exclude_species=species).hits, without=frozenset(positions)
    )
    expected = candidates_of(smaller, search(smaller, query).hits)
    assert [(c.species, c.identity) for c in kept] == [(c.species, c.identity) for c in expected]


def test_the_seed_and_nothing_else_decides_what_is_drawn(opened):
    index = opened.index("COI")
    assert deal(index, ValidationOptions(samples=50, seed=1)) == deal(
        index, ValidationOptions(samples=50, seed=1)
    )
    assert deal(index, ValidationOptions(samples=50, seed=1)) != deal(
        index, ValidationOptions(samples=50, seed=2)
    )
    first = deal(index, ValidationOptions(samples=72, seed=1))
    assert len({task.species for task in first}) == 72  # every species before a second of one


def test_threads_change_nothing(opened):
    alone = take_trials(opened, "COI", ValidationOptions(samples=12, seed=1))
    assert take_trials(opened, "COI", ValidationOptions(samples=12, seed=1), threads=2) == alone


def test_species_that_share_a_sequence_are_reported(opened):
    found = confusable(opened.records("COI"), "COI")
    assert found["species"] == 72
    assert found["species_identical"] == 24
    assert [len(group["species"]) for group in found["identical"]] == [2] * 12
    for group in found["identical"]:
        assert [name[-1] for name in group["species"]] == ["a", "b"]
        assert group["records"] == [3, 3]
    assert found["species_near"] == 24


def test_rates_are_those_of_a_library_without_errors(result):
    found = result["loci"]["COI"]
    assert found["cross_fitted"] and found["sampled"] == 150
    rates = found["lengths"]["full"]["rates"]
    known = rates["known"]
    assert known["trials"] == known["species_right"]["total"] > 100
    # A third of the species are twins, of which no sequence says which it is.
    assert 0.6 < known["species_right"]["share"] < 0.7
    assert known["species_wrong"]["share"] < 0.05
    assert known["species_right"]["effective_size"] <= known["trials"]
    # What is not there cannot be right.
    assert rates["species_out"]["species_right"]["count"] == 0
    assert rates["genus_out"]["genus_right"]["count"] == 0
    for way in ("known", "species_out", "genus_out"):
        parts = [rates[way][k]["count"] for k in ("species_right", "species_wrong", "no_species")]
        assert sum(parts) == rates[way]["trials"]
    assert [row["taxon"] for row in found["taxa"]] == ["Ficta", "Fictiformes"]


def test_results_are_plain_and_say_what_made_them(opened, result):
    text = json.dumps(result, allow_nan=False)
    assert json.dumps(json.loads(text)) == text
    assert result["library"]["sha256"] == opened.sha256
    assert result["parameters"] == {
        "confidence": 0.8, "in_library_prior": 0.9, "samples": 150, "seed": 1, "folds": 5,
    }  # fmt: skip


def test_the_page_bears_the_library_and_reaches_for_nothing(opened, result):
    text = page(result)
    assert opened.sha256 in text and result["time"] in text
    assert "<svg" in text
    assert not re.search(r"https?://|src=|<script|@import|url\(", text)
    assert HOSTILE not in text and escape(HOSTILE) in text
    for criterion in CRITERIA:
        assert escape(METRICS[criterion.metric]) in text
        assert escape(criterion.reason) in text
    assert text.index("stated before the run") < text.index("Error rates")
    assert "learnt from this library, so it cannot judge itself" in text


def test_a_library_too_small_to_calibrate_is_tried_with_the_plain_rule(library):
    found = validate(library, ValidationOptions(samples=20))
    for locus in found["loci"].values():
        assert not locus["calibrated"] and not locus["cross_fitted"]
        outcomes = {(r["metric"], r["length"]): r["outcome"] for r in locus["criteria"]}
        assert outcomes["species_tested", "full"] == "not met"
        assert outcomes["calibration_error", "full"] == "not shown"
        assert outcomes["wrong_species_known", "full"] == "not shown"
    assert "no: plain rule" in page(found)


# -- criteria ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value, high, outcome",
    [(0.01, 0.015, "met"), (0.01, 0.03, "not shown"), (0.03, 0.04, "not met"),
     (None, 1.0, "not shown")],
)  # fmt: skip
def test_criteria_are_met_by_the_whole_interval(value, high, outcome):
    criterion = Criterion("wrong_species_known", 0.02, "x", lengths=("full",))
    metrics = {"wrong_species_known": {"value": value, "low": 0.0, "high": high, "n": 9}}
    (row,) = judge([criterion], {"full": {"metrics": metrics}})
    assert row["outcome"] == outcome


def test_a_laboratory_gives_its_own_criteria(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(
        '[[criterion]]\nmetric = "named_known"\nlimit = 0.8\nat_least = true\n'
        'reason = "Ours."\nlengths = ["full", 100]\n'
    )
    (found,) = read_criteria(path)
    assert found == Criterion("named_known", 0.8, "Ours.", True, ("full", "100"))
    path = tmp_path / "own.json"
    path.write_text(json.dumps({"criterion": [to_stored(CRITERIA[0])]}))
    assert read_criteria(path) == (CRITERIA[0],)


@pytest.mark.parametrize(
    "text, part",
    [
        ("nonsense", "cannot be read"),
        ('[[criterion]]\nmetric = "x"\nlimit = 1\nreason = "y"', "Unknown metric 'x'"),
        ('[[criterion]]\nmetric = "named_known"\nlimit = "1"\nreason = "y"', "The limit is '1'"),
        ('[[criterion]]\nmetric = "named_known"\nlimit = 1', "needs its reason"),
        (
            '[[criterion]]\nmetric = "named_known"\nlimit = 1\nreason = "y"\nlengths = [7]',
            "Unknown length 7",
        ),
    ],
)
def test_wrong_criteria_are_told(tmp_path, text, part):
    path = tmp_path / "own.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=re.escape(part)):
        read_criteria(path)
