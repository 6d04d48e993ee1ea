"""Twelve files (and more) that are no sound genotypes, with the exact message of each.

The message names the animal and the locus, or the line, and says what to do.
"""

import io

import pytest

from forensics.errors import InputError
from forensics.genetics.reading import read_genotypes

VCF = (
    "##fileformat=VCFv4.2\n"
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tN1\tN2\n"
)

MALFORMED = {
    "an animal twice": (
        "animal,pop,Fca8,Fca23\nN1,A,138/140,98/98\nN2,A,138/138,98/100\nN1,A,140/140,98/98\n",
        "line 4: animal N1 is in the table twice, with different rows (the first is line 2). Each animal has one row; give repeated typings separate names",
    ),
    "three alleles": (
        "animal,Fca8,Fca23\nN1,138/140,98/98\nN2,138/140/142,98/100\n",
        "animal N2, locus Fca8: '138/140/142' (3 alleles)",
    ),
    "one of two columns": (
        "animal,Fca8.a,Fca8.b,Fca23.a\nN1,138,140,98\nN2,138,138,100\n",
        "column Fca23.a is single, and the other loci have two columns. If its second column is "
        "missing, add it; if the locus has one copy, name it with the option haploid; if it is not "
        "a locus, with the option fields",
    ),
    "a row too long": (
        "animal,Fca8,Fca23\nN1,138/140,98/98\nN2,138/140,98/100,102/102\n",
        "line 3: 4 cells, but the header names 3 columns. Is the decimal sign also the separator, "
        "or does a column lack its name? (R: write.csv, or write.table with col.names = NA)",
    ),
    "mixed ploidy": (
        "animal,Fca8,Fca23\nN1,138/140,98/98\nN2,138,98/100\nN3,140/140,98/98\n",
        "animal N2, locus Fca8: one allele where the other animals have two. A locus has one or "
        "two copies in all animals; write a homozygote as two equal alleles, and what was not "
        "typed as ? (in a table, the option lone says what one allele alone means)",
    ),
    "letters among numbers": (
        "animal,Fca8,Fca8.1\nN1,138,140\nN2,138,l38\n",
        "animal N2, locus Fca8: 'l38' (an allele is a number, or A, C, G or T)",
    ),
    "beyond sense": (
        "animal,Fca8,Fca23\nN1,138/140,98/98\nN2,138/13840,98/100\n",
        "animal N2, locus Fca8: '138/13840' (no fragment is longer than 1200; is the sign between "
        "two alleles missing?)",
    ),
    "a formula that failed": (
        "animal;Fca8;Fca23\nN1;138/140;98/98\nN2;#REF!;98/100\nN3;138/140;98/100\n",
        "animal N2, locus Fca8: '#REF!' (a formula of the spreadsheet failed there; mend it, or "
        "leave the cell empty)",
    ),
    "a date": (
        "animal;Lo1;Lo2\nN1;11-12;10-10\nN2;11-Dec;10-12\nN3;11-13;10-10\n",
        "animal N2, locus Lo1: '11-Dec' (the spreadsheet program has turned it into a date; format the column as text and type the genotype again)",
    ),
    "minutes": (
        "animal,lat,lon,Fca8\nN1,-12.5,30.25,138/140\nN2,12°30'S,30.25,138/138\n",
        'animal N2, column lat: "12°30\'S" is not decimal degrees. Write it like -12.3456 or '
        "12.3456 S, without minutes and seconds",
    ),
    "coordinates exchanged": (
        "animal,lat,lon,Fca8\nN1,130.25,-12.5,138/140\n",
        "animal N1, column lat: 130.25 is beyond 90 degrees. Are latitude and longitude exchanged, "
        "or are these metres of a projection? Degrees (WGS 84) are expected; if it is not "
        "a coordinate, name the right columns with the options latitude and longitude",
    ),
    "GENEPOP, a genotype too few": (
        "Cats\nFca8, Fca23, Fca43\nPOP\nN1 , 138140 098098 100102\nN2 , 138138 098100\n",
        "line 5: animal N2 has 2 genotypes, and 3 loci are named. First loci: Fca8, Fca23, Fca43",
    ),
    "GENEPOP, five digits": (
        "Cats\nFca8\nFca23\nPOP\nN1 , 138140 098098\nN2 , 13814 098100\n",
        "animal N2, locus Fca8: '13814' has 5 digits. Expected are 4 or 6 (two alleles), or 2 or 3 "
        "(one allele), the same in all animals of a locus; the others have 6",
    ),
    "GENEPOP, no comma": (
        "Cats\nFca8\nPOP\nN1 138140\n",
        "line 4: no comma between the name of the animal and its genotypes: 'N1 138140'. In "
        "GENEPOP it reads: name , 0102 0304",
    ),
    "STRUCTURE, one row of two": (
        "Fca8 Fca23\nN1 1 138 98\nN1 1 140 98\nN2 1 138 100\nN3 1 138 98\nN3 1 138 98\n",
        "line 4: animal N2 has 1 row; two that follow each other are expected of each animal, one "
        "a copy",
    ),
    "VCF, an allele that is not there": (
        VCF + "1\t10\trs1\tA\tG\t.\tPASS\t.\tGT\t0/1\t0/2\n",
        "line 4: animal N2, locus rs1: '0/2' is not a genotype of one or two of the 2 alleles of this "
        "site",
    ),
    "what 0 means": (
        "animal,s1,s2\nN1,0/1,2/2\nN2,1/1,1/2\n",
        "animal N1, locus s1: 0 is paired with another number: it may be an allele or mean missing. "
        "Say which with the option zero (zero='missing' or zero='allele')",
    ),
    "numbers that may be anything": (
        "animal,pop,score1,score2\nN1,A,0,2\nN2,A,1,1\n",
        "column score1 has numbers or bases (0, 1) that may or may not be genotypes. If it is not a locus, name it with the option fields; if it is one, name all loci with the option loci (one copy each: haploid)",
    ),
    "raw lengths": (
        "animal,Fca8,Fca8.1\nN1,138.27,140.31\n",
        "animal N1, locus Fca8: '138.27' (a raw length; bin the lengths to whole alleles first)",
    ),
    "no animals": (
        "pop,Fca8\nA,138/140\n",
        "no column names the animals. Columns: pop, Fca8. Call it animal, sample or id, or name it "
        "with the option animal",
    ),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_file_is_refused_with_its_message(case):
    text, message = MALFORMED[case]
    with pytest.raises(InputError) as refused:
        read_genotypes(io.StringIO(text))
    assert str(refused.value) == message
    assert refused.value.exit_code == 3


def test_a_file_is_named_before_its_line(tmp_path):
    path = tmp_path / "cats.csv"
    path.write_text(MALFORMED["a row too long"][0])
    with pytest.raises(InputError, match=r"cats\.csv, line 3: 4 cells"):
        read_genotypes(path)


if __name__ == "__main__":  # prints what a user sees
    for name, (text, _message) in MALFORMED.items():
        try:
            read_genotypes(io.StringIO(text))
        except InputError as error:
            print(f"{name}\n  {error}\n")
