"""No record vanishes, and none is read as what it is not. Sequences are SIMULATED."""

import pytest
from simulation import genbank, query

from forensics.barcode.curating.screening import screen_build
from forensics.barcode.reference.library import open_library
from forensics.barcode.reference.records import LeftOut
from forensics.barcode.reference.references import Noted, read_references
from forensics.barcode.reference.writing import write_library
from forensics.errors import InputError

COI = query("Fictus albus")
OTHER = query("Exemplum primum")


def write(path, content):
    path.write_bytes(content.encode())
    return path


@pytest.mark.parametrize("accession", ["É1", "A>B", "A\x1b[31m"])
def test_an_accession_that_a_library_cannot_hold_is_left_out_by_name(tmp_path, accession):
    path = write(
        tmp_path / "x.fasta",
        f">{accession}|Fictus albus|COI|x\n{COI}\n>G|Fictus albus|COI|x\n{COI}\n",
    )
    records, left_out = read_references([path])
    assert [record.accession for record, _sequence in records] == ["G"]
    assert [(entry.record, entry.accession) for entry in left_out] == [(1, accession)]
    write_library(tmp_path / "made", records, left_out=left_out, calibrated=False, name="made")
    assert len(open_library(tmp_path / "made").records("COI")) == 1


def test_blanks_in_an_accession_of_a_table_make_a_library_that_can_be_read(tmp_path):
    path = write(tmp_path / "x.tsv", f"accession\tname\tsequence\nA  1\tFictus albus\t{COI}\n")
    records, left_out = read_references([path], locus="COI")
    assert ([record.accession for record, _sequence in records], left_out) == (["A_1"], [])
    write_library(tmp_path / "made", records, calibrated=False, name="made")
    assert len(open_library(tmp_path / "made").records("COI")) == 1


def test_a_sequence_without_a_header_is_an_error_with_its_line(tmp_path):
    path = write(tmp_path / "x.fasta", f";A1 Fictus albus\n{COI}\n>G Fictus albus\n{COI}\n")
    with pytest.raises(InputError) as caught:
        read_references([path], locus="COI")
    assert caught.value.line == 2


@pytest.mark.parametrize("sign", ["\u2028", "\x85", "\x0c", "\x1e"])
def test_no_sign_in_a_header_makes_bases_of_what_follows(tmp_path, sign):
    path = write(tmp_path / "x.fasta", f">A1 Fictus albus{sign}CAT\n{COI}\n")
    ((_record, sequence),), _left_out = read_references([path], locus="COI")
    assert sequence == COI


@pytest.mark.parametrize("qualifier", ["/pseudo", '/pseudogene="unprocessed"'])
def test_a_gene_annotated_as_pseudogene_is_left_out(tmp_path, qualifier):
    feature = f'     CDS             1..{len(COI)}\n                     /gene="COX1"\n'
    text = genbank("PS000001", "Fictus albus", COI, f"{feature}                     {qualifier}\n")
    records, left_out = read_references([write(tmp_path / "x.gb", text)])
    assert (records, [entry.accession for entry in left_out]) == ([], ["PS000001.1"])


def test_a_working_gene_goes_before_a_pseudogene_that_stands_first(tmp_path):
    head = "                     "
    first = f'     CDS             1..{len(OTHER)}\n{head}/gene="COX1"\n{head}/pseudo\n'
    place = f"{len(OTHER) + 1}..{len(OTHER) + len(COI)}"
    second = f'     CDS             {place}\n{head}/gene="COX1"\n'
    path = write(
        tmp_path / "x.gb", genbank("PS000001", "Fictus albus", OTHER + COI, first + second)
    )
    ((_record, sequence),), left_out = read_references([path])
    assert (sequence, left_out) == (COI, [])


def test_what_screening_leaves_out_is_told_by_its_file_and_number_there(tmp_path):
    stops = "TAAC" * 150  # in each of the three frames
    path = write(
        tmp_path / "x.fasta",
        f">U1|uncultured Fictus|COI|x\n{COI}\n>S1|Fictus albus|COI|depositor\n{stops}\n",
    )
    noted = Noted()
    records, _left_out = read_references([path], noted=noted)
    (left,) = screen_build(records, noted=noted, threads=1).left_out
    assert (left.file, left.record, left.accession) == (str(path), 2, "S1")


def test_the_table_of_what_was_left_out_holds_no_formula(tmp_path):
    path = write(tmp_path / "x.fasta", f">G|Fictus albus|COI|x\n{COI}\n")
    records, _left_out = read_references([path])
    left_out = [LeftOut("x", 1, "=CMD()", "name", "reason")]
    write_library(tmp_path / "made", records, left_out=left_out, calibrated=False, name="made")
    assert "\t'=CMD()\t" in (tmp_path / "made" / "left_out.tsv").read_text()
