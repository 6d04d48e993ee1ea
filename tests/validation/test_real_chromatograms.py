"""Real chromatograms: the pair that is shipped, and all nine of Debian's r-cran-bold where they are.

Give the folder of the package's ``bold_trace_files`` in FORENSICS_CHROMATOGRAMS where it is
not installed. benchmarks/chromatograms.md has the figures.
"""

import os
from pathlib import Path

import pytest

from forensics.barcode.reading.inspection import inspect_sample
from forensics.barcode.reading.samples import samples_of
from forensics.io.files import folder

INSTALLED = "/usr/share/doc/r-cran-bold/tests/bold_trace_files"

# Sample: bases kept of each read, overlap, conflicts, consensus, mixed.
FOUND = {
    "ACRJP618-11": ([650], None, 0, 634, False),
    "ACRJP619-11": ([649, 643], 607, 0, 658, False),
    "BBBO256-10": ([646, 655], 608, 1, 658, True),
    "BBBO257-10": ([648, 641], 608, 0, 655, True),
    "BBBO400-11": ([387, 405], 305, 0, 421, False),
}


def kept(facts):
    return [read["kept_to"] - read["kept_from"] + 1 for read in facts["reads"]]


def shipped(name):
    files = [folder("reference_sequences") / "demonstration" / f"{name}_{s}.ab1.gz" for s in "FR"]
    (sample,) = samples_of(files).samples
    facts = inspect_sample(sample).to_dict()
    assert facts["sample"] == name
    return facts


def test_the_short_pair_agrees_and_is_of_one_template():
    facts = shipped("Bombus_ignitus_short")
    assert kept(facts) == [387, 405]
    assert (facts["overlap"], facts["agreement"], facts["conflicts"]) == (305, 1, [])
    assert not facts["mixed"]


def test_the_shipped_pair_agrees_and_is_of_two_templates():
    facts = shipped("Bombus_ignitus")
    assert kept(facts) == [648, 641]
    assert facts["agreement"] == 1
    assert facts["mixed"]
    both = [p for p in facts["double_peaks"] if p["clear"] and p["where"] == "both"]
    assert len(both) >= 10
    assert sum(peak["code"] in "RY" for peak in both) > 0.7 * len(both)  # transitions, as in nature


@pytest.fixture(scope="module")
def nine():
    """Facts of the samples of r-cran-bold, by process id."""
    path = Path(os.environ.get("FORENSICS_CHROMATOGRAMS", INSTALLED))
    if not path.is_dir():
        pytest.skip(f"no chromatograms in {path}; set FORENSICS_CHROMATOGRAMS")
    gathered = samples_of([path / "ids", path / "taxon"])
    return {
        sample.name.split("[")[0]: inspect_sample(sample).to_dict() for sample in gathered.samples
    }


def test_the_nine_chromatograms_of_r_cran_bold(nine):
    assert list(nine) == list(FOUND)
    for name, facts in nine.items():
        bases, overlap, conflicts, length, mixed = FOUND[name]
        assert kept(facts) == bases
        assert facts["overlap"] == overlap
        assert len(facts["conflicts"]) == conflicts
        assert facts["consensus_length"] == pytest.approx(length, abs=3)
        assert facts["mixed"] is mixed
        assert overlap is None or facts["agreement"] > 0.998


def test_both_bumblebees_have_the_second_template_at_the_same_places(nine):
    found = []
    for name in ("BBBO256-10", "BBBO257-10"):
        facts = nine[name]
        shift = facts["consensus_length"] - 658  # both end at the same primer
        found.append(
            {
                (peak["place"] - shift, peak["code"])
                for peak in facts["double_peaks"]
                if peak["clear"] and peak["where"] == "both"
            }
        )
    near = {(place + d, code) for place, code in found[1] for d in (-3, 0, 3)}
    assert len(found[0] & near) >= 7
