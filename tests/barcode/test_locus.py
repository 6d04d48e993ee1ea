import pytest

from forensics.barcode.locus import IUPAC, LOCI, MAX_GENE_LENGTH, MITOCHONDRIAL, PLASTID, find_locus
from forensics.barcode.translation import TABLES
from forensics.errors import UsageError

PRIMERS = [(locus, primer) for locus in LOCI for primer in locus.primers]


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


def test_names_of_loci_that_results_have_stay():
    assert {locus.name for locus in LOCI} >= {
        "COI", "cytb", "12S", "16S", "CR", "ITS", "rbcL", "matK", "trnL",
    }  # fmt: skip


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


def test_coding_loci_have_the_codes_of_their_genome():
    coding = [locus for locus in LOCI if locus.genetic_codes]
    assert {locus.name for locus in coding} >= {"COI", "cytb", "rbcL", "matK"}
    for locus in coding:
        assert set(locus.genetic_codes) <= set(TABLES)
        expected = {MITOCHONDRIAL: {2, 4, 5, 9, 13, 14}, PLASTID: {11}}
        assert set(locus.genetic_codes) == expected[locus.genome]


def test_names_of_primers_are_unique():
    names = [primer.name.casefold() for _locus, primer in PRIMERS]
    assert len(names) > 90 and len(set(names)) == len(names)


@pytest.mark.parametrize("locus, primer", PRIMERS, ids=lambda value: value.name)
def test_primers_are_iupac_have_a_strand_and_a_source(locus, primer):
    assert 17 <= len(primer.sequence) <= 35 and set(primer.sequence) <= IUPAC.keys()
    assert primer.strand in ("+", "-")
    assert (
        "doi:10." in primer.source
        or any(letter.isdigit() for letter in primer.source)
        or ("BOLD" in primer.source)
    )


@pytest.mark.parametrize("locus", LOCI, ids=lambda locus: locus.name)
def test_every_locus_has_primers_of_both_strands(locus):
    assert {primer.strand for primer in locus.primers} == {"+", "-"}
    assert locus.expected_length < MAX_GENE_LENGTH


@pytest.mark.parametrize(
    "name, length",
    [
        ("COI", 1602),  # Python bivittatus, Varanus niloticus
        ("16S", 1676),  # Carcharhinus leucas
        ("16S", 1710),  # Anguilla mossambica
        ("CR", 1688),  # Panthera leo
    ],
)
def test_whole_genes_of_vertebrates_in_trade_are_no_outliers(name, length):
    locus = find_locus(name)
    assert locus.minimum_length <= length <= locus.maximum_length
