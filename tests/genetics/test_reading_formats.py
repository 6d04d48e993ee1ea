"""GENEPOP, STRUCTURE and VCF."""

import gzip
import io

import pytest
from genepop_text import to_genepop
from genotype_texts import labels, read

from forensics.errors import InputError, UsageError
from forensics.genetics.reading import read_genotypes

GENEPOP = """Cats of two colonies
Fca8
Fca23, Fca43
POP
A 1 , 138140 098098 000000
A2,\t138138\t098100\t120120
Pop
B1 , 138140 098098 120122
"""


def test_genepop_populations_are_named_by_their_last_animal():
    genotypes = read(GENEPOP)
    assert genotypes.animals == ("A 1", "A2", "B1")
    assert genotypes.loci == ("Fca8", "Fca23", "Fca43")
    assert genotypes.populations == ("A2", "A2", "B1")
    assert labels(genotypes)[0] == ["138/140", "98/98", ""]


def test_genepop_populations_may_be_named_by_their_first_animal():
    assert read(GENEPOP, population="first").populations == ("A 1", "A 1", "B1")
    with pytest.raises(UsageError, match="'first' or the 'last'"):
        read(GENEPOP, population="middle")


def test_text_after_pop_is_the_name_of_the_population():
    assert read("T\nL1\npop Sava river\nN1 , 0102\n").populations == ("Sava river",)


def test_genepop_of_two_digits_and_haploid_loci():
    genotypes = read("T\nL1, Y, mt\npop\nN1 , 0102 01 120\nN2 , 0000 00 098\n")
    assert genotypes.haploid.tolist() == [False, True, True]
    assert labels(genotypes) == [["1/2", "1", "120"], ["", "", "98"]]


@pytest.mark.parametrize(
    "names", ["L1, L2, L3", "L1\nL2\nL3", "L1,L2\nL3", "L1\tL2\tL3", "L1 L2 L3", "L1,\nL2,\nL3,"]
)
def test_genepop_loci_in_any_arrangement_are_as_many_as_genotypes(names):
    """radiator#90: thousands of loci became two without an error."""
    assert read(f"T\n{names}\npop\nN1 , 0102 0101 0202\n").loci == ("L1", "L2", "L3")


def test_genepop_pop_lines_without_tabulators_end_a_population():
    """genepopedit#13: the reader stopped where ``pop`` had not as many fields as the others."""
    text = "T\nL1\tL2\npop\nN1,\t0102\t0101\npop\nN2,\t0102\t0101\n"
    assert read(text).populations == ("N1", "N2")


def test_genepop_animals_without_names_of_their_own_are_numbered():
    genotypes = read("T\nL1\npop\nGrange , 0102\nGrange , 0101\npop\nTertre , 0102\n")
    assert genotypes.animals == ("Grange:1", "Grange:2", "Tertre")
    assert genotypes.populations == ("Grange", "Grange", "Tertre")
    assert "2 animals of population Grange" in genotypes.notes[0]


def test_genepop_six_digits_are_two_alleles_of_three():
    assert labels(read("T\nL1\npop\nN1 , 123546\n")) == [["123/546"]]


def test_what_is_written_as_genepop_is_read_again():
    genotypes = read(GENEPOP)
    again = read(to_genepop(genotypes))
    assert labels(again) == labels(genotypes)
    assert again.animals == genotypes.animals
    assert again.populations == genotypes.populations


STRUCTURE = [["120/122", "130/?"], ["120/120", "130/132"]]


@pytest.mark.parametrize(
    "text",
    [
        "L1 L2\nN1 1 120 130\nN1 1 122 -9\nN2 2 120 130\nN2 2 120 132\n",
        "\t\tL1\tL2\nN1\t1\t120\t130\nN1\t1\t122\t-9\nN2\t2\t120\t130\nN2\t2\t120\t132\n",
        "L1 L2\n-1 -1\nN1 1 120 130\nN1 1 122 -9\nN2 2 120 130\nN2 2 120 132\n",
        "L1 L2\nN1 1 120 122 130 -9\nN2 2 120 120 130 132\n",
        "id pop L1 L2\nN1 1 120 130\nN1 1 122 -9\nN2 2 120 130\nN2 2 120 132\n",
    ],
)
def test_structure_in_one_row_or_two(text):
    genotypes = read(text)
    assert genotypes.loci == ("L1", "L2")
    assert genotypes.populations == ("1", "2")
    assert labels(genotypes) == STRUCTURE


def test_structure_loci_without_variation_leave_the_animals_as_they_are():
    """assignPOP#16: such a locus doubled the rows; assignPOP#2: a dash in a name broke it."""
    genotypes = read("L1 L2\nN1 a-b 12 13\nN1 a-b 12 13\nN2 c-d 12 13\nN2 c-d 12 14\n")
    assert labels(genotypes) == [["12/12", "13/13"], ["12/12", "13/14"]]
    assert genotypes.populations == ("a-b", "c-d")


def test_structure_columns_before_the_genotypes_are_kept():
    genotypes = read("L1 L2\nN1 1 0 7 120 130\nN1 1 0 7 122 130\n")
    assert genotypes.fields == {"column 3": ("0",), "column 4": ("7",)}


def test_structure_without_names_needs_them():
    text = "N1 1 120 130\nN1 1 122 -9\nN2 2 120 130\nN2 2 120 132\n"
    with pytest.raises(InputError, match="Give all names with the option loci"):
        read(text)
    assert labels(read(text, loci=["L1", "L2"])) == STRUCTURE


def test_minus_999_is_missing():
    """scat#12, scat#16: SCAT's files have STRUCTURE's form and -999."""
    genotypes = read("L1 L2\nN1 1 1 2\nN1 1 2 -999\nN2 1 1 2\nN2 1 1 2\n")
    assert labels(genotypes) == [["1/2", "2/?"], ["1/1", "2/2"]]


def test_structure_zero_is_an_allele_where_minus_9_is_missing():
    assert labels(read("L1 L2\nN1 1 0 3\nN1 1 1 -9\n")) == [["0/1", "3/?"]]
    assert labels(read("L1 L2\nN1 1 0 1\nN1 1 0 2\n")) == [["", "1/2"]]
    assert labels(read("L1 L2\nN1 1 0 1\nN1 1 1 1\n")) == [["0/1", "1/1"]]  # as in a table
    with pytest.raises(InputError, match="0 is paired with another number"):
        read("L1 L2\nN1 1 0 1\nN1 1 1 2\n")


HEAD = (
    "##fileformat=VCFv4.2\n"
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tN1\tN2\n"
)
SITES = (
    "1\t10\t.\tA\tG,T\t.\tPASS\tDP=3\tGT:DP\t0|2:3\t./0:4\n"
    "1\t11\trs2\tC\t.\t.\t.\t.\tGT\t0/0\t./.\n"
    "1\t12\trs3\tC\tT\t.\tq10\t.\tGT\t0/1\t1/1\n"
    "MT\t7\tmt7\tC\tT\t.\tPASS\t.\tDP:GT:FT\t9:0:PASS\t9:1:low\n"
)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_vcf_sites_are_loci(pack):
    pytest.importorskip("vcfpy")
    genotypes = read(pack((HEAD + SITES).encode()))
    assert genotypes.animals == ("N1", "N2")
    assert genotypes.loci == ("1:10", "rs2", "mt7")
    assert genotypes.alleles == (("A", "G", "T"), ("C",), ("C", "T"))
    assert genotypes.haploid.tolist() == [False, False, True]
    assert labels(genotypes) == [["A/T", "C/C", "C"], ["A/?", "", ""]]
    assert genotypes.notes == ("1 site that failed its filters was left out",)


def test_vcf_sites_that_failed_a_filter_are_read_on_demand():
    pytest.importorskip("vcfpy")
    genotypes = read(HEAD + SITES, filtered=True)
    assert genotypes.label(0, 2) == "C/T"


def test_vcf_populations_come_from_a_second_file():
    pytest.importorskip("vcfpy")
    genotypes = read(HEAD + SITES, places=io.StringIO("id\tpop\nN1\tA\nN2\tB\n"))
    assert genotypes.populations == ("A", "B")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1\t10\t.\tA\tG\n", "does not follow the VCF format"),
        ("1\tten\t.\tA\tG\t.\t.\t.\tGT\t0/0\t0/0\n", "does not follow the VCF format"),
        ("1\t10\t.\tA\tG\t.\t.\t.\tDP\t3\t4\n", "has no genotypes"),
        ("1\t10\t.\tA\tG\t.\t.\t.\tGT\t0/1/1\t0/0/0\n", "is not a genotype of one or two"),
        ("1\t10\t.\tA\tG\t.\t.\t.\tGT\t0/1\t1\n", "animal N2, locus 1:10: one allele"),
        ("", "a header and no site"),
    ],
)
def test_vcf_damage_is_named_with_its_line(line, message):
    pytest.importorskip("vcfpy")
    with pytest.raises(InputError, match=message):
        read(HEAD + line)


def test_an_unknown_format_is_refused():
    with pytest.raises(UsageError, match="is not one of 'auto', 'table', 'genepop'"):
        read_genotypes(io.StringIO(GENEPOP), format="arlequin")
