"""Calls of a named unit: species that a locus does not tell apart, called together."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from forensics.barcode.calling.decision import (
    Call,
    Caveats,
    apply_caveats,
    decide,
    widen_to_lineage,
)
from forensics.barcode.identification import Identification
from forensics.barcode.matching.search import Candidate, Hit
from forensics.barcode.reference.building import build_library
from forensics.barcode.reference.library import Library, Unit, open_library
from forensics.barcode.reference.records import ReferenceRecord
from forensics.barcode.tabular import sintax_line
from forensics.barcode.verdict import Outcome, make_verdict
from forensics.examination import identify
from forensics.notices import calls as notices
from forensics.report.reported import Call as ReportedCall
from forensics.report.reported import conservative_call
from forensics.report.statement import Finding, PriorCall

_UNIT = Unit(("Fictus albus", "Fictus niger"))
_NAME = "Fictus albus / niger"


def _candidate(species: str, identity: float = 1.0) -> Candidate:
    hit = Hit(0, identity, round((1 - identity) * 658), 658, 1.0, "+", "whole")
    return Candidate(
        species, species.split()[0], "Fictidae", True, identity, 1.0, hit.edits, 658, "SIM1", 3, hit,
    )  # fmt: skip


_CANDIDATES = [
    _candidate("Fictus albus"),
    _candidate("Fictus niger"),
    _candidate("Fictus ruber", 0.97),
]


@dataclass
class _Stated:
    """Stands in for a calibration: probabilities as a test states them."""

    species: dict[str, float]
    genus: dict[str, float]

    def probabilities(
        self, candidates: object, in_library: float
    ) -> Mapping[str, dict[str, float]]:
        return {"species": self.species, "genus": self.genus}

    def interval(self, candidates: object, in_library: float) -> None:
        return None


def _decided(albus: float, niger: float, **options: float) -> Call:
    species = {"Fictus albus": albus, "Fictus niger": niger, "none": 1 - albus - niger}
    calibration = _Stated(species, {"Fictus": 0.99, "none": 0.01})
    return decide(_CANDIDATES, calibration=calibration, units=[_UNIT], **options)  # type: ignore[arg-type]


def test_members_that_reach_the_confidence_together_and_not_alone_are_called_as_the_unit() -> None:
    call = _decided(0.55, 0.42)
    assert (call.status, call.rank, call.taxon) == ("identified", "unit", _NAME)
    assert call.probability == pytest.approx(0.97)
    assert call.members == ("Fictus albus", "Fictus niger")
    assert call.species is None
    assert call.probabilities is not None
    assert list(call.probabilities) == ["species", "unit", "genus"]
    assert sum(call.probabilities["unit"].values()) == pytest.approx(1)
    assert "UNIT_OF_SPECIES" in {notice.code for notice in call.warnings}


def test_a_member_that_reaches_it_alone_is_called_alone() -> None:
    assert _decided(0.96, 0.02).taxon == "Fictus albus"


def test_a_unit_that_does_not_reach_it_leaves_the_genus() -> None:
    assert (_decided(0.5, 0.3).rank, _decided(0.5, 0.3).taxon) == ("genus", "Fictus")


def test_a_unit_of_which_one_member_alone_is_near_is_not_asked() -> None:
    species = {"Fictus albus": 0.7, "none": 0.3}
    calibration = _Stated(species, {"Fictus": 0.99, "none": 0.01})
    call = decide([_candidate("Fictus albus")], calibration=calibration, units=[_UNIT])  # type: ignore[arg-type]
    assert call.rank == "genus"
    assert call.probabilities is not None
    assert "unit" not in call.probabilities


def test_without_a_calibration_species_of_one_unit_that_are_as_near_are_the_unit() -> None:
    call = decide(_CANDIDATES, units=[_UNIT])
    assert (call.rank, call.taxon, call.probability) == ("unit", _NAME, None)
    assert decide(_CANDIDATES).rank == "genus"
    assert (
        decide([*_CANDIDATES[:2], _candidate("Fictus ruber", 0.995)], units=[_UNIT]).rank == "genus"
    )


def test_a_unit_of_more_species_than_a_name_can_have_is_not_called() -> None:
    many = Unit((*_UNIT.members, "Fictus a", "Fictus b", "Fictus c", "Fictus d"))
    assert decide(_CANDIDATES, units=[many]).rank == "genus"


def test_what_forbids_a_species_forbids_a_unit() -> None:
    call = _decided(0.55, 0.42)
    limited = apply_caveats(
        call,
        "ACGT" * 160,
        (),
        _CANDIDATES[0],
        None,
        Caveats(limit=(notices.UNCALIBRATED("library"),)),  # type: ignore[arg-type]
    )
    assert (limited.rank, limited.taxon) == ("genus", "Fictus")


def test_a_unit_with_a_domestic_form_that_it_lacks_goes_up_to_the_genus() -> None:
    call = Call(
        "identified", "unit", "Canis latrans / lupus", 0.97, None, ("Canis latrans", "Canis lupus")
    )
    assert widen_to_lineage(call, "COI", family="Canidae").rank == "genus"
    both = Call("identified", "unit", "Canis familiaris / lupus", 0.97)
    assert widen_to_lineage(both, "COI", family="Canidae").rank == "unit"


# -- from a library to a report ---------------------------------------------------------------


def _sequence(seed: int) -> str:
    return "".join(random.Random(seed).choices("ACGT", k=600))


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    names = ["Lampornis calolaemus", "Lampornis castaneoventris"] * 2 + ["Lampornis clemenciae"]
    records = [
        (
            ReferenceRecord.named(f"A{number}", name, locus="COI", family="Trochilidae"),
            _sequence(1 if number < 4 else 2),
        )
        for number, name in enumerate(names)
    ]
    folder: Path = tmp_path_factory.mktemp("library") / "library"
    build_library(records, folder, screening=False, calibration=False)
    return open_library(folder)


@pytest.fixture(scope="module")
def result(library: Library) -> Identification:
    return identify(f">q\n{_sequence(1)}\n", library=library)[0]


def test_a_library_keeps_the_units_of_its_loci(library: Library) -> None:
    assert library.manifest("COI")["units"] == [
        ["Lampornis calolaemus", "Lampornis castaneoventris"]
    ]
    assert [unit.name for unit in library.units("COI")] == [
        "Lampornis calolaemus / castaneoventris"
    ]
    library.verify()


def test_a_result_says_the_unit_its_members_and_each_listing(result: Identification) -> None:
    values = result.to_dict()
    assert (values["rank"], values["taxon"]) == ("unit", "Lampornis calolaemus / castaneoventris")
    assert values["members"] == ["Lampornis calolaemus", "Lampornis castaneoventris"]
    assert "a unit: one of these species" in result.headline()
    assert result.listed_call().appendices == ("II",)
    assert values["listing_common"]["appendix"] == "II"
    assert "each with its listing" in result.advice()


def test_the_line_of_a_unit_is_limited(result: Identification) -> None:
    verdict = make_verdict(result)
    assert (verdict.outcome, verdict.rank) == (Outcome.LIMITED, "unit")
    assert verdict.call == "Lampornis calolaemus / castaneoventris"


def test_a_unit_is_read_back(result: Identification) -> None:
    read = Identification.from_json(result.to_json())
    assert read == result
    assert read.call.members == result.call.members
    assert read.listed_call().appendices == ("II",)


def test_a_line_of_sintax_goes_down_to_the_genus(result: Identification) -> None:
    assert sintax_line(result).split("\t")[3] == "f:Trochilidae,g:Lampornis"


def test_members_with_other_listings_are_told_with_both(library: Library) -> None:
    from forensics.barcode.identification import listing_of_call

    call = Call("identified", "unit", "Manis javanica / Canis latrans")
    candidates = [_candidate("Manis javanica"), _candidate("Canis latrans")]
    assert set(listing_of_call(call, candidates, "2024-01-01").appendices) == {
        "I",
        "no listing found",
    }


# -- the most cautious call of a report --------------------------------------------------------


def _reported(*calls: tuple[str, str | None]) -> ReportedCall:
    rank, taxon = calls[0]
    finding = object.__new__(Finding)
    priors = tuple(PriorCall(0.5, "identified", r, t, None, None, None) for r, t in calls[1:])
    values = {"result": {"status": "identified", "rank": rank, "taxon": taxon}, "priors": priors}
    for name, value in values.items():
        object.__setattr__(finding, name, value)
    return conservative_call(finding)


def test_a_species_at_one_prior_and_its_unit_at_another_are_reported_as_the_unit() -> None:
    assert _reported(("species", "Fictus albus"), ("unit", _NAME)).taxon == _NAME
    assert _reported(("unit", _NAME), ("genus", "Fictus")).taxon == "Fictus"


def test_a_species_outside_the_unit_at_another_prior_leaves_no_name() -> None:
    assert _reported(("species", "Fictus ruber"), ("unit", _NAME)).taxon is None
    assert _reported(("unit", _NAME), ("genus", "Exemplum")).taxon is None
