"""Libraries that a script builds from what it has in memory."""

import gc
from contextlib import nullcontext

import pandas
import pytest
from Bio.Seq import Seq
from Bio.SeqFeature import FeatureLocation, SeqFeature
from Bio.SeqRecord import SeqRecord
from simulation import SPECIES, query, reference_records

import forensics
from forensics.barcode.reference.library import read_locus
from forensics.barcode.reference.records import ReferenceRecord
from forensics.errors import InputError, LibraryError, UsageError

LOCUS = "12S"  # which has no reading frame: random sequences are full of stop codons
RECORDS = [pair for pair in reference_records() if pair[0].locus == LOCUS and pair[0].species]


def frame(**more):
    rows = [
        {"Process ID": r.accession, "Espèce": r.species, "markercode": r.locus, "nuc": s, **more}
        for r, s in RECORDS
    ]
    return pandas.DataFrame(rows)


def biopython():
    return [
        SeqRecord(Seq(s), id=r.accession, description=f"{r.accession} {r.species} 12S")
        for r, s in RECORDS
    ]


def fasta(path):
    path.write_text("".join(f">{r.accession} {r.species} 12S\n{s}\n" for r, s in RECORDS))
    return path


def build(references, tmp_path, **options):
    options = {"calibration": False, "locus": LOCUS, **options}
    return forensics.build_library(references, tmp_path / "built", **options)


def content(built):
    return {
        (record.accession, record.species, sequence)
        for record, sequence in read_locus(built.path / LOCUS)
    }


def test_files_tables_and_records_in_memory_make_the_same_library(tmp_path):
    expected = {(record.accession, record.species, sequence) for record, sequence in RECORDS}
    path = fasta(tmp_path / "references.fasta")
    given = {
        "path": path,
        "paths": [str(path)],
        "pairs": RECORDS,
        "generator": (pair for pair in RECORDS),
        "Biopython": biopython(),
        "DataFrame": frame(),
        "accessions in the index": frame().set_index("Process ID").rename_axis(None),
        "mixed": [biopython()[0], frame().iloc[1:5], *RECORDS[5:]],
    }
    for kind, references in given.items():
        built = build(references, tmp_path)
        assert content(built) == expected, kind
        assert built.left_out == () and built.loci == (LOCUS,), kind
        assert built.species == set(SPECIES), kind


def test_a_build_leaves_the_collection_of_cycles_as_it_was(tmp_path):
    for records, refusal in ((RECORDS, nullcontext()), ([], pytest.raises(LibraryError))):
        with refusal:
            build(records, tmp_path)
        assert gc.isenabled()


def test_the_library_that_was_built_identifies(tmp_path):
    built = build(frame(), tmp_path)
    assert forensics.identify(query(locus=LOCUS), library=built.library)[0].taxon == SPECIES[0]


def test_records_in_memory_keep_what_is_known_of_them(tmp_path):
    built = build(RECORDS, tmp_path)
    assert {record.voucher for record in built.records} == {"V0", "V1", "V2"}
    assert {record.source for record in built.records} == {"ReferenceRecord"}


def test_an_annotated_record_is_cut_into_its_loci(tmp_path):
    (record, sequence), flank = RECORDS[0], "ACGT" * 50
    entry = SeqRecord(Seq(flank + sequence + flank), id="NC_1.1", description="genome")
    entry.annotations["organism"] = record.species
    place = FeatureLocation(len(flank), len(flank) + len(sequence), 1)
    entry.features.append(
        SeqFeature(place, type="rRNA", qualifiers={"product": ["12S ribosomal RNA"]})
    )
    built = build([entry], tmp_path)
    assert content(built) == {("NC_1.1", record.species, sequence)}


def test_a_record_that_is_not_taken_is_named_with_its_place_and_reason(tmp_path):
    table = frame()
    table.loc[2, "nuc"] = None
    table.loc[4, "Espèce"] = "???"
    built = build(table, tmp_path)
    left_out = {(row.file, row.record, row.accession): row.reason for row in built.left_out}
    assert left_out["DataFrame", 3, "SIM12S02"] == "the row has no sequence"
    assert "has no genus" in left_out["DataFrame", 5, "SIM12S11"]
    assert len(built.records) == len(RECORDS) - 2


@pytest.mark.parametrize(
    ("references", "message"),
    [
        (pandas.DataFrame({"accession": ["A1"], "name": ["Fictus albus"]}), "no column 'sequence'"),
        (pandas.DataFrame({"sequence": ["ACGT"]}), "no column 'accession'; found: sequence"),
        ([*RECORDS[:1], 7], "record 2: int is not a reference record"),
        (7, "int is not a reference record"),
        (ReferenceRecord("A1", "Fictus albus"), "ReferenceRecord is not a reference record"),
        (
            [RECORDS[0], (ReferenceRecord("A2", "Fictus albus", date=2019), "ACGT")],
            "record 2: A2, column 'date': 2019 is not text",
        ),
    ],
)  # fmt: skip
def test_an_error_names_the_record_and_the_column(tmp_path, references, message):
    with pytest.raises(InputError, match=message):
        build(references, tmp_path)
    assert not (tmp_path / "built").exists()


def test_a_record_without_a_locus_is_named(tmp_path):
    table = frame().drop(columns="markercode")
    with pytest.raises(UsageError, match=r"DataFrame, record 1 \(SIM12S00\): no locus; .*'locus'"):
        forensics.build_library(table, tmp_path / "built")


def test_nothing_is_not_a_library(tmp_path):
    with pytest.raises(LibraryError, match="No record can be used for a library"):
        build([], tmp_path)


def test_own_records_need_the_screening(tmp_path):
    with pytest.raises(UsageError, match="screening=True"):
        build(RECORDS[1:], tmp_path, own=RECORDS[:1], screening=False)


def test_of_an_accession_that_occurs_twice_the_own_record_is_taken(tmp_path):
    (record, sequence), shorter = RECORDS[0], RECORDS[0][1][:-10]
    built = build(RECORDS, tmp_path, own=[(record, shorter)])
    assert (record.accession, record.species, shorter) in content(built)
    assert [(row.file, row.record) for row in built.left_out] == [("ReferenceRecord", 1)]
    assert "twice" in built.left_out[0].reason and sequence != shorter


def test_every_step_is_told_by_its_name_and_to_its_end(tmp_path):
    told = {}
    build(RECORDS, tmp_path, calibration=True, progress=lambda *step: told.update({step[0]: step}))
    steps = ["screening", "screening of names", "index", "calibration"]
    assert list(told) == ["reading", *(f"{LOCUS}: {step}" for step in steps)]
    assert all(0 < done == total for _step, done, total in told.values())


def test_what_is_near_is_searched_once(tmp_path, monkeypatch):
    def again(*_arguments, **_options):
        raise AssertionError("the screening knows it")

    monkeypatch.setattr("forensics.barcode.reference.relations.all_neighbours", again)
    records = reference_records()
    assert forensics.build_library(records, tmp_path / "library").screening.neighbours
