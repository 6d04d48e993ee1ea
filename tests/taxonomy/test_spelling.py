import random

import pytest

from forensics.taxonomy.spelling import one_letter_apart


@pytest.mark.parametrize(
    "one, other, change",
    [
        ("Fictus albus", "Fictus allbus", "+l"),
        ("Fictus albus", "Fictus abus", "-l"),
        ("Fictus albus", "Fictus alpus", "b>p"),
        ("Fictus nieger", "Fictus neiger", "ie>ei"),
        ("Fictus daubentonii", "Fictus daubentoni", "-i"),
        ("Fictus albus", "Fictis albus", "u>i"),
        ("Fictus albus", "Fictuss albus", "+s"),
    ],
)
def test_one_letter_is_found(one, other, change):
    (found,) = one_letter_apart({one: 1, other: 5})
    assert (found.name, found.like, found.change) == (one, other, change)
    assert (found.records, found.like_records, found.even) == (1, 5, False)
    assert 0.9 < found.score < 1


@pytest.mark.parametrize(
    "one, other",
    [
        ("Fictus albus", "Fictus albissus"),
        ("Fictus albus", "Fictis alpus"),  # a letter in both words
        ("Bos alba", "Bos alta"),  # too short
        ("Apus albus", "Apis albus"),
        ("Fictus albus", "Fictus"),
        ("Fictus albus", "Fictus balus"),  # three letters moved
    ],
)
def test_more_than_a_letter_is_not(one, other):
    assert one_letter_apart({one: 1, other: 5}) == []


def test_the_most_lopsided_come_first_and_even_ones_are_marked():
    found = one_letter_apart(
        {"Fictus rubber": 2, "Fictus ruber": 2, "Fictus nigerr": 1, "Fictus niger": 50}
    )
    assert [(like.name, like.even) for like in found] == [
        ("Fictus nigerr", False),
        ("Fictus rubber", True),
    ]


def test_ten_thousand_names_take_no_time():
    rng = random.Random(1)
    names = {"Fictus " + "".join(rng.choices("abcdefghilmnoprstu", k=12)): 9 for _ in range(9999)}
    right = next(iter(names))
    names[right + "x"] = 1
    assert [like.like for like in one_letter_apart(names)] == [right]
