import pytest

from forensics.barcode.locus import LOCI, find_locus
from forensics.errors import UsageError


def test_names_and_synonyms_are_unique_however_they_are_written():
    keys = [
        (find_key(name), locus.name) for locus in LOCI for name in {locus.name, *locus.synonyms}
    ]
    owners = {}
    for key, owner in keys:
        assert owners.setdefault(key, owner) == owner, key


def find_key(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum() or letter in "()")


@pytest.mark.parametrize("locus", LOCI, ids=lambda locus: locus.name)
def test_every_name_and_synonym_finds_its_locus(locus):
    for name in (locus.name, *locus.synonyms):
        for written in (name, name.upper(), name.lower(), name.replace(" ", "_")):
            assert find_locus(written) is locus


def test_the_loci_are_called_as_the_project_calls_them():
    assert [locus.name for locus in LOCI] == [
        "COI", "cytb", "12S", "16S", "CR", "ITS", "rbcL", "matK", "trnL",
    ]  # fmt: skip


@pytest.mark.parametrize("locus", LOCI, ids=lambda locus: locus.name)
def test_lengths_have_a_source(locus):
    assert 0 < locus.minimum_length <= locus.expected_length
    assert locus.source


def test_an_unknown_locus_lists_the_known_ones():
    with pytest.raises(UsageError) as caught:
        find_locus("18S")
    assert "18S" in str(caught.value)
    for locus in LOCI:
        assert locus.name in str(caught.value)
