"""Real reference files of packages, where the test machine has them unpacked.

``FORENSICS_FORMAT_FILES`` names a folder with Debian's r-bioc-dada2, python-biopython-doc and
emboss-test (``apt-get download NAME; dpkg -x NAME.deb FOLDER``) and the source packages of
thapbi_pict 1.0.24 and barcode_validator 2.0.10 from PyPI. MIDORI2, MitoFish, UNITE, the RDP
classifier, QIIME, BOLD's tables and Geneious have none in a registry: test_formats.py has made ones.
"""

import os
from pathlib import Path

import pytest

from forensics.barcode.reference.references import Noted, read_references


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


def test_genbank_flat_file(unpacked):
    records, left_out = read_references([unpacked("ls_orchid.gbk")], locus="ITS")
    assert (len(records), len(left_out)) == (91, 3)
    assert records[0][0].species == "Cypripedium irapeanum"


def test_old_genbank_fasta_has_abbreviated_genera(unpacked):
    records, left_out = read_references([unpacked("ls_orchid.fasta")], locus="ITS")
    assert (records, len(left_out)) == ([], 94)
    assert left_out[0].accession == "Z78533.1"
    assert all("abbreviated" in left.reason for left in left_out)


def test_dada2_for_taxonomy(unpacked):
    records, left_out = read_references([unpacked("example_train_set.fa.gz")], locus="16S")
    assert len(records) + len(left_out) == 100
    assert (records[0][0].name, records[0][0].family) == ("Mycobacterium", "Mycobacteriaceae")
    assert all("no genus" in left.reason for left in left_out)


def test_dada2_for_species(unpacked):
    records, _left_out = read_references(
        [unpacked("example_species_assignment.fa.gz")], locus="16S"
    )
    assert len(records) == 14
    first = records[0][0]
    assert (first.accession, first.species) == ("S003281126", "Rhodococcus erythropolis")


def test_sintax(unpacked):
    records, _left_out = read_references([unpacked("ten_16s.100.fa.gz")], locus="16S")
    assert len(records) > 3900
    assert records[0][0].family == "Chitinophagaceae"


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
