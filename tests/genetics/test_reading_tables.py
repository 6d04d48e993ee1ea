"""Tables of genotypes as laboratories have them."""

import gzip
import hashlib
import io

import numpy as np
import pandas
import pytest
from genotype_texts import labels, read

from forensics.errors import InputError, UsageError
from forensics.genetics.cells import counted_allele
from forensics.genetics.genotypes import ABSENT, MISSING
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


def test_gzip_is_recognised_by_its_first_bytes(tmp_path):
    path = tmp_path / "genotypes.txt"
    path.write_bytes(gzip.compress(b"id,Fca8\nN1,138/140\n"))
    genotypes = read_genotypes(path)
    assert labels(genotypes) == [["138/140"]]
    assert genotypes.source == "genotypes.txt"
    assert len(genotypes.sha256) == 64


def test_a_packed_file_that_was_cut_off_is_refused(tmp_path):
    path = tmp_path / "genotypes.csv.gz"
    path.write_bytes(gzip.compress(b"id,Fca8\nN1,138/140\n" * 99)[:-12])
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


def test_a_damaged_workbook_is_refused(tmp_path):
    (tmp_path / "cats.xlsx").write_bytes(b"PK\x03\x04" + b"\0" * 100)
    with pytest.raises(InputError, match="XLSX cannot be read"):
        read_genotypes(tmp_path / "cats.xlsx")


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
