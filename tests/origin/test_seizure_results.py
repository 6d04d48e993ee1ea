"""Results of the samples of one seizure: in words, as rows, stored and read back."""

import json
from dataclasses import replace

import numpy as np
import pytest
from spatial_simulation import simulated_model

from forensics.core.provenance import make_provenance
from forensics.errors import InputError, UsageError
from forensics.genetics.reading import read_genotypes
from forensics.io.files import folder
from forensics.origin.predict import share_populations
from forensics.origin.seizure import (
    MIXTURE_COLUMNS,
    SeizureOrigin,
    SharesOfPopulations,
    locate_together,
)
from forensics.stored_results import read_result

MODEL, REFERENCE, NEW = simulated_model()
SITE = NEW.take(np.array(NEW.populations) == "S07")
PROVENANCE = make_provenance(library={"name": "m"}, parameters={"seed": 1}, input={})


@pytest.fixture(scope="module")
def seizure():
    return locate_together(MODEL, SITE, PROVENANCE, seed=1, sweeps=60)


@pytest.fixture(scope="module")
def shares():
    cattle = read_genotypes(folder("models") / "data" / "microbov.csv.gz").take([0, 300, 600])
    codes = cattle.codes.copy()
    codes[2, 3:] = -1
    return share_populations("microbov-breeds", replace(cattle, codes=codes), seed=3)


def test_a_seizure_of_one_place_is_said_to_come_from_few(seizure):
    assert "come from few places" in seizure.headline()
    assert seizure.lines()[0] == ("Statement", seizure.headline())
    assert seizure.places[0].surface is not None
    assert all(member in dict(seizure.lines())["Place 1"] for member in seizure.places[0].members)


@pytest.mark.parametrize(
    ("few", "words"), [(0.96, "come from few"), (0.5, "is open"), (0.05, "do not come from few")]
)
def test_the_statement_needs_a_probability_of_95_percent(seizure, few, words):
    record = {**seizure.to_dict(), "few": few}
    assert words in SeizureOrigin.from_stored(record).headline()


def test_a_seizure_is_read_back_as_it_was(seizure):
    back = read_result(json.loads(seizure.to_json()))
    assert isinstance(back, SeizureOrigin)
    # A notice is read back as it was worded.
    assert [str(n) for n in back.notices] == [str(n) for n in seizure.notices]
    assert replace(back, notices=seizure.notices) == seizure
    assert back.to_dict() == seizure.to_dict() and back.lines() == seizure.lines()


def test_shares_name_the_model_and_the_animal_that_something_must_be_known_of(shares):
    assert shares.model["name"] == "microbov-breeds" == shares.provenance.library["name"]
    assert shares.animals == 3 and shares.seed == 3
    (animal,) = shares.animal_notices
    assert any(note.startswith(f"{animal}: 3 loci were typed") for note in shares.notes())
    populations = [share.mean for share in shares.shares if share.level == "population"]
    assert sum(populations) == pytest.approx(1)
    assert all(tuple(row) == MIXTURE_COLUMNS for row in shares.rows())


def test_shares_are_read_back_with_their_notices(shares):
    back = read_result(json.loads(shares.to_json()))
    assert isinstance(back, SharesOfPopulations)
    assert back.to_dict() == shares.to_dict() and back.notes() == shares.notes()


def test_shares_need_a_model_of_populations():
    with pytest.raises(UsageError, match="simulated-range is a model of places"):
        share_populations("simulated-range", SITE)


@pytest.mark.parametrize("record", [{}, [], {"kind": "tree rings"}, {"number_of_places": 3}])
def test_what_is_no_result_is_refused(record):
    with pytest.raises(InputError):
        read_result(record)


def test_regions_are_reported_of_each_place_by_its_samples(seizure):
    asked = []
    reported = seizure.report_regions(lambda surface, many: asked.append((surface, many)))
    assert asked == [(place.surface, len(place.members)) for place in seizure.places]
    assert [place.members for place in reported.places] == [
        place.members for place in seizure.places
    ]
