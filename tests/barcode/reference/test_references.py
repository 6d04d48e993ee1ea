import gzip
import io
import os
import random
import re
from pathlib import Path

import pytest
from simulation import genbank, query
from workbooks import workbook

from forensics.barcode.reference.headers import parse_header
from forensics.barcode.reference.references import Noted, read_references
from forensics.errors import ForensicsError, InputError, UsageError

COI = [query(name) for name in ("Fictus albus", "Fictus niger", "Exemplum primum")]


ALBUS = COI[0]
RIBOSOMAL = query("Fictus albus", "12S")


def write(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def fasta(*headers):
    return "".join(f">{header}\n{sequence}\n" for header, sequence in zip(headers, COI))


@pytest.mark.parametrize(
    "header, accession",
    [
        ("A1|Fictus albus|COI|here", "A1"),
        ("BBTST1-10|Fictus albus|COI-5P|A1", "BBTST1-10"),
        ("A1;tax=k:Animalia,f:Fictidae,g:Fictus,s:Fictus_albus;", "A1"),
        ("Animalia;Chordata;Aves;Ficti;Fictidae;Fictus;Fictus albus;", "x-1"),
        ("A1 Fictus albus voucher 1 COI", "A1"),
    ],
)
def test_every_style_of_header_makes_the_same_record(tmp_path, header, accession):
    ((record, sequence),), left_out = read_references(
        [write(tmp_path / "x.fasta", fasta(header))], locus="COI"
    )
    assert (record.accession, record.species, record.genus) == (accession, "Fictus albus", "Fictus")
    assert (record.locus, sequence, left_out) == ("COI", COI[0], [])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_line_ends_gaps_case_and_compression_do_not_matter(tmp_path, end, pack):
    text = f"\ufeff>A1|Fictus albus|COI|x\n;comment\n{COI[0][:99].lower()}--\n{COI[0][99:]}NN\n"
    path = write(tmp_path / "x.fasta", pack(text.replace("\n", end).encode()))
    ((_record, sequence),), left_out = read_references([path])
    assert (sequence, left_out) == (COI[0], [])


@pytest.mark.parametrize(
    "delimiter, name, encoding",
    [("\t", "t.tsv", "utf-8"), (";", "t.csv", "cp1252"), (",", "t.csv", "utf-8-sig")],
)
def test_a_table_says_more_of_records_by_their_accession(tmp_path, delimiter, name, encoding):
    rows = [
        ("Process ID", "Species Name", "family_name", "sampleid", "catalognum", "Country", "other"),
        ("A1", "Fictus albus", "Fictidae", "S1", "", "Côte d'Ivoire", "?"),
        ("A9", "Fictus niger", "Fictidae", "S9", "C9", "Nowhere", "?"),
    ]
    text = "".join(delimiter.join(row) + "\r\n" for row in rows)
    files = [
        write(tmp_path / "x.fasta", fasta("A1", "A2|Fictus niger")),
        write(tmp_path / name, text.encode(encoding)),
    ]
    (first, second), left_out = read_references(files, locus="COI")
    assert left_out == []
    record = first[0]
    assert (record.species, record.genus, record.family) == ("Fictus albus", "Fictus", "Fictidae")
    assert (record.voucher, record.country) == ("S1", "Côte d'Ivoire")
    assert second[0].species == "Fictus niger"


def test_a_species_column_is_a_name_and_says_no_more_than_it_reaches(tmp_path):
    files = [
        write(tmp_path / "x.fasta", fasta("A1", "A2")),
        write(tmp_path / "t.tsv", "accession\tspecies\nA1\tFictus albus\nA2\tFictus sp. 1\n"),
    ]
    records, left_out = read_references(files, locus="COI")
    assert [(record.name, record.species, record.genus) for record, _s in records] == [
        ("Fictus albus", "Fictus albus", "Fictus"),
        ("Fictus sp. 1", "", "Fictus"),
    ]
    assert left_out == []


def test_a_table_without_accessions_says_what_it_has(tmp_path):
    table = write(tmp_path / "t.tsv", "species\tplace\nFictus albus\there\n")
    with pytest.raises(InputError, match=r"t\.tsv, line 1: .*'accession'; found: species, place"):
        read_references([table], locus="COI")


def test_fasta_in_a_text_file_is_fasta(tmp_path):
    records, _left_out = read_references([write(tmp_path / "x.txt", fasta("A1|Fictus albus|COI"))])
    assert len(records) == 1


def test_genbank_records_are_cut_by_their_annotation(tmp_path):
    spacer = "ACGT" * 10
    whole = COI[0] + spacer + RIBOSOMAL
    begin = len(COI[0]) + len(spacer) + 1
    features = (
        f"     CDS             1..{len(COI[0])}\n"
        '                     /gene="COX1"\n'
        f"     rRNA            complement({begin}..{len(whole)})\n"
        '                     /product="12S ribosomal RNA"\n'
        "     tRNA            1..10\n"
        '                     /product="tRNA-Phe"\n'
    )
    path = write(tmp_path / "x.gb", genbank("SIM1", "Fictus albus", whole, features))
    records, left_out = read_references([path])
    assert left_out == []
    pieces = {record.locus: (record, sequence) for record, sequence in records}
    assert pieces.keys() == {"COI", "12S"}
    record, sequence = pieces["COI"]
    assert sequence == COI[0]
    assert (record.accession, record.species) == ("SIM1.1", "Fictus albus")
    assert (record.family, record.order) == ("Simulatidae", "Simulatiformes")
    assert (record.voucher, record.country) == ("MUS 1", "Nowhere")
    complement = str.maketrans("ACGT", "TGCA")
    assert pieces["12S"][1] == RIBOSOMAL.translate(complement)[::-1]


def test_a_gene_of_a_plastid_is_not_taken_for_the_mitochondrial_one_of_its_name(tmp_path):
    head = "                     "
    features = (
        f'{head}/organelle="plastid:chloroplast"\n     rRNA            1..{len(COI[0])}\n'
        f'{head}/product="16S ribosomal RNA"\n'
    )
    path = write(tmp_path / "x.gb", genbank("SIM1", "Fictus albus", COI[0], features))
    ((record, _sequence),), left_out = read_references([path], locus="rbcL")
    assert (record.locus, left_out) == ("rbcL", [])


def test_a_gene_is_known_by_each_name_that_annotations_have(tmp_path):
    head = "                     "
    feature = (
        f'     CDS             11..{len(COI[0])}\n{head}/product="cytochrome c oxidase subunit 1"\n'
    )
    path = write(tmp_path / "x.gb", genbank("SIM1", "Fictus albus", COI[0], feature))
    ((record, sequence),), _left_out = read_references([path])
    assert (record.locus, sequence) == ("COI", COI[0][10:])


def test_genbank_without_annotation_takes_the_given_locus(tmp_path):
    path = write(tmp_path / "x.gb", genbank("SIM1", "Fictus albus", COI[0]))
    ((record, sequence),), _left_out = read_references([path], locus="cox1")
    assert (record.locus, sequence) == ("COI", COI[0])


def test_a_truncated_genbank_file_is_refused(tmp_path):
    text = genbank("SIM1", "Fictus albus", COI[0]) + genbank("SIM2", "Fictus niger", COI[1])
    path = write(tmp_path / "x.gb", text[:-300])
    with pytest.raises(InputError, match=r"x\.gb, record 2: not a whole GenBank flat file"):
        read_references([path], locus="COI")


@pytest.mark.parametrize(
    "content, reason",
    [
        (f">A1|sp.|COI\n{COI[0]}\n", "the name 'sp.' has no genus"),
        (f">|Fictus albus|18S|x\n{COI[0]}\n", "unknown locus '18S'"),
        (f">A1|Fictus albus|COI\n{COI[0][:60]}\n", "60 bases; COI needs 100"),
        (">A1|Fictus albus|COI\nMTNIRKTHPLLKIINDAFIDL\n", "protein"),
        (">A1|Fictus albus|COI\n\n", "is empty"),
        (f">A1|Fictus albus|COI\n{COI[0][:500]}{'N' * 40}{COI[0][500:]}\n", "ambiguous"),
    ],
)
def test_what_is_left_out_is_told_with_file_place_and_reason(tmp_path, content, reason):
    path = write(tmp_path / "x.fasta", f">A0|Fictus niger|COI\n{COI[1]}\n" + content)
    records, (left,) = read_references([path])
    assert [record.accession for record, _s in records] == ["A0"]
    assert (left.file, left.record) == (str(path), 2)
    assert reason in left.reason


def test_the_first_of_equal_accessions_is_taken(tmp_path):
    path = write(tmp_path / "x.fasta", fasta("A1|Fictus albus|COI", "A1|Fictus niger|COI"))
    ((record, _sequence),), (left,) = read_references([path])
    assert record.species == "Fictus albus"
    assert "occurs twice" in left.reason


def test_the_same_accession_at_two_loci_is_two_records(tmp_path):
    path = write(tmp_path / "x.fasta", fasta("A1|Fictus albus|COI", "A1|Fictus albus|cytb"))
    records, left_out = read_references([path])
    assert [record.locus for record, _s in records] == ["COI", "cytb"]
    assert left_out == []


def test_records_that_do_not_say_their_locus_ask_for_it(tmp_path):
    path = write(tmp_path / "x.fasta", fasta("A1 Fictus albus"))
    with pytest.raises(UsageError, match="A1 does not say its locus; give --locus. Known: COI"):
        read_references([path])


@pytest.mark.parametrize(
    "content, part",
    [
        (None, "no such file"),
        (b"", "is empty"),
        (b"\x1f\x8b\x08broken", "ends too early"),
        (gzip.compress(b">a\nACGT" * 999, mtime=0)[:-20], "ends too early"),
        (b">a\0\0\0", "binary"),
        (b"%PDF-1.4\n", "expected '>'"),
    ],
)
def test_files_that_cannot_be_read_are_named(tmp_path, content, part):
    path = tmp_path / "x.fasta"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"x\.fasta.*: ") as caught:
        read_references([path], locus="COI")
    assert part in str(caught.value).lower()


# -- Reference files in the formats that people have. Every file here is MADE (simulated sequences
# under invented or real names); real files of packages are in test_real_formats.py


LINEAGE = "Eukaryota_2759;Chordata_7711;Mammalia_40674;Pholidota_9971;Manidae_9972;Manis_9973"
RANKS = ("Mammalia", "Pholidota", "Manidae", "Manis")


def read(tmp_path, content, name="x.fasta", locus="COI", more=None, noted=None):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    files = [path]
    if more:
        files.append(tmp_path / "more.tsv")
        files[1].write_text(more)
    return read_references(files, locus=locus, noted=noted)


def one(found):
    ((record, sequence),), left_out = found
    assert left_out == []
    return record, sequence


@pytest.mark.parametrize(
    "header, accession",
    [
        # MIDORI2, of GenBank 2024: RAW and BLAST, RDP, SINTAX, DADA2; UNIQ and longest are alike
        (f"MN1.1.<1.>658###root_1;{LINEAGE};Manis javanica_9974", "MN1.1"),
        (f"MN123456.1.<1.>658 root_1;{LINEAGE};species_Manis javanica_9974", "MN123456.1"),
        (f"MN123456.1.1.658\troot_1;{LINEAGE};Manis javanica_9974", "MN123456.1"),
        (
            "MN123456.1.<1.>658;tax=k:Eukaryota_2759,p:Chordata_7711,c:Mammalia_40674,"
            "o:Pholidota_9971,f:Manidae_9972,g:Manis_9973,s:Manis javanica_9974",
            "MN123456.1",
        ),
        (f"{LINEAGE.partition(';')[2]};Manis javanica_9974;", "x-1"),
        # the RDP classifier's, whose lineage ends at the genus
        (
            "S0001 Manis javanica; A 1\tLineage=Root;rootrank;Animalia;domain;Chordata;phylum;"
            "Mammalia;class;Pholidota;order;Manidae;family;Manis;genus",
            "S0001",
        ),
        # DADA2 and SINTAX
        ("Animalia;Chordata;Mammalia;Pholidota;Manidae;Manis;Manis_javanica;", "x-1"),
        ("Animalia;Chordata;Mammalia;Pholidota;Manidae;Manis;javanica;", "x-1"),
        ("A1;tax=k:Animalia,c:Mammalia,o:Pholidota,f:Manidae,g:Manis,s:Manis_javanica;", "A1"),
        # QIIME in one line
        (
            "A1 k__Animalia; p__Chordata; c__Mammalia; o__Pholidota; f__Manidae; g__Manis; "
            "s__Manis_javanica",
            "A1",
        ),
        # UNITE
        (
            "Manis_javanica|MN1|SH1227328.10FU|refs|k__Animalia;p__Chordata;c__Mammalia;"
            "o__Pholidota;f__Manidae;g__Manis;s__Manis_javanica",
            "MN1",
        ),
        # BOLD 5
        (
            "GBMA1-06|COI-5P|Gabon|Animalia,Chordata,Mammalia,Pholidota,Manidae,None,None,Manis,"
            "Manis javanica,None",
            "GBMA1-06",
        ),
        ("GBMA1-06|COI-5P|None|Animalia,Chordata,Mammalia,Pholidota,Manidae,,Manis,Manis javanica",
         "GBMA1-06"),
    ],
)  # fmt: skip
def test_headers_with_a_lineage_give_name_and_ranks(tmp_path, header, accession):
    record, sequence = one(read(tmp_path, f">{header}\n{ALBUS}\n"))
    assert (record.accession, record.name) == (accession, "Manis javanica")
    assert record.species == "Manis javanica"
    assert (record.class_, record.order, record.family, record.genus) == RANKS
    assert sequence == ALBUS


@pytest.mark.parametrize(
    "header, accession",
    [
        ('gb|AP009318|Manis javanica (["pangolin"])', "AP009318"),  # MitoFish
        ("AP009318_Manis_javanica", "AP009318"),
        ("NC_026781_Manis_javanica", "NC_026781"),
        ("gi|5819095|ref|NC_026781.1| Manis javanica mitochondrion", "NC_026781.1"),  # old GenBank
        ("gi|2765658|emb|Z78533.1|MJZ78533 Manis javanica COI gene", "Z78533.1"),
        ("GBMA1-06|Manis javanica|COI-5P|MN1", "GBMA1-06"),  # BOLD 4
        ("MN1.1 Manis javanica isolate 7 COI", "MN1.1"),  # GenBank, DADA2 for species
        ("MN1 Manis javanica - COX1 CDS (reversed)", "MN1"),  # Geneious
    ],
)
def test_headers_without_a_lineage_give_the_name(tmp_path, header, accession):
    record, _sequence = one(read(tmp_path, f">{header}\n{ALBUS}\n"))
    assert (record.accession, record.species, record.genus) == (
        accession,
        "Manis javanica",
        "Manis",
    )


def test_geneious_says_the_locus_by_the_annotation_that_was_extracted(tmp_path):
    record, _sequence = one(
        read(tmp_path, f">MN1 Manis javanica - CYTB CDS\n{ALBUS}\n", locus="COI")
    )
    assert record.locus == "cytb"


def test_fillers_and_unknown_ranks_stay_empty(tmp_path):
    header = "MN1.1.<1.>658###root_1;Eukaryota_2759;Chordata_7711;Actinopteri_186623;"
    header += (
        "order_Actinopteri_186623;Serranidae_8214;Epinephelus_94232;Epinephelus coioides_94237"
    )
    record, _sequence = one(read(tmp_path, f">{header}\n{ALBUS}\n"))
    assert (record.class_, record.order, record.family) == ("Actinopteri", "", "Serranidae")
    header = "A1;tax=k:Fungi,p:Ascomycota,o:unidentified,f:Incertae_sedis,g:Manis,s:Manis_javanica"
    record, _sequence = one(read(tmp_path, f">{header}\n{ALBUS}\n"))
    assert (record.phylum, record.order, record.family) == ("Ascomycota", "", "")


@pytest.mark.parametrize("head", ["", "Feature ID\tTaxon\tConfidence\n"])
def test_qiime_has_its_lineages_in_a_second_file(tmp_path, head):
    row = "k__Animalia;p__Chordata;c__Mammalia;o__Pholidota;f__Manidae;g__Manis;s__Manis javanica"
    record, _sequence = one(
        read(
            tmp_path,
            f">MN123456.1.<1.>658\n{ALBUS}\n",
            more=f"{head}MN123456.1.<1.>658\t{row}\t1\n",
        )
    )
    assert (record.accession, record.species) == ("MN123456.1", "Manis javanica")
    assert (record.class_, record.order, record.family, record.genus) == RANKS


BOLD_4 = (
    "processid\tsampleid\tcatalognum\tinstitution_storing\tphylum_name\tclass_name\torder_name\t"
    "family_name\tgenus_name\tspecies_name\tidentification_provided_by\tcollectiondate_start\t"
    "lat\tlon\tcountry\tmarkercode\tgenbank_accession\tnucleotides"
)
BOLD_5 = (
    "processid\tsampleid\tfieldid\tmuseumid\trecord_id\tbin_uri\tinst\tphylum\tclass\torder\t"
    "family\tgenus\tspecies\tidentification\tidentified_by\tcollection_date_start\tcountry/ocean\t"
    "marker_code\tinsdc_acs\tnuc"
)


@pytest.mark.parametrize(
    "head, row",
    [
        (
            BOLD_4,
            "GBMA1-06\tV 1\t\tA museum\tChordata\tMammalia\tPholidota\tManidae\tManis\t"
            "Manis javanica\tA. Nyone\t2001-02-03\t1\t2\tGabon\tCOI-5P\tMN1\t{}",
        ),
        (
            BOLD_5,
            "GBMA1-06\tV 1\tNone\tM 1\tGBMA1-06.COI-5P\tBOLD:AAA1\tA museum\tChordata\tMammalia\t"
            "Pholidota\tManidae\tManis\tManis javanica\tManis javanica\tA. Nyone\t2001-02-03\t"
            "Gabon\tCOI-5P\tMN1\t{}",
        ),
    ],
)
@pytest.mark.parametrize("name", ["bold_data.txt", "export"])
def test_bold_combines_specimens_and_sequences_in_one_table(tmp_path, head, row, name):
    text = f"{head}\n{row.format(ALBUS + '---')}\n{row.replace('GBMA1', 'GBMA2').format('')}\n"
    records, (left,) = read(tmp_path, text, name=name, locus=None)
    ((record, sequence),) = records
    assert (record.accession, record.species, record.locus) == ("GBMA1-06", "Manis javanica", "COI")
    assert (record.class_, record.order, record.family, record.genus) == RANKS
    assert (record.voucher, record.institution, record.identifier) == (
        "V 1",
        "A museum",
        "A. Nyone",
    )
    assert (record.country, record.date, sequence) == ("Gabon", "2001-02-03", ALBUS)
    assert (left.record, left.accession) == (3, "GBMA2-06")
    assert "no sequence" in left.reason


@pytest.mark.parametrize(
    "text",
    [
        "Accession,Scientific name,Locus,Voucher,Country,Sequence\nA1,Manis javanica,COI,V1,Gabon,{}\n",
        "N° d'accession;Espèce;Marqueur;Numéro de spécimen;Pays;Séquence\n"
        "A1;Manis javanica;COI;V1;Gabon;{}\n",
        "Código;Espécie;Marcador;Número de tombo;País;Sequência\nA1;Manis javanica;COI;V1;Gabon;{}\n",
        "\n\nReference collection\n\nAccession\tOrganism\tGene\tSpecimen\tPays\tDNA\n"
        "A1\tManis javanica\tCOX1\tV1\tGabon\t{}\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_laboratorys_own_table_in_its_own_language(tmp_path, text, encoding):
    content = text.format(ALBUS).encode(encoding)
    record, sequence = one(read(tmp_path, content, name="own.csv", locus=None))
    assert (record.accession, record.species, record.locus) == ("A1", "Manis javanica", "COI")
    assert (record.voucher, record.country, sequence) == ("V1", "Gabon", ALBUS)


def test_own_sequences_without_an_accession_bear_the_number_of_their_specimen(tmp_path):
    text = f"Voucher,Species,Locus,Sequence\nV 1,Manis javanica,COI,{ALBUS}\n"
    record, _sequence = one(read(tmp_path, text, name="own.csv", locus=None))
    assert (record.accession, record.voucher) == ("V_1", "V 1")


def test_a_workbook_with_sequences(tmp_path):
    head = ["Accession", "Espèce", "Marqueur", "Séquence"]
    path = workbook(
        tmp_path / "own.xlsx", ["Ours"], [], head, ["A1", "Manis javanica", "COI", ALBUS]
    )
    record, sequence = one(read_references([path]))
    assert (record.accession, record.species, record.locus) == ("A1", "Manis javanica", "COI")
    assert sequence == ALBUS


def test_the_sheets_of_a_workbook_are_joined_by_the_sample(tmp_path):
    path = workbook(
        tmp_path / "bold.xlsx",
        project=[["Project:", "X"], ["Process ID", "Sample ID", "BIN"], ["A1", "S1", "BOLD:A"]],
        taxonomy=[["Sample ID", "Family", "Species"], ["S1", "Manidae", "Manis javanica"]],
        places=[["Sample ID", "Country/Ocean"], ["S1", "Gabon"], ["S2", "Nowhere"]],
    )
    fasta = tmp_path / "x.fasta"
    fasta.write_text(f">A1\n{ALBUS}\n")
    record, _sequence = one(read_references([fasta, path], locus="COI"))
    assert (record.species, record.family) == ("Manis javanica", "Manidae")
    assert (record.voucher, record.country) == ("S1", "Gabon")


def test_a_damaged_workbook_is_named(tmp_path):
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(InputError, match=r"x\.xlsx: The XLSX cannot be read"):
        read_references([path], locus="COI")


def test_an_open_quotation_mark_does_not_swallow_rows(tmp_path):
    text = f'accession\tname\tsequence\nA1\t"Manis javanica\t{ALBUS}\nA2\tManis crassicaudata\t{ALBUS}\n'
    with pytest.raises(InputError, match=r"own\.tsv, line 3: a quotation mark is not closed"):
        read(tmp_path, text, name="own.tsv")


def test_an_unverified_or_environmental_genbank_record_is_left_out(tmp_path):
    text = genbank("SIM1", "Manis javanica", ALBUS)
    marked = text.replace("DEFINITION  ", "DEFINITION  UNVERIFIED: ")
    sampled = text.replace("SIM1", "SIM2").replace(
        "/organism", "/environmental_sample\n                     /organism"
    )
    records, left_out = read(tmp_path, marked + sampled, name="x.gb")
    assert records == []
    assert ["UNVERIFIED" in left_out[0].reason, "without a specimen" in left_out[1].reason] == [
        True,
        True,
    ]


def test_names_that_are_flagged_are_told_and_count_for_the_genus(tmp_path):
    noted = Noted()
    ((record, _sequence),), left_out = read(
        tmp_path, f">A1|Falco rusticolus x cherrug|COI\n{ALBUS}\n", noted=noted
    )
    assert (record.species, record.genus, left_out) == ("", "Falco", [])
    assert {key: rule.code for key, rule in noted.flags.items()} == {("COI", "A1"): "HYBRID"}


def test_a_genome_without_a_locus_is_cut_into_loci(tmp_path, embedded):
    locus = embedded.loci[0]
    record, sequence = next(
        pair for pair in embedded.records("COI") if pair[0].species and len(pair[1]) > 600
    )
    import random

    rng = random.Random("spacer")
    spacer = ["".join(rng.choices("ACGT", k=900)) for _ in range(2)]
    text = f">G1 {record.species} mitochondrion\n{spacer[0]}{sequence}{spacer[1]}\n"
    records, left_out = read(tmp_path, text, locus=None)
    assert locus and left_out == []
    assert [(r.locus, r.species) for r, _s in records] == [("COI", record.species)]
    assert sequence[20:-20] in records[0][1]


# -- Damaged and hostile reference files: no crash, no hang, and what is wrong names its place


PREFIXED = "k__Animalia;p__Chordata;c__Mammalia;o__Pholidota;f__Manidae;g__Manis;s__Manis_javanica"
HEADERS = (
    "A1|Manis javanica|COI|here",
    "GBMA1-06|COI-5P|Gabon|Animalia,Chordata,Mammalia,Pholidota,Manidae,None,None,Manis,Manis javanica",
    f"Manis_javanica|MN1|SH1.10FU|refs|{PREFIXED}",
    'gb|AP009318|Manis javanica (["x"])',
    "gi|5819095|ref|NC_026781.1| Manis javanica mitochondrion",
    f"MN1.1.<1.>658###root_1;{LINEAGE};Manis javanica_9974",
    "A1;tax=k:Animalia,c:Mammalia,o:Pholidota,f:Manidae,g:Manis,s:Manis_javanica;",
    "S1 Manis javanica; A\tLineage=Root;rootrank;Animalia;domain;Manidae;family;Manis;genus",
    "Animalia;Chordata;Mammalia;Pholidota;Manidae;Manis;Manis javanica;",
    "MN1 Manis javanica - COX1 CDS (reversed)",
    "AP009318_Manis_javanica",
    "MN1.1 Falco rusticolus x Falco cherrug isolate 7",
)
FEATURES = (
    f"     CDS             1..{len(ALBUS)}\n"
    '                     /gene="COX1"\n'
    "     rRNA            complement(join(10..200,300..400))\n"
    '                     /product="12S ribosomal RNA"\n'
)
TOKENS = (
    "|", ";", ",", "\t", "\n", "\r", '"', "'", "###", "tax=", "Lineage=", "k__", ">", "//", "LOCUS",
    "\0", "\x1b[31m", "\u202e", "×", " x ", "\ufeff", "../", "=1+1", "..", "join(", "complement(",
    "9" * 40, "é", "None", "|" * 50, ";" * 500, "A" * 5000, "(" * 300, " - ", "_1",
)  # fmt: skip


def mutated(rng: random.Random, content: str) -> str:
    """Return a text with one to six changes: letters, tokens, pieces out, doubled or moved."""
    for _ in range(rng.randint(1, 6)):
        place = rng.randrange(len(content) + 1)
        end = min(len(content), place + rng.choice((1, 1, 3, 20, 200)))
        kind = rng.randrange(6)
        if kind == 0:
            content = content[:place] + rng.choice(TOKENS) + content[place:]
        elif kind == 1:
            content = content[:place] + content[end:]
        elif kind == 2:
            content = content[:end] + content[place:end] * rng.choice((1, 3)) + content[end:]
        elif kind == 3:
            content = content[:place] + chr(rng.randrange(1, 0x2FF)) + content[end:]
        elif kind == 4:
            to = rng.randrange(len(content) + 1)
            rest = content[:place] + content[end:]
            content = rest[:to] + content[place:end] + rest[to:]
        else:
            content = content[:end] if rng.random() < 0.3 else content.replace("\n", "\r", 1)
        content = content[:200_000]
    return content


def some_fasta(rng):
    return "".join(f">{rng.choice(HEADERS)}\n{ALBUS}\n" for _ in range(rng.randint(1, 3)))


def table(rng):
    columns = ["processid", "species", "Séquence", "marker_code", "Pays", "family", "taxon"]
    cells = ["A1", "Manis javanica", ALBUS, "COI-5P", "Gabon", "Manidae", PREFIXED]
    order = rng.sample(range(len(columns)), rng.randint(3, len(columns)))
    sign = rng.choice("\t,;")
    rows = [columns, cells, [cell.replace("A1", "A2") for cell in cells]]
    return "\n".join(sign.join(row[place] for place in order) for row in rows) + "\n"


def lineages(rng):
    head = rng.choice(("", "Feature ID\tTaxon\n"))
    return f"{head}A1\t{PREFIXED}\nA2\troot_1;{LINEAGE};x_1\n"


def flat_file(rng):
    return genbank("SIM1", "Manis javanica", ALBUS, FEATURES) + genbank("SIM2", "Manis sp.", ALBUS)


READERS = {"x.fasta": some_fasta, "x.tsv": table, "taxonomy.tsv": lineages, "x.gb": flat_file}


def check(path, content: bytes) -> None:
    """Read a file: records and reasons, or an error that says where; nothing else."""
    path.write_bytes(content)
    try:
        records, left_out = read_references([path], locus="COI")
    except (InputError, UsageError) as error:
        assert path.name in str(error)
        place = re.search(r"record \d+|line \d+|record \S+ does not say", str(error))
        whole = "empty" in str(error) or "binary" in str(error) or "it cannot be read" in str(error)
        assert place or whole or "XLSX" in str(error), str(error)
        return
    except ForensicsError as error:
        raise AssertionError(f"another error than of the input: {error!r}") from error
    for record, sequence in records:
        assert record.accession and record.genus and record.locus and sequence
        assert len(record.to_row().split("\t")) == 16
        assert "\n" not in record.to_row()
    for left in left_out:
        assert left.file == str(path) and left.record > 0 and left.reason


def through(reader: str, tmp_path, number: int) -> None:
    make = READERS[reader]
    for case in range(number):
        rng = random.Random(f"{reader} {case}")
        content = mutated(rng, make(rng)).encode("utf-8", "replace")
        if rng.random() < 0.1:  # damaged below the letters, too
            place = rng.randrange(len(content) + 1)
            content = content[:place] + rng.randbytes(rng.randint(1, 8)) + content[place + 2 :]
        check(tmp_path / reader, content)


@pytest.mark.parametrize("reader", READERS)
def test_three_hundred_changed_records_do_no_harm(reader, tmp_path):
    through(reader, tmp_path, 300)


@pytest.mark.slow
@pytest.mark.parametrize("reader", READERS)
def test_ten_thousand_changed_records_do_no_harm(reader, tmp_path):
    through(reader, tmp_path, 10_000)


def _workbooks(tmp_path, number: int) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (
        ["Ours"],
        ["Accession", "Espèce", "Séquence"],
        ["A1", "Manis javanica", ALBUS],
    ):
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    whole = stream.getvalue()
    for case in range(number):
        rng = random.Random(f"workbook {case}")
        content = bytearray(whole)
        for _ in range(rng.randint(1, 30)):
            content[rng.randrange(4, len(content))] = rng.randrange(256)
        if rng.random() < 0.2:
            del content[rng.randrange(4, len(content)) :]
        check(tmp_path / "x.xlsx", bytes(content))


def test_sixty_damaged_workbooks_do_no_harm(tmp_path):
    _workbooks(tmp_path, 60)


@pytest.mark.slow
def test_ten_thousand_damaged_workbooks_do_no_harm(tmp_path):
    _workbooks(tmp_path, 10_000)


@pytest.mark.parametrize(
    "header",
    ["|" * 100_000, ";" * 100_000, "_" * 100_000, " - " * 50_000, "A" * 1_000_000, "k__;" * 50_000,
     "MN12345_" + "A" * 100_000, "Manis " + "x " * 50_000, "UNVERIFIED:" * 20_000, "(" * 100_000,
     "gi|1" * 50_000, "tax=" + "g:" * 50_000, "A1 - " + "CDS " * 50_000, "9" * 100_000 + "_"],
)  # fmt: skip
def test_a_header_without_end_is_read_at_once(header):
    parse_header(header)


def test_a_file_that_unpacks_without_end_is_refused(tmp_path, monkeypatch):
    import gzip

    from forensics.barcode.reference import references

    monkeypatch.setattr(references, "_MAX_BYTES", 2**20)
    path = tmp_path / "bomb.fasta.gz"
    path.write_bytes(gzip.compress(b">A1\n" + b"A" * 2**22))
    with pytest.raises(InputError, match=r"bomb\.fasta\.gz: it unpacks to more than"):
        read_references([path], locus="COI")


# -- Real reference files of packages, where the test machine has them unpacked


@pytest.fixture(scope="module")
def unpacked():
    folder = os.environ.get("FORENSICS_FORMAT_FILES")
    if not folder or not Path(folder).is_dir():
        pytest.skip("no unpacked packages; set FORENSICS_FORMAT_FILES")

    def find(name):
        found = sorted(Path(folder).rglob(name))
        if not found:
            pytest.skip(f"{name} is not in {folder}")
        return found[0]

    return find


def test_pipes(evaluation_data):
    records, left_out = read_references([evaluation_data / "barcodes" / "12S.fasta.gz"])
    assert len(records) + len(left_out) == 486
    assert len(records) > 450
    assert {record.locus for record, _sequence in records} == {"12S"}


def test_bold_fasta_with_the_workbook_of_its_project(unpacked):
    pytest.importorskip("openpyxl")
    fasta = unpacked("NLVRT_BOLD.fas")
    records, left_out = read_references([fasta, fasta.with_name("NLVRT.xlsx")], locus="COI")
    assert (len(records), len(left_out)) == (1242, 2)
    first = records[0][0]
    assert (first.accession, first.species) == ("NLAVE001-11", "Aphrodroma brevirostris")
    assert (first.family, first.voucher) == ("Procellariidae", "ZMA.AVES.38382")
    assert first.identifier == "Kees Roselaar"
    assert first.country == "Atlantic Ocean"


@pytest.mark.parametrize("file, locus, kept, left, accession, name", [
    ("ls_orchid.gbk", "ITS", 91, 3, "Z78533.1", "Cypripedium irapeanum"),  # of GenBank
    ("example_train_set.fa.gz", "16S", None, None, None, "Mycobacterium"),  # DADA2, for taxonomy
    ("example_species_assignment.fa.gz", "16S", 14, 0, "S003281126", "Rhodococcus erythropolis"),
    ("ls_orchid.fasta", "ITS", 0, 94, None, None),  # genera are abbreviated
    ("ten_16s.100.fa.gz", "16S", None, None, None, None),  # SINTAX
])  # fmt: skip
def test_files_of_packages(unpacked, file, locus, kept, left, accession, name):
    records, left_out = read_references([unpacked(file)], locus=locus)
    assert kept is None or (len(records), len(left_out)) == (kept, left)
    assert accession is None or records[0][0].accession == accession
    assert name is None or records[0][0].name == name
    assert all("genus" in each.reason for each in left_out)


def test_sintax_with_a_hybrid(unpacked):
    noted = Noted()
    path = unpacked("thapbi_pict-1.0.24") / "tests" / "sintax-import" / "refs.fasta"
    records, _left_out = read_references([path], locus="ITS", noted=noted)
    assert (records[0][0].species, records[0][0].genus) == ("", "Phytophthora")
    assert records[0][0].name == "Phytophthora lacustris x Phytophthora riparia"
    assert noted.flags[records[0][0].key].code == "HYBRID"


def test_a_whole_mitochondrial_genome_is_cut(unpacked, embedded):
    records, left_out = read_references([unpacked("mito.seq")])
    assert left_out == []
    assert {r.locus for r, _s in records} == {"COI", "cytb", "12S", "16S", "CR"}
    assert {r.species for r, _s in records} == {"Balaenoptera physalus"}
