"""Likelihoods of genotypes: BEAGLE tables and VCF, as they are and damaged."""

import gzip
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.errors import InputError, UsageError
from forensics.genetics.likelihoods import GenotypeLikelihoods
from forensics.genetics.reading import has_likelihoods_alone, read_genotypes, read_likelihoods

BEAGLE = (
    "marker\tallele1\tallele2\tN1\tN1\tN1\tN2\tN2\tN2\n"
    "chr1_7\t0\t2\t0.666667\t0.333333\t0.000000\t0.333333\t0.333333\t0.333333\n"
    "chr1_9\tc\tT\t0.1\t0.7\t0.2\t1e-9\t0\t1\n"
)
HEAD = (
    "##fileformat=VCFv4.2\n"
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
    '##FORMAT=<ID=PL,Number=G,Type=Integer,Description="Phred">\n'
    '##FORMAT=<ID=GL,Number=G,Type=Float,Description="Log10">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tN1\tN2\n"
)


def read(text, **options):
    data = text if isinstance(text, bytes) else text.encode()
    return read_likelihoods(io.BytesIO(data), **options)


def relative(*values):
    with np.errstate(divide="ignore"):
        logs = np.log(np.array(values, dtype=float))
    return (logs - logs.max()).tolist()


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_beagle_table_is_read(pack, end):
    likelihoods = read(pack(BEAGLE.replace("\n", end).encode()))
    assert likelihoods.animals == ("N1", "N2")
    assert likelihoods.loci == ("chr1_7", "chr1_9")
    assert likelihoods.alleles == (("A", "G"), ("C", "T"))
    assert likelihoods.logs.dtype == np.float32
    expected = [relative(0.666667, 0.333333, 0), relative(0.1, 0.7, 0.2)]
    np.testing.assert_allclose(likelihoods.logs[0], expected, rtol=1e-6)
    np.testing.assert_allclose(likelihoods.logs[1, 1], relative(1e-9, 0, 1), rtol=1e-6)
    assert likelihoods.informative.tolist() == [[True, True], [False, True]]


def test_likelihoods_are_chosen_by_locus_and_get_populations_from_a_second_table():
    table = io.StringIO("id,breed\nN2,B\nN1,A\n")
    likelihoods = read(BEAGLE, loci=["*_9"], places=table, population="breed")
    assert likelihoods.loci == ("chr1_9",)
    assert likelihoods.populations == ("A", "B")
    with pytest.raises(UsageError, match="no locus is called chr2"):
        read(BEAGLE, loci=["chr2*"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BEAGLE.replace("0.1\t0.7", "-0.1\t0.7"), "line 3: animal N1, locus chr1_9: -0.1 0.7 0.2"),
        (
            BEAGLE.replace("1e-9\t0\t1", "nan\t0\t1"),
            "animal N2, locus chr1_9: nan 0 1 are not three",
        ),
        (BEAGLE.replace("1e-9\t0\t1", "0\t0\t0"), "animal N2, locus chr1_9: 0 0 0"),
        (BEAGLE.replace("1e-9\t0\t1", "0\tinf\t1"), "animal N2, locus chr1_9"),
        (BEAGLE.replace("1e-9\t0\t1", "0\tx\t1"), "animal N2, locus chr1_9: 0 x 1"),
        (BEAGLE[:-4], "line 3: 7 columns; 9 are expected"),
        (BEAGLE.replace("chr1_9", "chr1_7"), "line 3: locus chr1_7 is in the file twice"),
        (BEAGLE.replace("c\tT", "t\tT"), "locus chr1_9 has the same allele twice, T"),
        (BEAGLE.replace("N2\tN2\tN2", "N2\tN2\tN3"), "name of each animal three times"),
        (BEAGLE.replace("N2", "N1"), "animal N1 is in the table twice"),
        (BEAGLE.split("chr1_7")[0], "the file has no loci"),
        ("id,Fca8\nN1,138/140\n", "read from BEAGLE tables and from GL or PL of VCF"),
    ],
)
def test_a_damaged_beagle_table_is_refused(text, message):
    with pytest.raises(InputError, match=message):
        read(text)


@pytest.mark.parametrize("kept", range(0, len(BEAGLE) - 2, 3))
def test_a_beagle_table_that_is_cut_off_is_refused_or_ends_at_a_line(kept):
    cut = BEAGLE[:kept]
    try:
        likelihoods = read(cut)
    except InputError:
        return
    # Within the last number of a line nothing shows that it was cut.
    assert len(likelihoods.loci) == len([line for line in cut.split("\n")[1:] if line])


def test_a_beagle_table_is_not_taken_for_genotypes(tmp_path):
    with pytest.raises(InputError, match="BEAGLE table of likelihoods"):
        read_genotypes(io.BytesIO(BEAGLE.encode()))
    for name, data in (("a", BEAGLE.encode()), ("b", gzip.compress(BEAGLE.encode()))):
        (tmp_path / name).write_bytes(data)
        assert has_likelihoods_alone(tmp_path / name)
    (tmp_path / "c").write_text(HEAD)
    assert not has_likelihoods_alone(tmp_path / "c")


def test_pl_and_gl_of_a_vcf_are_read_and_gl_comes_first():
    pytest.importorskip("vcfpy")
    likelihoods = read(
        HEAD
        + "1\t10\t.\tA\tG\t.\tPASS\t.\tGT:PL\t0/0:0,3,30\t./.:.\n"
        + "1\t11\trs2\tC\tT\t.\t.\t.\tGT:PL:GL\t0/1:9,9,9:-2.5,0,-3\t0/0:.:.,.,.\n"
        + "1\t12\trs3\tC\tT,G\t.\t.\t.\tPL\t0,1,2,3,4,5\t0,1,2,3,4,5\n"
        + "1\t13\trs4\tC\t.\t.\t.\t.\tPL\t0\t0\n"
        + "1\t14\trs5\tC\tT\t.\tq10\t.\tPL\t0,1,2\t0,1,2\n"
        + "1\t15\trs6\tC\tT\t.\t.\t.\tPL:FT\t0,1,2:low\t20,0,20:PASS\n"
    )
    assert likelihoods.loci == ("1:10", "rs2", "rs6")
    ln10 = np.log(10)
    expected = np.array(
        [[[0, -0.3, -3], [0, 0, 0]], [[-2.5, 0, -3], [0, 0, 0]], [[0, 0, 0], [-2, 0, -2]]]
    )
    np.testing.assert_allclose(likelihoods.logs, expected.transpose(1, 0, 2) * ln10, rtol=1e-6)
    assert likelihoods.notes == (
        "1 site that failed its filters was left out",
        "2 sites without two alleles were left out; likelihoods are read of two",
    )
    assert likelihoods.read_with == {"likelihoods": True}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1\t10\t.\tA\tG\t.\t.\t.\tGT\t0/0\t0/0\n", "site 1:10 has no likelihoods"),
        ("1\t10\t.\tA\tG\t.\t.\t.\tPL\t0,1\t0,1,2\n", "animal N1, locus 1:10: 0,1 are not three"),
        ("1\t10\t.\tA\tG\t.\t.\t.\tPL\t0,1,2\t0,-1,2\n", "animal N2, locus 1:10: 0,-1,2"),
        ("1\t10\t.\tA\tG\t.\t.\t.\tGL\t0,-1,-2\tnan,-1,-2\n", "animal N2, locus 1:10: nan,-1,-2"),
        ("1\t10\t.\tA\tG\t.\t.\t.\tGL\t0,-1,2\t0,-1,-2\n", "animal N1, locus 1:10: 0,-1,2"),
        ("1\t10\t.\tA\tG,T\t.\t.\t.\tPL\t0\t0\n", "no site has two alleles"),
        ("1\t10\t.\tA\tG\t.\tq9\t.\tPL\t0\t0\n", "1 site failed its filters"),
        ("", "a header and no site"),
    ],
)
def test_damaged_likelihoods_of_a_vcf_are_refused(line, message):
    pytest.importorskip("vcfpy")
    with pytest.raises(InputError, match=message):
        read(HEAD + line)


def test_a_vcf_without_gt_says_how_its_likelihoods_are_read():
    pytest.importorskip("vcfpy")
    with pytest.raises(
        InputError, match="no genotypes .GT.; origin assign and origin mixture read"
    ):
        read_genotypes(io.StringIO(HEAD + "1\t1\t.\tA\tG\t.\t.\t.\tPL\t0,1,2\t0,1,2\n"))


@given(
    st.lists(
        st.tuples(*[st.integers(0, 255)] * 3).map(lambda values: [v - min(values) for v in values]),
        min_size=1,
        max_size=6,
    )
)
def test_pl_is_a_tenth_of_a_power_of_ten(values):
    pytest.importorskip("vcfpy")
    lines = "".join(
        f"1\t{place + 1}\t.\tA\tG\t.\t.\t.\tPL\t{','.join(map(str, row))}\t.\n"
        for place, row in enumerate(values)
    )
    likelihoods = read(HEAD + lines)
    expected = -np.array(values) * np.log(10) / 10
    np.testing.assert_allclose(likelihoods.logs[0], expected, rtol=1e-6)


def test_the_most_likely_genotypes_are_called_where_they_are_likely_enough():
    likelihoods = GenotypeLikelihoods(
        ("N1",),
        ("a", "b", "c"),
        (("A", "G"),) * 3,
        np.log([[[1, 0.5, 0.01], [0.001, 1, 0.001], [1, 1, 1]]]).astype(np.float32),
        populations=("P",),
    )
    genotypes = likelihoods.call_genotypes()
    assert [genotypes.label(0, locus) for locus in range(3)] == ["A/A", "A/G", ""]
    assert genotypes.populations == ("P",)
    sure = likelihoods.call_genotypes(min_ratio=10)
    assert [sure.label(0, locus) for locus in range(3)] == ["", "A/G", ""]


def test_animals_are_taken_with_what_is_known_of_them():
    likelihoods = read(BEAGLE, places=io.StringIO("id,pop,lat,lon\nN1,A,1,2\nN2,B,3,4\n"))
    for rows in ([1], np.array([False, True])):
        second = likelihoods.take(rows)
        assert second.animals == ("N2",) and second.populations == ("B",)
        assert second.latitudes is not None and second.latitudes.tolist() == [3]
        np.testing.assert_array_equal(second.logs, likelihoods.logs[1:])
