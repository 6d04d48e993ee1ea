import csv
import random

import pytest
from simulation import LENGTHS, SPECIES, random_sequence

from forensics.barcode.locus import MITOCHONDRIAL, find_locus
from forensics.barcode.reference.library import open_library
from forensics.barcode.reference.panels import (
    COLUMNS,
    TRAFFICKED,
    Coverage,
    Panel,
    PanelTaxon,
    cover_library,
    packaged_panels,
    read_panel,
    summary,
)
from forensics.barcode.reference.records import ReferenceRecord
from forensics.barcode.reference.writing import write_library
from forensics.errors import InputError, UsageError
from forensics.messages import speak
from forensics.taxonomy.names import Backbone, Taxon


def record(accession, name="Fictus albus", locus="COI", **more):
    return ReferenceRecord.named(accession, name, locus=locus, **more)


def held(*records, loci=("COI",)):
    """What is said of one taxon."""
    panel = Panel("made", (PanelTaxon("Fictidae", loci),))
    return Coverage(panel, {"Fictidae": records}).rows()


def test_the_summary_counts_records_species_and_vouchers(library):
    rows = summary(library)
    assert [row["locus"] for row in rows] == sorted(LENGTHS)
    for row in rows:
        assert row["records"] == 3 * len(SPECIES) + 1
        assert row["species"] == len(SPECIES)
        assert row["vouchered"] == 3 * len(SPECIES)
        assert row["countries"] == 1


# -- what is held -----------------------------------------------------------------


def test_what_is_missing_is_said():
    first, second = held(record("A", voucher="v", institution="m"), loci=("COI", "cytb"))
    assert (first["status"], second["status"]) == ("thin", "missing")
    assert second["records"] == 0
    assert tuple(first) == COLUMNS


def test_one_record_is_thin():
    assert held(record("A", voucher="v", institution="m"))[0]["why"] == "one record"


def test_no_voucher_is_thin():
    found = held(record("A", institution="m"), record("B", institution="n"))[0]
    assert (found["status"], found["why"]) == ("thin", "no voucher")


def test_one_institution_is_thin():
    first = record("A", voucher="v", institution="m")
    found = held(first, record("B", voucher="v", institution="m"))[0]
    assert (found["status"], found["why"]) == ("thin", "one institution")
    found = held(first, record("B", institution="n"))[0]
    assert (found["status"], found["institutions"]) == ("found", 2)


def test_what_a_library_holds_is_counted_by_rank_and_synonym(library):
    panel = Panel(
        "made",
        (
            PanelTaxon("Fictus", ("COI", "cytb"), group="x"),
            PanelTaxon("Newname albus", ("COI",), ("Absentia", SPECIES[0]), group="x"),
            PanelTaxon("Absentia", ("COI", "rbcL"), group="y"),
        ),
    )
    coverage = cover_library(library, panel)
    assert coverage.missing == ("Absentia",)
    # What is held at a locus that nobody asked for is said, too.
    assert {(r["taxon"], r["locus"]): (r["records"], r["species"]) for r in coverage.rows()} == {
        ("Fictus", "COI"): (10, 3), ("Fictus", "cytb"): (0, 0), ("Fictus", "12S"): (10, 3),
        ("Newname albus", "COI"): (3, 1), ("Newname albus", "12S"): (3, 1),
        ("Absentia", "COI"): (0, 0), ("Absentia", "rbcL"): (0, 0),
    }  # fmt: skip
    # A record that counts for two taxa of a group counts once for the group.
    assert coverage.groups() == [
        {"group": "x", "taxa": 2, "held": 2, "records": {"COI": 10, "12S": 10}, "missing": []},
        {"group": "y", "taxa": 1, "held": 0, "records": {}, "missing": ["Absentia"]},
    ]
    genus, _species, absent = coverage.taxa()
    assert genus == {
        "group": "x", "taxon": "Fictus", "COI": 10, "cytb": "-", "rbcL": "", "12S": 10
    }  # fmt: skip
    assert (absent["COI"], absent["cytb"], absent["rbcL"]) == ("-", "", "-")


def test_a_name_that_the_library_replaced_by_the_accepted_one_is_found(tmp_path):
    genera = {"Fictus": (Taxon({"family": "Fictidae"}, ("albus",), 1),)}
    backbone = Backbone(genera, synonyms={"Oldname albus": "Fictus albus"})
    sequence = random_sequence(random.Random(1), 600)
    write_library(
        tmp_path / "made",
        [(record("A"), sequence)],
        name="made",
        calibrated=False,
        backbone=backbone,
    )
    panel = Panel(
        "x", (PanelTaxon("Oldname albus", ("COI",)), PanelTaxon("Fictus niger", ("COI",)))
    )
    assert cover_library(open_library(tmp_path / "made"), panel).missing == ("Fictus niger",)


# -- tables -----------------------------------------------------------------------


def write(path, *rows):
    path.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("form", ["csv", "semicolons", "tsv", "xlsx"])
def test_a_table_of_ones_own(tmp_path, form):
    rows = [
        ["Taxon", "Loci", "also", "why"],
        ["Fictus albus", "COX1, cyt b", "Fictus candidus", "x"],
        ["Fictales", "rbcL", "", ""],
    ]
    if form == "xlsx":
        from openpyxl import Workbook

        path = tmp_path / "x.xlsx"
        book = Workbook()
        for row in rows:
            book.active.append(row)
        book.save(path)
    else:
        path = tmp_path / ("x.tsv" if form == "tsv" else "x.csv")
        with path.open("w", encoding="utf-8", newline="") as handle:
            sign = {"csv": ",", "semicolons": ";", "tsv": "\t"}[form]
            csv.writer(handle, delimiter=sign).writerows(rows)
    assert read_panel(str(path)) == Panel(
        str(path),
        (
            PanelTaxon("Fictus albus", ("COI", "cytb"), ("Fictus candidus",)),
            PanelTaxon("Fictales", ("rbcL",)),
        ),
    )


def test_rows_of_one_taxon_are_put_together(tmp_path):
    path = write(
        tmp_path / "x.csv", "taxon,locus,also", "Fictus,COI,Bus", "Aus,COI,", "Fictus,CR,Cus"
    )
    fictus, _aus = read_panel(path).taxa
    assert (fictus.loci, fictus.also) == (("COI", "CR"), ("Bus", "Cus"))


@pytest.mark.parametrize(
    "rows, line, text",
    [
        (("taxon,genes", "Fictus,COI"), 1, "missing: loci"),
        (("taxon,loci", "Fictus,COI", "Aus,COI;XX"), 3, "Unknown locus 'XX'. Known loci: COI,"),
        (("taxon,loci", "Fictus,"), 2, "the column 'loci' is empty"),
        (("taxon,loci", "Fictus,;"), 2, "column 'loci': found ';'; expected names of loci, sep"),
        (("taxon,loci", ",COI"), 2, "the column 'taxon' is empty"),
        (("taxon,loci", "a[Organism],COI"), 2, "found 'a[Organism]'; expected a species such as"),
        (("taxon,loci", "loxodonta africana,COI"), 2, "found 'loxodonta africana'; expected a spe"),
        (("taxon,loci", "Dalbergia cf. nigra,COI"), 2, "expected a species such as"),
        (("taxon,loci", "Panthera pardus orientalis,COI"), 2, "expected a species such as"),
        (("taxon,loci,also", "Aus,COI,Bus;a:b"), 2, "column 'also': found 'Bus;a:b'; expected a "),
        (("taxon,loci", "Fictus,COI,more"), 2, "3 cells, but the header names 2"),
        (("taxon,loci",), None, "no row"),
    ],
)
def test_a_table_that_is_none_is_refused_with_its_line(tmp_path, rows, line, text):
    path = write(tmp_path / "x.csv", *rows)
    with pytest.raises(InputError) as found:
        read_panel(path)
    assert (found.value.source, found.value.line) == (path, line)
    assert text in str(found.value)


def test_a_panel_that_is_not_there_is_told_with_those_that_are():
    with pytest.raises(
        UsageError,
        match=r"No panel is called 'nothing'. The packaged ones are central-africa, targ",
    ):
        read_panel("nothing")


def test_a_panel_at_a_locus_has_the_taxa_that_need_it():
    panel = Panel("x", (PanelTaxon("A", ("COI", "CR")), PanelTaxon("B", ("rbcL",))))
    assert panel.at(["CR", "cytb"]).taxa == (PanelTaxon("A", ("CR",)),)
    with pytest.raises(UsageError, match="no taxon at ITS; it has COI, CR, rbcL"):
        panel.at(["ITS"])


# -- what is packaged -------------------------------------------------------------


@pytest.mark.parametrize("name", packaged_panels())
def test_packaged_panels_name_each_taxon_once_with_loci_of_its_kingdom(name):
    panel = read_panel(name)
    assert panel.name == name
    names = [name for taxon in panel.taxa for name in taxon.names]
    assert len(set(names)) == len(names)
    assert len({taxon.group for taxon in panel.taxa}) > 10
    assert all(taxon.common_name for taxon in panel.taxa)
    for taxon in panel.taxa:
        is_animal = {find_locus(locus).genome == MITOCHONDRIAL for locus in taxon.loci}
        assert len(is_animal) == 1, taxon
    with packaged_panels()[name].open(encoding="utf-8", newline="") as handle:
        assert all(row["why"] for row in csv.DictReader(handle, delimiter="\t"))


def test_the_panel_of_the_taxa_most_seized_asks_animals_and_plants_for_their_loci():
    found = {taxon.taxon: taxon for taxon in read_panel(TRAFFICKED).taxa}
    assert found["Manis javanica"].loci == ("COI", "cytb", "12S", "16S", "CR")
    assert found["Dalbergia"].loci == ("rbcL", "matK", "ITS", "trnL")
    assert found["Phataginus tricuspis"].names == ("Phataginus tricuspis", "Manis tricuspis")


def test_the_panel_of_central_africa_has_what_is_seized_there():
    panel = read_panel("central-africa")
    names = {taxon.taxon for taxon in panel.taxa}
    assert {
        "Loxodonta cyclotis", "Smutsia gigantea", "Phataginus tricuspis", "Gorilla gorilla",
        "Caracal aurata", "Psittacus erithacus", "Osteolaemus", "Kinixys", "Pterocarpus erinaceus",
        "Prunus africana", "Bos taurus",
    } <= names  # fmt: skip
    # Their rows differ in loci.
    assert len({taxon.loci for taxon in panel.taxa}) > 2


def test_the_packaged_panel_names_its_taxa_in_the_language_of_the_reader():
    english = {taxon.taxon: taxon.common_name for taxon in read_panel("central-africa").taxa}
    speak("fr")
    try:
        french = {taxon.taxon: taxon.common_name for taxon in read_panel("central-africa").taxa}
    finally:
        speak("en")
    assert english["Smutsia gigantea"] == "giant ground pangolin"
    assert french["Smutsia gigantea"] == "pangolin géant"  # of the packaged common names
    assert french["Osteolaemus"] == "crocodiles nains"  # of the panel
    assert french["Canis lupus"] == "chien"  # the panel goes first
    assert all(french.values()) and all(english.values())
    same = {taxon for taxon in french if french[taxon] == english[taxon]}
    assert same <= {"Pan paniscus", "Panthera leo", "Leptailurus serval", "Pterocarpus tinctorius",
                    "Guibourtia", "Milicia", "Entandrophragma", "Erythrophleum"}  # fmt: skip


def test_pangolins_of_three_genera_are_in_the_panel_of_central_africa():
    genera = {
        t.taxon.split()[0] for t in read_panel("central-africa").taxa if t.group == "pangolins"
    }
    assert genera == {"Smutsia", "Phataginus", "Manis"}
