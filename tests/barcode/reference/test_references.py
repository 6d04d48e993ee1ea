import gzip

import pytest
from simulation import genbank, query

from forensics.barcode.reference.references import read_references
from forensics.errors import InputError, UsageError

COI = [query(name) for name in ("Fictus albus", "Fictus niger", "Exemplum primum")]
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
