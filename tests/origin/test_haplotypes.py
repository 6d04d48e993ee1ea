"""Haplotypes by locality: what one says, and what it does not."""

import json

import numpy as np
import pytest

from forensics.errors import InputError, UsageError
from forensics.origin.geography import make_grid
from forensics.origin.haplotype_files import read_haplotype_reference, read_sample_haplotypes
from forensics.origin.haplotypes import (
    haplotype_log_likelihood,
    haplotype_reference,
    match_haplotype,
)
from forensics.origin.stored_results import read_result

# Six localities along the equator; A in the west, B in the east, R once in the middle.
PLACES = {f"P{one}": (0.0, 20.0 + 2 * one) for one in range(6)}
HELD = {
    "P0": ["A"] * 9 + ["B"],
    "P1": ["A"] * 8 + ["B"] * 2,
    "P2": ["A"] * 6 + ["B"] * 3 + ["R"],
    "P3": ["A"] * 3 + ["B"] * 7,
    "P4": ["A"] * 1 + ["B"] * 3,
    "P5": ["B"] * 10,
}


def reference(**change):
    rows = [(one, name, *PLACES[name]) for name, held in HELD.items() for one in held]
    return haplotype_reference(*zip(*rows), **change)


def test_localities_are_ranked_by_frequency_and_sampling_is_told():
    match = match_haplotype(reference(), "A")
    first = match.shares[0]
    assert (first.locality, first.seen, first.sampled) == ("P0", 9, 10)
    assert sum(one.probability for one in match.shares) == pytest.approx(1)
    assert match.seen_at == 5 and match.localities == 6
    assert "5 of 6" in match.headline()


def test_no_locality_is_excluded_because_its_sample_lacks_the_haplotype():
    match = match_haplotype(reference(), "R")
    assert match.seen_at == 1
    assert all(one.probability > 0 for one in match.shares)
    shares = {one.locality: one for one in match.shares}
    # The less was sampled the less the absence says: P4 has 4 animals, P5 has 10.
    assert shares["P4"].probability > shares["P5"].probability
    assert shares["P2"].probability == max(one.probability for one in match.shares)


def test_places_not_sampled_remain_possible():
    match = match_haplotype(reference(), "A", elsewhere=0.5)
    elsewhere = next(one for one in match.shares if one.locality == "")
    assert elsewhere.sampled == 0 and elsewhere.probability > 0.2
    with_gap = reference(sampled=[("Q", 0.0, 40.0)])
    gap = next(one for one in match_haplotype(with_gap, "A").shares if one.locality == "Q")
    assert gap.sampled == 0 and gap.probability > 0


def test_a_haplotype_never_seen_is_said_and_tells_little():
    match = match_haplotype(reference(), "Z")
    assert "never seen in the reference" in match.headline()
    assert [one.code for one in match.warnings] == ["HAPLOTYPE_UNSEEN"]
    named = [one.probability for one in match.shares if one.locality]
    # Fewest animals, most room for what was not seen.
    least = max((one for one in match.shares if one.locality), key=lambda one: one.probability)
    assert least.locality == "P4" and max(named) < 3 * min(named)


def test_base_frequencies_sum_to_one_and_leave_room_for_the_unseen():
    base = reference().base()
    assert base.sum() == pytest.approx(1) and base[-1] > 0
    every_own = haplotype_reference(
        ["a", "b", "c", "d"], ["X", "X", "Y", "Y"], [0, 0, 1, 1], [0, 0, 1, 1]
    )
    assert every_own.base()[-1] == pytest.approx(0.5)


def test_the_likelihoods_of_all_haplotypes_sum_to_one_in_every_cell():
    grid = make_grid([0, 0], [20, 30], cells=15, land=False)
    held = reference()
    total = sum(np.exp(haplotype_log_likelihood(held, one, grid)) for one in ("A", "B", "R", "Z"))
    assert np.allclose(total, 1)


def test_what_cannot_be_a_reference_is_refused():
    with pytest.raises(InputError, match="at least two"):
        haplotype_reference(["A", "B"], ["X", "X"], [0, 0], [0, 0])
    with pytest.raises(InputError, match="record 2"):
        haplotype_reference(["A", ""], ["X", "Y"], [0, 1], [0, 1])
    with pytest.raises(UsageError):
        haplotype_reference(["A"], ["X", "Y"], [0, 1], [0, 1])
    with pytest.raises(UsageError):
        match_haplotype(reference(), "A", elsewhere=1.0)


def test_a_match_is_read_back_as_it_was_and_names_its_reference():
    match = match_haplotype(reference(), "A", sample="S1")
    back = read_result(json.loads(match.to_json()))
    assert back == match and back.lines() == match.lines()
    assert match.rows()[0]["locality"] == "P0" and match.sample == "S1"
    sha256 = match.provenance.library["sha256"]
    assert sha256 == match_haplotype(reference(), "Z").provenance.library["sha256"]
    other = match_haplotype(reference(sampled=[("Q", 0.0, 40.0)]), "A")
    assert other.provenance.library["sha256"] != sha256


def test_tables_of_haplotypes_are_checked(tmp_path):
    path = tmp_path / "h.csv"
    path.write_text("sample,haplotype\nA,H1\nA,H2\n", encoding="utf-8")
    with pytest.raises(InputError, match="two haplotypes"):
        read_sample_haplotypes(path)
    path.write_text("haplotype,locality,latitude,longitude\nH1,x,1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="at least two"):
        read_haplotype_reference(path)
