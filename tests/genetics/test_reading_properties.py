"""What holds for all genotype files: round trips, order of alleles, and no crash at damage."""

import io
import random

import pytest
from examples import examples
from genepop_text import to_genepop
from genotype_texts import labels, read
from hypothesis import given
from hypothesis import strategies as st

from forensics.errors import ForensicsError
from forensics.genetics.genotypes import Genotypes, genotypes_from_labels
from forensics.genetics.reading import read_genotypes

_NO_NAMES = ("pop", "na", "nan", "nd", "n", "nn")
ALLELE = st.integers(90, 1200).map(str)
NAME = st.text(st.sampled_from("ABzé日ß 019_-"), min_size=1, max_size=6).filter(
    lambda name: name.strip() == name and name.casefold() not in _NO_NAMES and name not in "_-"
)


@st.composite
def tables(draw, alleles=ALLELE, animals=NAME):
    """Genotypes of microsatellites, some not typed, some half."""
    loci = draw(st.integers(1, 4))
    pair = st.one_of(
        st.tuples(alleles, alleles), st.tuples(alleles, st.none()), st.just((None, None))
    )
    names = draw(st.lists(animals, min_size=2, max_size=6, unique=True))
    rows = [[draw(pair) for _locus in range(loci)] for _name in names]
    rows[0] = [(draw(alleles), draw(alleles)) for _locus in range(loci)]  # nothing is all missing
    return genotypes_from_labels(
        names,
        [f"Fca{number}" for number in range(loci)],
        rows,
        populations=tuple(draw(NAME) for _name in names),
    )


def same(one: Genotypes, other: Genotypes) -> bool:
    return (
        one.animals == other.animals
        and one.loci == other.loci
        and one.alleles == other.alleles
        and one.populations == other.populations
        and (one.codes == other.codes).all()
    )


@examples(25)
@given(tables())
def test_what_is_written_as_csv_is_read_again(genotypes):
    text = genotypes.to_frame().to_csv(index=False)
    assert same(read(text), genotypes)


@examples(25)
@given(tables())
def test_a_frame_is_read_again(genotypes):
    assert same(read_genotypes(genotypes.to_frame()), genotypes)


@examples(25)
@given(tables(alleles=st.integers(10, 999).map(str)))
def test_what_is_written_as_genepop_is_read_again(genotypes):
    again = read(to_genepop(genotypes))
    rows = [again.animals.index(name) for name in genotypes.animals]
    assert labels(again.take(rows)) == labels(genotypes)
    assert again.take(rows).populations == genotypes.populations


def test_spaces_within_a_name_survive_genepop():
    genotypes = genotypes_from_labels(
        ["N 1", "N  1"], ["Fca8"], [[("138", "140")], [("138", "138")]], populations=("A B", "A  B")
    )
    again = read(to_genepop(genotypes))
    assert (again.animals, again.populations) == (genotypes.animals, genotypes.populations)


@examples(25)
@given(tables(), st.randoms(use_true_random=False))
def test_the_order_of_the_two_alleles_does_not_matter(genotypes, chance):
    frame = genotypes.to_frame()
    for locus in genotypes.loci:
        frame[locus] = [
            "/".join(reversed(cell.split("/"))) if chance.random() < 0.5 else cell
            for cell in frame[locus]
        ]
    assert same(read_genotypes(frame), genotypes)


@examples(25)
@given(tables(), st.sampled_from("/:|-"), st.sampled_from(",;\t"))
def test_no_sign_changes_the_genotypes(genotypes, between, separator):
    text = genotypes.to_frame(separator=between).to_csv(index=False, sep=separator)
    assert same(read(text), genotypes)


SOUND = {
    "table": "id,pop,lat,lon,Fca8,Fca23\nN1,A,1.5,2.5,138/140,98/98\nN2,B,1.5,2.5,138/138,NA\n",
    "two columns": 'id;pop;Fca8;Fca8.1\nN1;"A";138;140\nN2;B;138;138\n',
    "dosage": "id\trs1-C/T\trs2_A\nN1\t0\t1\nN2\t2\tNA\n",
    "genepop": "T\nL1, L2\npop\nN1 , 138140 098098\nN2, 000000 098100\npop\nN3 , 138138 098098\n",
    "structure": "L1 L2\nN1 1 120 130\nN1 1 122 -9\nN2 2 120 130\nN2 2 120 132\n",
    "vcf": (
        "##fileformat=VCFv4.2\n"
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
        "##contig=<ID=1,length=9>\n"
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tN1\tN2\n"
        "1\t10\t.\tA\tG,T\t5.5\tPASS\tDP=3;AF=0.5\tGT:DP\t0|2:3\t./0:4\n"
    ),
}


def _attempt(data: bytes) -> None:
    try:
        genotypes = read_genotypes(io.BytesIO(data))
    except ForensicsError as error:
        assert str(error)
        assert all(sign.isprintable() for sign in str(error))
    else:
        assert genotypes.codes.shape == (len(genotypes), len(genotypes.loci), 2)
        for locus, alleles in enumerate(genotypes.alleles):
            assert genotypes.codes[:, locus].max(initial=-2) < len(alleles)


@pytest.mark.parametrize("kind", SOUND)
def test_damaged_bytes_never_crash(kind):
    chance = random.Random(kind)
    for _time in range(100):
        data = bytearray(SOUND[kind].encode())
        for _change in range(chance.randint(1, 4)):
            place = chance.randrange(len(data))
            act = chance.randrange(4)
            if act == 0:
                data[place] = chance.randrange(256)
            elif act == 1:
                del data[place : place + chance.randint(1, 9)]
            elif act == 2:
                data[place:place] = chance.choice(
                    [b"\n", b"\t", b",", b'"', b"/", b"\x00", b"-9", b"1e999", b"\xff\xfe", b"\r"]
                )
            else:
                data[place:place] = data[: chance.randint(1, 40)]
            if not data:
                data = bytearray(b"x")
        _attempt(bytes(data))


@examples(80)
@given(st.binary(max_size=300))
def test_any_bytes_never_crash(data):
    _attempt(data)


@examples(80)
@given(st.text(st.sampled_from("id,L.1\n/\t;-09AC\"' #pop"), max_size=80))
def test_any_text_never_crashes(text):
    _attempt(text.encode())
