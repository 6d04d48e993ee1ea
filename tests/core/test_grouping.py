"""What belongs together stays in its order."""

from forensics.core.grouping import grouped


def test_groups_and_their_items_come_in_the_order_of_the_items():
    words = ["bb", "a", "cc", "", "d"]
    assert list(grouped(words, len).items()) == [(2, ["bb", "cc"]), (1, ["a", "d"]), (0, [""])]
    assert grouped([], len) == {}
