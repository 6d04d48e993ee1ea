import pytest
from listing_cases import CASES

from forensics.taxonomy.listings import listing_of


def shown(answer):
    if answer.appendix not in ("I", "II", "III"):
        return "none" if answer.appendix == "no listing found" else answer.appendix
    if answer.deemed:
        return f"{answer.population_appendix}>{answer.appendix}"
    return f"III:{answer.listing.party}" if answer.appendix == "III" else answer.appendix


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_answer_that_stands_is_given_and_no_other(case):
    assert {shown(answer) for answer in listing_of(case.taxon, **case.asked).answers} == (
        case.expected
    )


def test_there_are_fifty_hard_cases_and_each_has_its_source():
    assert len({(case.taxon, *sorted(case.asked.items())) for case in CASES}) >= 50
    assert all(case.source for case in CASES)
