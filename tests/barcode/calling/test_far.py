"""What far records say of family, order and class, and how far they can be trusted."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulation import mutate, random_sequence

from forensics import identify
from forensics.barcode.calling.far import (
    FEATURES,
    FarCalibration,
    FarRow,
    describe,
    fit_rows,
    learn_far_placement,
)
from forensics.barcode.identification import Identification
from forensics.barcode.matching.far import FAR_FLOOR, RANKS, FarIndex, FarRecord, RankVote
from forensics.barcode.reference.library import MANIFEST, open_library, read_json, write_json
from forensics.barcode.reference.records import ReferenceRecord
from forensics.barcode.reference.writing import write_description, write_library
from forensics.errors import LibraryError

LOCUS, LENGTH = "CR", 600


def changed(rng, sequence, share):
    return mutate(rng, sequence, substitutions=round(share * LENGTH))


def tree(seed=1):
    """Return records of three classes, and by order the sequence from which its families come."""
    rng = random.Random(seed)
    root = random_sequence(rng, LENGTH)
    records, orders = [], {}
    for a in range(3):
        of_class = changed(rng, root, 0.2)
        for b in range(3):
            order = f"Ordo{a}{b}"
            orders[order] = of_order = changed(rng, of_class, 0.08)
            for c in range(4):
                family = changed(rng, of_order, 0.07)
                for d in range(3):
                    genus = f"Genus{'abc'[a]}{'abc'[b]}{'abcd'[c]}{'abc'[d]}"
                    record = ReferenceRecord.named(
                        f"A{len(records)}", f"{genus} albus", family=f"Familia{a}{b}{c}",
                        order=order, class_=f"Classis{a}", locus=LOCUS,
                    )  # fmt: skip
                    records.append((record, changed(rng, family, 0.06)))
    return records, orders


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    path = tmp_path_factory.mktemp("far") / "library"
    write_library(path, tree()[0], name="far", calibrated=True)
    return open_library(path)


@pytest.fixture(scope="module")
def placed(library):
    """A family that the library lacks, of an order that it has."""
    sequence = changed(random.Random(8), tree()[1]["Ordo11"], 0.13)
    return identify(sequence, library=library, confidence=0.8)[0]


def test_a_family_that_the_library_lacks_is_placed_in_its_order_and_class(placed):
    assert (placed.status, placed.rank, placed.taxon) == ("nothing_near", None, None)
    ranks = placed.placement.ranks
    assert (ranks["order"].taxon, ranks["class"].taxon) == ("Ordo11", "Classis1")
    assert 0.5 < ranks["order"].probability <= ranks["class"].probability < 1
    assert placed.placement.rank in ("order", "class")
    assert FAR_FLOOR <= placed.placement.identity < placed.floor


def test_people_read_the_class_or_order_beside_not_in_the_library(placed):
    assert placed.headline().startswith(f"nothing near; {placed.placement.taxon} (")
    assert "not proved" in dict(placed.lines())["Further away"]


def test_a_placement_is_stored_and_read_back(placed):
    found = json.loads(placed.to_json())["placement"]
    assert list(found) == [
        "rank", "taxon", "probability", "species", "accession", "identity", *RANKS,
    ]  # fmt: skip
    again = Identification.from_json(placed.to_json())
    assert again == placed and again.placement == placed.placement


def test_a_placement_stands_in_columns_of_a_row(placed):
    row = placed.to_row()
    assert [name for name in row if name.startswith("placement")] == [
        "placement_rank",
        "placement_taxon",
        "placement_probability",
    ]
    far = placed.placement
    assert tuple(row[f"placement_{name}"] for name in ("rank", "taxon", "probability")) == (
        far.rank,
        far.taxon,
        far.probability,
    )
    assert row["taxon"] is row["best_species"] is None


def test_the_calibration_is_asked_with_the_nearest_record_that_was_found(library, placed):
    class Asked:
        def weigh(self, _candidates, nearest):
            self.nearest = nearest
            return self

        def probabilities(self, _in_library):
            return {"species": {"unlisted": self.nearest, "none": 1 - self.nearest}}

        def interval(self, _in_library):
            return None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(library), "calibration", lambda _library, _locus: Asked())
        for order, share in (("Ordo11", 0.13), ("Ordo20", 0.14)):
            sequence = changed(random.Random(8), tree()[1][order], share)
            (result,) = identify(sequence, library=library)
            nearest = FarIndex(library.index(LOCUS)).nearest(sequence)[0].identity
            assert result.call.probabilities["species"]["unlisted"] == nearest < result.floor


def test_where_a_record_is_near_nothing_is_placed(library):
    (result,) = identify(tree()[0][5][1], library=library)
    assert result.placement is None and "placement" not in result.to_dict()
    assert result.to_row()["placement_rank"] is None


def test_a_library_that_does_not_say_places_nothing(library, tmp_path):
    records, orders = tree()
    write_library(tmp_path / "plain", records, name="far", calibrated=False)
    sequence = changed(random.Random(8), orders["Ordo11"], 0.13)
    (result,) = identify(sequence, library=open_library(tmp_path / "plain"))
    assert (result.status, result.placement) == ("nothing_near", None)
    assert (
        result.headline() == "nothing near: no name can be given"
        and "placement" not in result.to_dict()
    )


def test_a_library_of_a_later_format_is_refused(library, tmp_path):
    write_library(tmp_path / "later", tree()[0][:40], name="later", calibrated=False)
    path = tmp_path / "later" / LOCUS / MANIFEST
    content = library.far_placement(LOCUS).to_dict() | {"format": 99}
    write_json(path, read_json(path) | {"far_placement": content})
    write_description(tmp_path / "later", [LOCUS], name="later")
    with pytest.raises(LibraryError, match="Build the library again"):
        open_library(tmp_path / "later").far_placement(LOCUS)


def test_what_is_learnt_is_the_same_each_time_and_survives_its_storage(library):
    calibration = library.far_placement(LOCUS)
    assert learn_far_placement(library.index(LOCUS)) == calibration
    assert FarCalibration.from_dict(json.loads(json.dumps(calibration.to_dict()))) == calibration
    assert set(calibration.weights) <= set(RANKS) and "class" in calibration.weights


def test_a_record_is_looked_up_without_its_family(library):
    far = FarIndex(library.index(LOCUS))
    record = library.index(LOCUS).record(40)
    size = library.index(LOCUS).size
    own = {h for h in range(size) if far.ranks(h)["family"] == record.family}
    sequence = library.index(LOCUS).sequence(library.index(LOCUS).haplotype_at(40))
    whole, without = far.nearest_without(sequence, [(), own])
    assert whole[0].identity == 1.0 and whole[0].ranks["family"] == record.family
    assert without and not own & {found.haplotype for found in without}
    assert without[0].ranks["class"] == record.class_


@pytest.mark.parametrize("share", [0.05, 0.12, 0.2, 0.27])
def test_as_much_is_said_as_if_every_candidate_were_aligned(library, monkeypatch, share):
    rng, index = random.Random(9), FarIndex(library.index(LOCUS))
    queries = [
        changed(rng, index.index.sequence(rng.randrange(index.index.size)), share)
        for _number in range(25)
    ]
    left_out = [(), range(0, index.index.size, 3), range(40), ()]

    def said():
        return [
            [
                (of_one[:1], [RankVote.of(of_one, rank) for rank in RANKS])
                for of_one in index.nearest_without(query, left_out)
            ]
            for query in queries
        ]

    def count():
        return sum(len(index.nearest(query)) for query in queries)

    bounded, aligned = said(), count()
    monkeypatch.setattr(FarIndex, "_needed", staticmethod(lambda found: (FAR_FLOOR, FAR_FLOOR, ())))
    assert bounded == said()
    assert aligned <= count()


def rows_of(seed):
    rng = random.Random(seed)
    return [
        FarRow(number, "class", rng.choice(["genus", "family", "order"]), "x", rng.random() < 0.5,
               tuple(rng.uniform(0, 20) for _ in FEATURES))
        for number in range(60)
    ]  # fmt: skip


@given(st.integers(0, 30), st.integers(0, 3), st.floats(0.1, 10))
def test_whatever_is_learnt_nearer_and_further_ahead_never_lowers_a_probability(seed, which, step):
    calibration = FarCalibration({"class": fit_rows(rows_of(seed))}, {"class": 1000})
    features = [10.0] * len(FEATURES)
    before = calibration.probability("class", features)
    sign = list(FEATURES.values())[which]
    features[which] += sign * step
    assert calibration.probability("class", features) >= before


def test_no_probability_is_above_what_the_samples_support():
    calibration = FarCalibration({"class": (50.0, 0.0, 0.0, 0.0, 0.0)}, {"class": 60})
    assert calibration.probability("class", [0.0] * 4) == 1 - 3 / 60


def test_the_features_of_the_nearest_taxon_are_its_distance_lead_and_share():
    def far(identity, family, order):
        return FarRecord(0, identity, {"family": family, "order": order, "class": "C"})

    records = [far(0.85, "a", "x"), far(0.84, "a", "x"), far(0.82, "b", "y"), far(0.81, "c", "x")]
    taxon, (difference, lead, share, _length) = describe(records, "order", 600)
    assert taxon == "x" and share == pytest.approx(2 / 3)
    assert (difference, lead) == (pytest.approx(15), pytest.approx(3))
    _taxon, (_difference, alone, _share, _length) = describe(records, "class", 600)
    assert alone == pytest.approx(100 * (0.85 - FAR_FLOOR))
