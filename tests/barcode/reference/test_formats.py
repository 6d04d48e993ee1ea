"""Reference files in the formats that people have. Every file here is MADE (simulated sequences
under invented or real names); real files of packages are in test_real_formats.py."""

import pytest
from simulation import genbank, query

from forensics.barcode.reference.references import Noted, read_references
from forensics.errors import InputError

COI = query("Fictus albus")
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
    record, sequence = one(read(tmp_path, f">{header}\n{COI}\n"))
    assert (record.accession, record.name) == (accession, "Manis javanica")
    assert record.species == "Manis javanica"
    assert (record.class_, record.order, record.family, record.genus) == RANKS
    assert sequence == COI


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
    record, _sequence = one(read(tmp_path, f">{header}\n{COI}\n"))
    assert (record.accession, record.species, record.genus) == (
        accession,
        "Manis javanica",
        "Manis",
    )


def test_geneious_says_the_locus_by_the_annotation_that_was_extracted(tmp_path):
    record, _sequence = one(read(tmp_path, f">MN1 Manis javanica - CYTB CDS\n{COI}\n", locus="COI"))
    assert record.locus == "cytb"


def test_fillers_and_unknown_ranks_stay_empty(tmp_path):
    header = "MN1.1.<1.>658###root_1;Eukaryota_2759;Chordata_7711;Actinopteri_186623;"
    header += (
        "order_Actinopteri_186623;Serranidae_8214;Epinephelus_94232;Epinephelus coioides_94237"
    )
    record, _sequence = one(read(tmp_path, f">{header}\n{COI}\n"))
    assert (record.class_, record.order, record.family) == ("Actinopteri", "", "Serranidae")
    header = "A1;tax=k:Fungi,p:Ascomycota,o:unidentified,f:Incertae_sedis,g:Manis,s:Manis_javanica"
    record, _sequence = one(read(tmp_path, f">{header}\n{COI}\n"))
    assert (record.phylum, record.order, record.family) == ("Ascomycota", "", "")


@pytest.mark.parametrize("head", ["", "Feature ID\tTaxon\tConfidence\n"])
def test_qiime_has_its_lineages_in_a_second_file(tmp_path, head):
    row = "k__Animalia;p__Chordata;c__Mammalia;o__Pholidota;f__Manidae;g__Manis;s__Manis javanica"
    record, _sequence = one(
        read(
            tmp_path, f">MN123456.1.<1.>658\n{COI}\n", more=f"{head}MN123456.1.<1.>658\t{row}\t1\n"
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
    text = f"{head}\n{row.format(COI + '---')}\n{row.replace('GBMA1', 'GBMA2').format('')}\n"
    records, (left,) = read(tmp_path, text, name=name, locus=None)
    ((record, sequence),) = records
    assert (record.accession, record.species, record.locus) == ("GBMA1-06", "Manis javanica", "COI")
    assert (record.class_, record.order, record.family, record.genus) == RANKS
    assert (record.voucher, record.institution, record.identifier) == (
        "V 1",
        "A museum",
        "A. Nyone",
    )
    assert (record.country, record.date, sequence) == ("Gabon", "2001-02-03", COI)
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
    content = text.format(COI).encode(encoding)
    record, sequence = one(read(tmp_path, content, name="own.csv", locus=None))
    assert (record.accession, record.species, record.locus) == ("A1", "Manis javanica", "COI")
    assert (record.voucher, record.country, sequence) == ("V1", "Gabon", COI)


def test_own_sequences_without_an_accession_bear_the_number_of_their_specimen(tmp_path):
    text = f"Voucher,Species,Locus,Sequence\nV 1,Manis javanica,COI,{COI}\n"
    record, _sequence = one(read(tmp_path, text, name="own.csv", locus=None))
    assert (record.accession, record.voucher) == ("V_1", "V 1")


def workbook(path, *sheets):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets):
        sheet = book.create_sheet(f"sheet {number}")
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_a_workbook_with_sequences(tmp_path):
    head = ["Accession", "Espèce", "Marqueur", "Séquence"]
    path = workbook(
        tmp_path / "own.xlsx", [["Ours"], [], head, ["A1", "Manis javanica", "COI", COI]]
    )
    record, sequence = one(read_references([path]))
    assert (record.accession, record.species, record.locus) == ("A1", "Manis javanica", "COI")
    assert sequence == COI


def test_the_sheets_of_a_workbook_are_joined_by_the_sample(tmp_path):
    path = workbook(
        tmp_path / "bold.xlsx",
        [["Project:", "X"], ["Process ID", "Sample ID", "BIN"], ["A1", "S1", "BOLD:A"]],
        [["Sample ID", "Family", "Species"], ["S1", "Manidae", "Manis javanica"]],
        [["Sample ID", "Country/Ocean"], ["S1", "Gabon"], ["S2", "Nowhere"]],
    )
    fasta = tmp_path / "x.fasta"
    fasta.write_text(f">A1\n{COI}\n")
    record, _sequence = one(read_references([fasta, path], locus="COI"))
    assert (record.species, record.family) == ("Manis javanica", "Manidae")
    assert (record.voucher, record.country) == ("S1", "Gabon")


def test_a_damaged_workbook_is_named(tmp_path):
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(InputError, match=r"x\.xlsx: The XLSX cannot be read"):
        read_references([path], locus="COI")


def test_an_open_quotation_mark_does_not_swallow_rows(tmp_path):
    text = (
        f'accession\tname\tsequence\nA1\t"Manis javanica\t{COI}\nA2\tManis crassicaudata\t{COI}\n'
    )
    with pytest.raises(InputError, match=r"own\.tsv, line 3: a quotation mark is not closed"):
        read(tmp_path, text, name="own.tsv")


def test_an_unverified_or_environmental_genbank_record_is_left_out(tmp_path):
    text = genbank("SIM1", "Manis javanica", COI)
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
        tmp_path, f">A1|Falco rusticolus x cherrug|COI\n{COI}\n", noted=noted
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
