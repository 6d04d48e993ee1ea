"""Tables of genotypes as laboratories have them."""

import gzip
import hashlib
import io
import random

import numpy as np
import pandas
import pytest
from examples import examples
from genepop_text import to_genepop
from genotype_texts import labels, read
from hypothesis import given
from hypothesis import strategies as st

from forensics.errors import ForensicsError, InputError, UsageError
from forensics.genetics.cells import counted_allele
from forensics.genetics.genotypes import ABSENT, MISSING, Genotypes, genotypes_from_labels
from forensics.genetics.reading import read_genotypes
from forensics.genetics.sources import open_source

EXPECTED = [["138/140", "98/98"], ["138/138", ""]]


@pytest.mark.parametrize(
    "text",
    [
        "id,Fca8,Fca23\nN1,138/140,98/98\nN2,138/138,NA\n",
        "id,Fca8,Fca23\nN1,140/138,98/98\nN2,138/138,0/0\n",
        "id;Fca8;Fca23\nN1;138:140;98:98\nN2;138:138;\n",
        "id\tFca8\tFca23\nN1\t138|140\t98|98\nN2\t138|138\t?\n",
        "id,Fca8,Fca23\nN1,138-140,98-98\nN2,138-138,-9\n",
        'id,Fca8,Fca23\nN1,"138,140","98,98"\nN2,"138,138",--\n',
        "id,Fca8,Fca23\nN1,138140,098098\nN2,138138,000000\n",
        "id,Fca8,Fca8.1,Fca23,Fca23.1\nN1,138,140,98,98\nN2,138,138,NA,NA\n",
        "id,Fca8,Fca8_1,Fca23,Fca23_1\nN1,138,140,98,98\nN2,138,138,0,0\n",
        "id,Fca8_1,Fca8_2,Fca23_1,Fca23_2\nN1,138,140,98,98\nN2,138,138,,\n",
        "id,Fca8.a,Fca8.b,Fca23.a,Fca23.b\nN1,140,138,98,98\nN2,138,138,-9,-9\n",
        "id,Fca8,Fca8,Fca23,Fca23\nN1,138,140,98,98\nN2,138,138,N/A,N/A\n",
        "id,Fca8,,Fca23,\nN1,138,140,98,98\nN2,138,138,,\n",  # a merged header
        "id;Fca8;Fca8.1;Fca23;Fca23.1\nN1;138,0;140,0;98,0;98,0\nN2;138,0;138,0;;\n",
        "id,Fca8,Fca8.1,Fca23,Fca23.1\nN1,138.0,140.0,98.0,98.0\nN2,138.0,138.0,nan,nan\n",
        "id Fca8 Fca23\nN1 138/140 98/98\nN2 138/138 NA\n",
        "id,Fca8,Fca23,,\nN1,138/140,98/98,,\nN2,138/138,,,\n,,,,\n\n",  # empty cells and rows
        "\ufeffid,Fca8,Fca23\r\nN1,138/140,98/98\r\nN2,138/138,\r\n",
        "id,Fca8,Fca23\rN1,138/140,98/98\rN2,138/138,\r",
    ],
)
def test_every_way_to_write_two_alleles_gives_the_same_genotypes(text):
    genotypes = read(text)
    assert genotypes.animals == ("N1", "N2")
    assert genotypes.loci == ("Fca8", "Fca23")
    assert labels(genotypes) == EXPECTED


def test_rubias_tables_give_populations_and_units():
    genotypes = read(
        "sample_type,repunit,collection,indiv,Ots1,Ots1.1,Ots2,Ots2.1\n"
        "reference,North,Deer_Cr,D:1,1,3,2,2\nreference,NA,Mill_Cr,M:1,NA,NA,4,2\n"
    )
    assert genotypes.units == ("North", "")
    assert genotypes.populations == ("Deer_Cr", "Mill_Cr")
    assert genotypes.fields == {"sample_type": ("reference", "reference")}
    assert labels(genotypes) == [["1/3", "2/2"], ["", "2/4"]]


@pytest.mark.parametrize(
    "header",
    [
        "Échantillon,Population,Unité,Localité,Latitude,Longitude",
        "Individuo,Población,Unidad,Localidad,Latitud,Longitud",
        "AMOSTRA,POPULAÇÃO,UNIDADE,LOCAL,LATITUDE,LONGITUDE",
        "Sample_ID,Collection,Reporting unit,Sampling location,Lat,Long",
    ],
)
def test_columns_are_known_by_their_names_in_four_languages(header):
    genotypes = read(f"{header},Fca8\nÉléonore,Açores,Nord,São João,-12.5,30.25,138/140\n")
    assert genotypes.animals == ("Éléonore",)
    assert genotypes.populations == ("Açores",)
    assert genotypes.units == ("Nord",)
    assert genotypes.fields["site"] == ("São João",)
    assert (genotypes.latitudes[0], genotypes.longitudes[0]) == (-12.5, 30.25)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_names_with_accents_are_read_in_any_encoding(encoding):
    text = "id,pop,Fca8\nÉmile,Açores,138/140\n"
    assert read(text.encode(encoding)).animals == ("Émile",)


def test_a_packed_file_is_known_by_its_first_bytes_and_one_that_was_cut_off_is_refused(tmp_path):
    path = tmp_path / "genotypes.txt"
    whole = gzip.compress(b"id,Fca8\nN1,138/140\n")
    path.write_bytes(whole)
    genotypes = read_genotypes(path)
    assert (labels(genotypes), genotypes.source) == ([["138/140"]], "genotypes.txt")
    assert genotypes.sha256 == hashlib.sha256(whole).hexdigest()
    path.write_bytes(whole[:-12])
    with pytest.raises(InputError, match="ends too early"):
        read_genotypes(path)


def test_a_file_that_unpacks_beyond_the_limit_is_refused():
    packed = io.BytesIO(gzip.compress(b"0" * 100_000))
    with pytest.raises(InputError, match="longer than 5000 bytes"):
        open_source(packed, max_bytes=5000)


def test_dosages_get_the_alleles_that_the_name_tells():
    genotypes = read("id,rs1-C/T,rs2_A\nN1,0,2\nN2,1,1\nN3,2,NA\nN4,0,0\n")
    assert labels(genotypes) == [
        ["C/C", "A/A"],
        ["C/T", "A/not A"],
        ["T/T", ""],
        ["C/C", "not A/not A"],
    ]
    assert counted_allele("Fca8") is None


def test_dosages_without_a_telling_name_must_be_named():
    text = "id,pop,s1,s2\nN1,A,0,2\nN2,A,1,NA\n"
    with pytest.raises(InputError, match="column s1 has numbers"):
        read(text)
    assert labels(read(text, loci="s*")) == [["0/0", "1/1"], ["0/1", ""]]


def test_plink_raw_files_are_tables_of_dosages():
    genotypes = read("FID IID PAT MAT SEX PHENOTYPE rs1_A rs2_T\nF N1 0 0 1 -9 0 2\n")
    assert genotypes.animals == ("N1",)
    assert labels(genotypes) == [["not A/not A", "T/T"]]
    assert genotypes.fields["SEX"] == ("1",)


def test_haploid_loci_are_named_by_an_option():
    text = "id,Fca8,control region\nN1,138/140,H1\nN2,138/138,NA\n"
    assert read(text).loci == ("Fca8",)  # words right of the loci are a field
    genotypes = read(text, haploid="control region")
    assert genotypes.haploid.tolist() == [False, True]
    assert labels(genotypes) == [["138/140", "H1"], ["138/138", ""]]
    assert genotypes.codes[1, 1].tolist() == [MISSING, ABSENT]


def test_a_number_right_of_the_loci_is_refused_until_an_option_settles_it():
    text = "id,Fca8,DBY7\nN1,138/140,120\nN2,138/138,122\n"
    with pytest.raises(InputError, match="column DBY7 has numbers or bases \\(120, 122\\)"):
        read(text)
    assert read(text, fields=["DBY7"]).fields == {"DBY7": ("120", "122")}
    assert labels(read(text, haploid=["DBY7"]))[0] == ["138/140", "120"]


def test_columns_left_of_the_loci_are_fields():
    genotypes = read("id,year,weight,Fca8\nN1,2019,4.5,138/140\n")
    assert genotypes.fields == {"year": ("2019",), "weight": ("4.5",)}


def test_two_signs_between_alleles_are_asked_about():
    with pytest.raises(InputError, match="column litter has '-' between two numbers"):
        read("id,litter,Fca8,Fca23\nN1,2-3,138/140,98/98\n")


def test_half_typed_genotypes_keep_the_copy_that_was_typed():
    assert labels(read("id,Fca8\nN1,138/?\nN2,138/140\n")) == [["138/?"], ["138/140"]]
    assert labels(read("id,Fca8,Fca8.1\nN1,NA,138\nN2,138,140\n"))[0] == ["138/?"]


def test_one_allele_alone_is_read_as_the_option_says():
    text = "id,Fca8\nN1,138\nN2,138/140\n"
    assert labels(read(text, lone="half"))[0] == ["138/?"]
    assert labels(read(text, lone="homozygote"))[0] == ["138/138"]
    with pytest.raises(UsageError, match="lone: 'both' is not one of"):
        read(text, lone="both")


@pytest.mark.parametrize(
    ("cells", "options", "expected"),
    [
        (("0/0", "138/140"), {}, ["", "138/140"]),
        (("0/1", "1/1"), {}, ["0/1", "1/1"]),  # codes 0 and 1: a heterozygote shows it
        (("0/0", "1/2"), {}, ["", "1/2"]),  # codes from 1: 0 stands only twice
        (("0/1", "2/2"), {"zero": "missing"}, ["1/?", "2/2"]),
        (("0/1", "2/2"), {"zero": "allele"}, ["0/1", "2/2"]),
        (("0|1", "1|1"), {}, ["0/1", "1/1"]),
    ],
)
def test_zero_is_an_allele_only_where_it_cannot_be_missing(cells, options, expected):
    genotypes = read(f"id,s1\nN1,{cells[0]}\nN2,{cells[1]}\n", **options)
    assert [genotypes.label(row, 0) for row in range(2)] == expected


def test_zero_that_may_be_either_is_asked_about():
    with pytest.raises(InputError, match="never occur together"):
        read("id,s1\nN1,0/0\nN2,1/1\n")


def test_the_same_row_twice_is_read_once_and_told():
    genotypes = read("id,Fca8\nN1,138/140\nN1,138/140\n")
    assert genotypes.animals == ("N1",)
    assert genotypes.notes == ("1 row repeats an earlier one exactly and was left out: N1",)


def test_decimal_commas_and_letters_of_the_compass_are_degrees():
    genotypes = read("id;lat;lon;Fca8\nA;12,5 S;30,25;138/140\nB;-12.5;30,25°E;138/140\n")
    assert genotypes.latitudes.tolist() == [-12.5, -12.5]
    assert genotypes.longitudes.tolist() == [30.25, 30.25]


@pytest.mark.parametrize("text", ["-9", "-9.0", "-9,0", "9 S"])
def test_minus_nine_is_a_latitude_and_not_a_missing_allele(text):
    """Upemba lies at 9 degrees south, and the code of a missing allele is -9."""
    genotypes = read(f"id;lat;lon;Fca8\nA;{text};26.5;138/140\nB;-8.5;-99;138/-9\n")
    assert genotypes.latitudes.tolist() == [-9.0, -8.5]
    assert genotypes.longitudes.tolist() == [26.5, -99.0]
    assert labels(genotypes) == [["138/140"], ["138/?"]]
    assert genotypes.notes == ()


@pytest.mark.parametrize("text", ["", "NA", "n/a", ".", "-", "-999", "-999.0", "9999", "-99999"])
def test_codes_of_missing_coordinates_are_their_own(text):
    genotypes = read(f"id;lat;lon;Fca8\nA;{text};{text};138/140\nB;-8.5;26.5;138/140\n")
    assert np.isnan(genotypes.latitudes[0]) and np.isnan(genotypes.longitudes[0])
    assert genotypes.latitudes[1] == -8.5


def test_a_latitude_of_minus_99_is_refused():
    with pytest.raises(InputError, match="animal A, column lat: -99 is beyond 90 degrees"):
        read("id;lat;lon;Fca8\nA;-99;26.5;138/140\n")


def test_a_place_of_minus_nine_twice_is_noted():
    genotypes = read("id,lat,lon,Fca8\nA,-9,-9,138/140\nB,-8.5,26.5,138/140\n")
    assert genotypes.latitudes[0] == -9
    assert "If -9 means an unknown place, leave these cells empty: A" in genotypes.notes[0]


def test_a_population_na_is_unknown_and_that_is_noted():
    genotypes = read("id,population,Fca8\nA,NA,138/140\nB,Namibia,138/140\n")
    assert genotypes.populations == ("", "Namibia")
    assert (
        "1 animal has NA in the column population, which is read as unknown" in genotypes.notes[0]
    )


def test_odd_places_are_noted():
    rows = "".join(f"A{n},-12.{n},130.{n},138/140\n" for n in range(5))
    genotypes = read(
        f"id,lat,lon,Fca8\n{rows}B,0,0,138/140\nC,-12,,138/140\n" + "E,30,-12,138/140\n"
    )
    assert [note.partition(":")[0] for note in genotypes.notes] == [
        "1 animal has only one of its two coordinates; it counts as without a place",
        "1 animal is at latitude 0, longitude 0, in the sea; is its place unknown? B",
    ]
    assert np.isnan(genotypes.latitudes[6])
    swapped = read("id,lat,lon,Fca8\n" + rows.replace("130.", "31.") + "E,31.2,-12.3,138/140\n")
    assert swapped.notes == (
        "1 animal is far from the others, but near them with latitude and longitude exchanged: E",
    )


def test_a_frame_is_read_as_its_csv_is():
    frame = pandas.DataFrame(
        {"pop": ["A", None], "Fca8": [138.0, np.nan], "Fca8.1": [140.0, np.nan]},
        index=["N1", "N2"],
    )
    genotypes = read_genotypes(frame)
    assert genotypes.animals == ("N1", "N2")
    assert genotypes.populations == ("A", "")
    assert labels(genotypes) == [["138/140"], [""]]


def test_a_workbook_is_read_with_its_merged_header(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["id", "Fca8", None, "Fca23", None, None])
    sheet.append(["N1", 138, 140.0, 98, 98, None])
    sheet.append(["N2", 138, 138, None, None, None])
    sheet.append([None] * 6)
    sheet.merge_cells("B1:C1")
    book.save(tmp_path / "cats.bin")
    assert labels(read_genotypes(tmp_path / "cats.bin")) == EXPECTED


@pytest.mark.parametrize(
    ("start", "message"),
    [
        (b"BCF\x02\x02", "bcftools"),
        (b"\xd0\xcf\x11\xe0\xa1", "old Excel workbook"),
        (b"l\x1b\x01", "PLINK has three files"),
        (b"%PDF-1.7", "PDF"),
        (b"\x80\x04\x95", "pickle"),
        (b"abc\x00def", "not text"),
        (b"", "empty"),
    ],
)
def test_files_of_other_kinds_are_named(start, message):
    with pytest.raises(InputError, match=message):
        read(start)


def test_places_come_from_a_second_table():
    table = "animal,pop,lat,lon,river\nN2,B,1.5,2.5,Una\nN1,A,,,Sava\n"
    genotypes = read("id,Fca8\nN1,138/140\nN2,138/138\n", places=io.StringIO(table))
    assert genotypes.populations == ("A", "B")
    assert genotypes.fields == {"river": ("Sava", "Una")}
    assert genotypes.latitudes.tolist()[1] == 1.5
    with pytest.raises(InputError, match="1 of 1 animals are not in this table, the first is N9"):
        read("id,Fca8\nN9,138/140\n", places=io.StringIO(table))


def test_two_columns_that_claim_one_role_are_asked_about():
    text = "sample,id,Fca8\nS1,N1,138/140\n"
    with pytest.raises(InputError, match="columns sample, id could each be the animal"):
        read(text)
    assert read(text, animal="id").animals == ("N1",)


def test_an_option_that_names_no_column_is_refused():
    with pytest.raises(UsageError, match="no column is called Fca9"):
        read("id,Fca8\nN1,138/140\n", loci=["Fca9"])
    with pytest.raises(UsageError, match="0 columns are called ind"):
        read("id,Fca8\nN1,138/140\n", animal="ind")


def test_control_characters_of_a_file_are_not_printed():
    with pytest.raises(InputError) as refused:
        read("id,Fca8\nN1,138/140\nN\x1b[31m2,138/x\x07\n")
    assert str(refused.value).isprintable()


def test_a_table_with_too_many_cells_is_refused(monkeypatch):
    monkeypatch.setattr("forensics.genetics.cells.MAX_CELLS", 5)
    with pytest.raises(InputError, match="more than 5 cells"):
        read("id,Fca8\nN1,138/140\nN2,138/138\nN3,138/138\n")


def test_how_a_file_was_read_is_kept_so_that_it_can_be_read_again(tmp_path):
    path, second = tmp_path / "a.csv", tmp_path / "b.csv"
    path.write_text("beast;X1;X2;Y\nN1;1/2;weak;1/1\nN2;2/2;1/1;2/2\n")
    second.write_text("beast,port\nN1,Lomé\nN2,Lomé\n", encoding="utf-8")
    plain = read_genotypes(path, animal="beast", missing=["WEAK"])
    assert plain.read_with == {"animal": "beast", "missing": ["weak"]}
    how = {"animal": "beast", "loci": ["X*"], "missing": ["weak"]}
    found = read_genotypes(path, **how, places=second)
    sha256 = hashlib.sha256(second.read_bytes()).hexdigest()
    assert found.read_with == how | {"places": {"file": "b.csv", "sha256": sha256}}
    again = read_genotypes(path, **found.read_with | {"places": second})
    assert (again.codes == found.codes).all() and again.fields == found.fields
    assert found.take([1]).read_with == found.read_with
    assert read_genotypes(pandas.DataFrame({"animal": ["N1"], "L1": ["1/2"]})).read_with is None


@pytest.fixture
def two_sheets(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    sheets = (book.active, book.create_sheet("south"))
    animals = (["N1", "A", "138/140", "98/98"], ["N2", "B", "136/140", "98/100"])
    for sheet, animal in zip(sheets, animals, strict=True):
        sheet.append(["id", "pop", "Fca8", "Fca23"])
        sheet.append(animal)
    book.save(tmp_path / "cats.xlsx")
    return tmp_path / "cats.xlsx"


def test_sheets_that_were_not_read_are_named(two_sheets):
    genotypes = read_genotypes(two_sheets)
    assert genotypes.animals == ("N1",)
    assert any("Not read: south" in note for note in genotypes.notes)


def test_the_sheet_of_a_workbook_is_chosen_by_its_title(two_sheets):
    genotypes = read_genotypes(two_sheets, sheet="south")
    assert (genotypes.animals, genotypes.notes) == (("N2",), ())
    assert genotypes.read_with == {"sheet": "south"}


def test_a_cell_with_two_alleles_is_not_taken_for_a_microvariant():
    with pytest.raises(InputError, match="138,140"):
        read_genotypes(io.StringIO("id\tFca8\tFca8.1\nN1\t138,140\t98\nN2\t138\t140\n"))


def test_no_animals_in_the_codes_of_a_reference_are_no_animals():
    animals = read("animal,pop,L1,L2\nA,P,138/140,98/98\nB,P,138/138,98/100\n")
    coded, ignored = animals.take([]).coded_as(animals.loci, animals.alleles)
    assert coded.codes.shape == (0, 2, 2) and ignored == ()


# -- GENEPOP, STRUCTURE and VCF


GENEPOP = """Cats of two colonies
Fca8
Fca23, Fca43
POP
A 1 , 138140 098098 000000
A2,\t138138\t098100\t120120
Pop
B1 , 138140 098098 120122
"""


def test_genepop_populations_are_named_by_their_last_or_first_animal():
    genotypes = read(GENEPOP)
    assert genotypes.animals == ("A 1", "A2", "B1")
    assert genotypes.loci == ("Fca8", "Fca23", "Fca43")
    assert genotypes.populations == ("A2", "A2", "B1")
    assert labels(genotypes)[0] == ["138/140", "98/98", ""]
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


def test_one_name_need_not_be_a_list():
    table = pandas.DataFrame({"animal": ["A1", "A2"], "L1": ["9/9", "-9/-9"], "L2": ["1/2", "2/2"]})
    genotypes = read_genotypes(table, missing="-9", loci=table.columns[1:])
    assert [genotypes.label(row, 0) for row in range(2)] == ["9/9", ""]


@pytest.mark.parametrize("labels", [[[("1", "2")]], [[("1", "2")]] * 3, [[("1", "2")] * 2] * 2])
def test_labels_are_as_many_as_animals_and_loci(labels):
    with pytest.raises(UsageError, match=r"[123] values were given; [12] are expected, one each"):
        genotypes_from_labels(["A1", "A2"], ["L1"], labels)


def test_an_unknown_format_is_refused():
    with pytest.raises(UsageError, match="is not one of 'auto', 'table', 'genepop'"):
        read_genotypes(io.StringIO(GENEPOP), format="arlequin")


# -- What holds for all genotype files: round trips, order of alleles, and no crash at damage


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


# -- Twelve files (and more) that are no sound genotypes, with the exact message of each


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
    "minutes without their sign": (
        "animal,lat,lon,Fca8\nN1,-12.5,30.25,138/140\nN2,12°30S,30.25,138/138\n",
        "animal N2, column lat: '12°30S' is not degrees. Write it like -12.3456, 12.3456 S or 12°20.7'S",
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
