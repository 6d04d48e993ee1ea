"""Calibration: learnt from the library alone, and true of queries that it never saw."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulation import mutate, random_sequence

from forensics.barcode.calling import calibration as calibrating
from forensics.barcode.calling import learning
from forensics.barcode.calling.calibration import FORMAT, Calibration, Coverage
from forensics.barcode.calling.learning import Sample, calibrate, calibrate_from, take_samples
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import Candidate, Hit, candidates_of, search
from forensics.barcode.reference.records import ReferenceRecord
from forensics.barcode.reference.relations import NameRelations
from forensics.errors import LibraryError

LENGTH = 390


def simulated_species(genera=30, species=4, seed=5):
    """Return ``{name: ancestor}`` of SIMULATED species: genera 20 %, species 4-8 % apart.

    The last species of every fifth genus is a twin of the first: no sequence tells them apart.
    """
    rng = random.Random(seed)
    root = random_sequence(rng, LENGTH)
    result = {}
    for genus in range(genera):
        ancestor = mutate(rng, root, substitutions=LENGTH // 5)
        for number in range(species):
            name = f"Fictus{'abcdefghijklmnopqrstuvwxyzàèéí'[genus]} sp{'abcdefgh'[number]}"
            name = name.replace(" sp", " fict")
            substitutions = rng.randint(LENGTH // 25, LENGTH // 12)
            result[name] = mutate(rng, ancestor, substitutions=substitutions)
        if genus % 5 == 0:
            result[name] = result[f"{name.split()[0]} ficta"]
    return result


def records_of(ancestors, copies=4, seed=6):
    rng = random.Random(seed)
    return [
        (
            ReferenceRecord.named(f"SIM{number}-{copy}", name, family="Fictidae", locus="12S"),
            mutate(rng, ancestor, substitutions=rng.randrange(3)),
        )
        for number, (name, ancestor) in enumerate(ancestors.items())
        for copy in range(copies)
    ]


@pytest.fixture(scope="module")
def ancestors():
    return simulated_species()


@pytest.fixture(scope="module")
def held_out(ancestors):
    """Every third species is missing from the library."""
    return set(sorted(ancestors)[::3])


@pytest.fixture(scope="module")
def index(ancestors, held_out):
    kept = {name: a for name, a in ancestors.items() if name not in held_out}
    return Index.build(records_of(kept), locus="12S")


@pytest.fixture(scope="module")
def calibration(index):
    return calibrate(index)


def candidates(index, sequence):
    return candidates_of(index, search(index, sequence).hits)


def test_probabilities_sum_to_one_at_every_rank(index, calibration, ancestors):
    rng = random.Random(7)
    for name in sorted(ancestors)[:40]:
        found = candidates(index, mutate(rng, ancestors[name], substitutions=2))
        for in_library in (0.1, 0.5, 0.9):
            for shares in calibration.weigh(found).probabilities(in_library).values():
                assert sum(shares.values()) == pytest.approx(1)
                assert all(0 <= share <= 1 for share in shares.values())


def test_species_that_the_library_lacks_are_seldom_named(index, calibration, ancestors, held_out):
    rng = random.Random(8)
    none = {True: [], False: []}
    for name, ancestor in ancestors.items():
        found = candidates(index, mutate(rng, ancestor, substitutions=1))
        shares = calibration.weigh(found).probabilities(0.5)["species"]
        none[name in held_out].append(shares["none"])
    assert sum(none[True]) / len(none[True]) > 0.75
    assert sum(none[False]) / len(none[False]) < 0.25


def test_a_higher_prior_never_lowers_a_species(index, calibration, ancestors):
    found = candidates(index, ancestors[sorted(ancestors)[1]])
    best = found[0].species
    line = [calibration.weigh(found).probabilities(p / 20)["species"][best] for p in range(1, 20)]
    assert line == sorted(line)


def test_twins_share_the_probability(index, calibration, ancestors, held_out):
    twins = [
        (f"{name.split()[0]} ficta", name)
        for name in ancestors
        if name.endswith("fictd")
        and ancestors[name] == ancestors[f"{name.split()[0]} ficta"]
        and not {name, f"{name.split()[0]} ficta"} & held_out
    ]
    assert twins
    for one, other in twins:
        shares = calibration.weigh(candidates(index, ancestors[one])).probabilities(0.9)["species"]
        assert max(shares[one], shares[other]) < 0.9


def test_without_a_candidate_the_prior_decides_with_what_was_learnt(calibration):
    even = calibration.weigh([]).probabilities(0.5)["species"]["none"]
    sure = calibration.weigh([]).probabilities(0.99)["species"]["none"]
    assert even > 0.5
    assert sure < even


def test_nothing_of_a_left_out_species_is_in_its_candidates(index):
    for sample in take_samples(index, samples=60):
        if not sample.known:
            assert sample.species not in {c.species for c in sample.candidates}


def test_a_left_out_record_is_not_counted(index):
    counts = {}
    for position in range(index.record_count):
        label = index.record(position).label
        counts[label] = counts.get(label, 0) + 1
    for sample in take_samples(index, samples=60):
        for candidate in sample.candidates:
            missing = candidate.species == sample.species
            assert candidate.records <= counts[candidate.species] - missing


def test_a_library_that_is_too_small_is_not_calibrated(ancestors):
    few = dict(sorted(ancestors.items())[:10])
    assert calibrate(Index.build(records_of(few), locus="12S")) is None


def test_a_calibration_survives_json_and_is_the_same_again(index, calibration):
    text = calibration.to_json()
    assert Calibration.from_json(text) == calibration
    assert calibrate(index).to_json() == text


def test_features_are_as_many_as_their_names(index, ancestors):
    found = candidates(index, ancestors[sorted(ancestors)[1]])
    assert len(calibrating.novelty(found)) == len(calibrating.NOVELTY)
    assert len(calibrating.choice(found, 0)) == len(calibrating.CHOICE)
    assert len(calibrating.rank(found, found[0].genus, "genus")) == len(calibrating.RANK)


def test_no_more_is_claimed_than_the_samples_support(index, calibration, ancestors, held_out):
    least = 3 / (calibration.samples / 2)
    for name in sorted(set(ancestors) - held_out)[:30]:
        for in_library in (0.5, 0.999999):
            shares = calibration.weigh(candidates(index, ancestors[name])).probabilities(in_library)
            for rank in shares.values():
                assert least - 1e-12 <= rank["none"] <= 1 - least + 1e-12


def test_candidates_far_behind_do_not_wear_away_the_one_in_front():
    from forensics.barcode.calling.calibration import _exclusive

    shares = _exclusive([199.0, *[0.005] * 15])
    assert sum(shares) == pytest.approx(1)
    assert shares[0] > 0.99
    assert _exclusive([0.8, 0.8]) == pytest.approx([0.5, 0.5])
    assert _exclusive([3.0]) == [1.0]


def test_the_whole_haplotype_is_left_out_where_the_species_has_another():
    rng = random.Random(11)
    ancestors = simulated_species(genera=3, species=2)
    records = [
        (ReferenceRecord.named(f"SIM{n}-{copy}", name, locus="12S"), sequence)
        for n, (name, ancestor) in enumerate(ancestors.items())
        for sequence in (ancestor, mutate(rng, ancestor, substitutions=6))
        for copy in (f"{sequence[:40]}a", f"{sequence[:40]}b")
    ]
    own = [
        next((c.identity for c in s.candidates if c.species == s.species), None)
        for s in take_samples(Index.build(records, locus="12S"))
        if s.known
    ]
    assert own
    assert all(identity < 1 for identity in own)


def test_a_record_is_left_out_alone_where_its_species_has_one_haplotype():
    ancestors = simulated_species(genera=3, species=2)
    records = [
        (ReferenceRecord.named(f"SIM{n}-{copy}", name, locus="12S"), ancestor)
        for n, (name, ancestor) in enumerate(ancestors.items())
        for copy in range(2)
    ]
    known = [s for s in take_samples(Index.build(records, locus="12S")) if s.known]
    assert len({s.species for s in known}) == len(ancestors)
    assert all(s.species in {c.species for c in s.candidates} for s in known)


@pytest.mark.parametrize("doubts", [(), range(0, 40, 3)])
def test_samples_are_those_of_searches_for_every_haplotype(index, monkeypatch, doubts):
    labels = tuple(f"{number}" for number in range(index.species_count))
    relations = NameRelations(labels, doubts=frozenset(doubts))
    taken = take_samples(index, samples=60, relations=relations)
    assert 2 <= learning._of_species(index, relations) <= learning.MAX_OF_SPECIES
    monkeypatch.setattr(learning, "MAX_OF_SPECIES", 0)  # then all are looked for
    assert learning._of_species(index, relations) == 0
    assert take_samples(index, samples=60, relations=relations) == taken


def test_samples_do_not_depend_on_how_many_threads_look_them_up(index):
    assert take_samples(index, samples=60, threads=2) == take_samples(index, samples=60)


def test_a_species_with_many_records_weighs_no_more_than_another():
    from forensics.barcode.calling.learning import _weighed

    def sample(group):
        return Sample(group, "Fictus fictus", "Fictus", "Fictidae", True, [])

    weights = {}
    for one, weight in _weighed([sample(1)] * 9 + [sample(2)]):
        weights[one.group] = weights.get(one.group, 0) + weight
    assert weights == pytest.approx({1: 0.5, 2: 0.5})


def test_what_another_processor_sums_otherwise_in_the_last_digits_is_stored_alike(calibration):
    nudged = calibration.novelty._replace(base=calibration.novelty.base * (1 + 1e-13))
    assert calibration._replace(novelty=nudged).to_json() == calibration.to_json()
    assert Calibration.from_json(calibration.to_json()) == calibration  # also before it is stored


def test_a_calibration_of_another_format_is_refused(calibration):
    text = calibration.to_json().replace(f'"format":{FORMAT}', '"format":1')
    with pytest.raises(LibraryError, match=f"format 1; this version reads format {FORMAT}"):
        Calibration.from_json(text)


# -- nothing that speaks for a call may lower it ------------------------------------


def neighbourhood(*rows):
    """Return candidates of (species, edits of 600 bases, records), best first."""
    made = []
    for species, edits, records in rows:
        hit = Hit(0, 1 - edits / 600, edits, 600, 1.0, "+", "whole")
        made.append(
            Candidate(
                species=species,
                genus=species.split()[0],
                family="Fictidae",
                named=True,
                identity=hit.identity,
                coverage=1.0,
                mismatches=edits,
                length=600,
                accession="SIM",
                records=records,
                hit=hit,
            )
        )
    return sorted(made, key=lambda candidate: -candidate.identity)


ROWS = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 30)), min_size=1, max_size=6).map(
    lambda rows: [(f"Genus{n % 2} species{n}", *row) for n, row in enumerate(sorted(rows))]
)


def probability_of(calibration, rows):
    called = min(rows, key=lambda row: row[1])[0]
    return calibration.weigh(neighbourhood(*rows)).probabilities(0.5)["species"][called]


@given(rows=ROWS, more=st.integers(1, 20))
def test_one_more_record_of_the_called_species_never_lowers_its_probability(
    calibration, rows, more
):
    (species, edits, records), *rivals = rows
    stronger = [(species, edits, records + more), *rivals]
    assert probability_of(calibration, stronger) >= probability_of(calibration, rows) - 1e-12


@given(rows=ROWS, nearer=st.integers(1, 60))
def test_one_more_haplotype_that_is_nearer_never_lowers_a_call(calibration, rows, nearer):
    (species, edits, records), *rivals = rows
    stronger = [(species, max(0, edits - nearer), records + 1), *rivals]
    assert probability_of(calibration, stronger) >= probability_of(calibration, rows) - 1e-12


@given(rows=ROWS, place=st.integers(1, 5), farther=st.integers(1, 60))
def test_a_rival_that_is_farther_away_never_lowers_a_call(calibration, rows, place, farther):
    if place >= len(rows):
        return
    species, edits, records = rows[place]
    moved = [*rows[:place], (species, min(60, edits + farther), records), *rows[place + 1 :]]
    assert probability_of(calibration, moved) >= probability_of(calibration, rows) - 1e-12


def test_the_interval_is_that_of_the_error_of_the_curve(calibration, index, ancestors):
    sharp = calibration.curve._replace(errors=((0.0,) * len(calibration.curve.knots),) * 2)
    for name in sorted(ancestors)[:30]:
        near = candidates(index, ancestors[name])
        if not near:
            assert calibration.weigh(near).interval(0.5) is None
            continue
        stated = 1 - calibration.weigh(near).probabilities(0.5)["species"]["none"]
        lower, upper = calibration.weigh(near).interval(0.5)
        assert 0 < lower < stated < upper < 1
        assert calibration._replace(curve=sharp).weigh(near).interval(0.5) == pytest.approx(
            (stated, stated)
        )


# -- where nothing is near ------------------------------------------------------------


def unlisted(calibration, nearest):
    return calibration.weigh([], nearest).probabilities(0.9)["species"]["unlisted"]


def test_the_further_the_nearest_record_is_the_less_probable_is_a_species_of_the_library(
    calibration,
):
    stated = [unlisted(calibration, nearest) for nearest in (0.90, 0.88, 0.85, 0.80, 0.70)]
    assert stated == sorted(stated, reverse=True) and stated[0] > stated[-1]
    assert (
        unlisted(calibration, 0.90)
        == calibration.weigh([]).probabilities(0.9)["species"]["unlisted"]
    )


# -- how complete the library is ------------------------------------------------------


@pytest.fixture(scope="module")
def covered(index):
    """A calibration of a library that lacks nothing of half of its genera, and half of the others."""
    genera = sorted({index.record(position).genus for position in range(index.record_count)})
    coverage = Coverage(
        {genus: ((0, 3) if number % 2 else (3, 3)) for number, genus in enumerate(genera)}
    )
    return calibrate_from(take_samples(index), coverage=coverage)


def test_a_species_that_is_missing_from_its_genus_never_raises_a_call(covered, index, ancestors):
    for name in sorted(ancestors)[:40]:
        near = candidates(index, ancestors[name])
        if not near:
            continue
        fewer = covered._replace(coverage=Coverage({near[0].genus: (0, 3)}))
        more = covered._replace(coverage=Coverage({near[0].genus: (9, 3)}))
        shares = [
            each.weigh(near).probabilities(0.5)["species"][near[0].species]
            for each in (fewer, more)
        ]
        assert shares[0] >= shares[1]


def test_a_calibration_with_coverage_survives_json(covered):
    assert Calibration.from_json(covered.to_json()) == covered


def test_a_genus_that_the_backbone_does_not_know_counts_as_the_others_do():
    coverage = Coverage({"A": (2, 4), "B": (4, 2), "C": (None, 5)})
    assert coverage.counts("C") == (5.0, 5)
    assert coverage.counts("unheard of") == (1.0, 1)


def test_a_left_out_species_is_one_of_the_missing():
    coverage = Coverage({"A": (2, 1)})
    generator = random.Random(1)
    known = coverage.draw("A", left_out=False, generator=generator)
    novel = coverage.draw("A", left_out=True, generator=generator)
    assert known == [math.log1p(2), math.log1p(1)]
    assert novel[0] == math.log1p(3)


def test_of_the_other_species_of_a_genus_some_are_drawn_as_missing():
    coverage = Coverage({"A": (0, 40)})
    generator = random.Random(1)
    missing = [
        round(math.expm1(coverage.draw("A", left_out=False, generator=generator)[0]))
        for _draw in range(400)
    ]
    assert 3.5 < sum(missing) / len(missing) < 4.3  # a tenth of 39


def test_a_species_is_left_out_under_all_its_names():
    rng = random.Random(3)
    ancestor = "".join(rng.choice("ACGT") for _base in range(300))
    records = [
        (ReferenceRecord.named("A1", "Prima nova", family="F", locus="12S"), ancestor),
        (ReferenceRecord.named("A2", "Altera nova", family="F", locus="12S"), ancestor + "A"),
        (
            ReferenceRecord.named("A3", "Altera vetus", family="F", locus="12S"),
            ancestor[:-3] + "TTT",
        ),
    ]
    index = Index.build(records, locus="12S")
    numbers = {index.record(p).species: index.species_at(p) for p in range(3)}
    first, other = numbers["Prima nova"], numbers["Altera nova"]
    relations = NameRelations(
        labels=("",) * 3, synonyms={first: frozenset({other}), other: frozenset({first})}
    )
    novel = [s for s in take_samples(index, relations=relations) if not s.known]
    names = {s.species: {c.species for c in s.candidates} for s in novel}
    assert names["Prima nova"] == {"Altera vetus"}
    plain = [s for s in take_samples(index) if not s.known]
    assert "Altera nova" in {
        c.species for s in plain for c in s.candidates if s.species == "Prima nova"
    }


def test_a_doubted_record_is_neither_sampled_nor_a_neighbour(index):
    doubted = index.record(0).accession
    positions = [p for p in range(index.record_count) if index.record(p).accession == doubted]
    relations = NameRelations(labels=(), doubts=frozenset(positions))
    for sample in take_samples(index, relations=relations):
        assert doubted not in {c.accession for c in sample.candidates}
