"""Haplotypes by locality: where one was seen, how often, in how many animals."""

import json

import pandas as pd
import pytest

from forensics.errors import InputError
from forensics.origin.haplotypes import find_haplotype, read_haplotype_reference
from forensics.stored_results import read_result

# Six localities along the equator; A in the west, B in the east, R once in the middle.
HELD = {
    "P0": ["A"] * 9 + ["B"],
    "P1": ["A"] * 8 + ["B"] * 2,
    "P2": ["A"] * 6 + ["B"] * 3 + ["R"],
    "P3": ["A"] * 3 + ["B"] * 7,
    "P4": ["A"] * 1 + ["B"] * 3,
    "P5": ["B"] * 10,
}


@pytest.fixture
def table(tmp_path):
    rows = [
        (one, name, 0.0, 20.0 + 2 * int(name[1])) for name, held in HELD.items() for one in held
    ]
    path = tmp_path / "reference.csv"
    columns = ["mtDNA", "site", "lat", "lon"]
    pd.DataFrame([*rows, ("", "P5", 0.0, 30.0)], columns=columns).to_csv(path, index=False)
    return path


def test_the_places_and_the_counts_are_said(table):
    found = find_haplotype(read_haplotype_reference(table), "A", sample="S1")
    assert found.headline() == (
        "haplotype A was seen at 5 of 6 sampled localities, in 27 of 54 animals"
    )
    assert [(row.locality, row.seen, row.sampled) for row in found.localities] == [
        ("P0", 9, 10), ("P1", 8, 10), ("P2", 6, 10), ("P3", 3, 10), ("P4", 1, 4), ("P5", 0, 10),
    ]  # fmt: skip
    assert found.details() == [
        (
            "Seen at",
            "P0 (9 of 10), P1 (8 of 10), P2 (6 of 10), P3 (3 of 10), P4 (1 of 4)",
        )
    ]
    assert [found.localities[0].latitude, found.localities[0].longitude] == pytest.approx([0, 20])
    assert not found.notices


def test_a_haplotype_never_seen_is_said(table):
    found = find_haplotype(read_haplotype_reference(table), "Z")
    assert "never seen in the reference (54 animals of 6 localities)" in found.headline()
    assert [one.code for one in found.warnings] == ["HAPLOTYPE_UNSEEN"]
    assert found.details() == []


def test_a_result_is_read_back_as_it_was_and_names_its_reference(table):
    reference = read_haplotype_reference(table)
    found = find_haplotype(reference, "A", sample="S1")
    back = read_result(json.loads(found.to_json()))
    assert back == found and back.lines() == found.lines()
    assert found.rows()[0]["locality"] == "P0" and found.sample == "S1"
    assert found.provenance.library["sha256"] == reference.sha256
    frame = pd.read_csv(table)
    one, other = (read_haplotype_reference(some) for some in (frame, frame.iloc[1:]))
    assert one.sha256 != other.sha256


def test_what_cannot_be_a_reference_is_refused(tmp_path):
    path = tmp_path / "h.csv"
    for text, why in (
        ("haplotype,locality,latitude,longitude\n,x,1,2\n", "no animal has a haplotype"),
        ("haplotype,locality,latitude,longitude\nH1,,1,2\n", "line 2.*needs a haplotype"),
        ("haplotype,locality,latitude,longitude\nH1,x,91,2\n", "91"),
        ("haplotype,latitude,longitude\nH1,1,2\n", "locality"),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match=why):
            read_haplotype_reference(path)
