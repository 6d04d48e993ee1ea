from forensics.barcode.fetching.coverage import holdings
from forensics.barcode.fetching.sources import Fetched, Piece


def piece(accession, name="Fictus albus", locus="COI", **more):
    return Piece(Fetched(accession, name, taxonomy=("Fictidae",), **more), locus, "ACGT")


def of(*pieces, loci=("COI",)):
    return holdings(pieces, [("Fictidae", frozenset({"Fictidae"}), loci)])


def test_what_is_missing_is_said():
    first, second = of(piece("A", voucher="v", institution="m"), loci=("COI", "cytb"))
    assert (first["status"], second["status"]) == ("thin", "missing")
    assert second["records"] == 0


def test_one_record_is_thin():
    assert of(piece("A", voucher="v", institution="m"))[0]["why"] == "one record"


def test_no_voucher_is_thin():
    found = of(piece("A", institution="m"), piece("B", institution="n"))[0]
    assert (found["status"], found["why"]) == ("thin", "no voucher")


def test_one_institution_is_thin_and_the_submitter_counts_where_none_is_named():
    found = of(piece("A", voucher="v", institution="m"), piece("B", institution="m"))[0]
    assert (found["status"], found["why"]) == ("thin", "one institution")
    found = of(piece("A", voucher="v", institution="m"), piece("B", submitter="n"))[0]
    assert (found["status"], found["institutions"]) == ("found", 2)


def test_species_are_counted_and_other_taxa_are_not():
    rows = holdings(
        [piece("A"), piece("B", "Fictus niger"), piece("C", "Fictus sp. 1")],
        [("Fictus niger", frozenset({"Fictus niger"}), ("COI",)),
         ("Fictidae", frozenset({"Fictidae"}), ("COI",))],
    )  # fmt: skip
    assert [(row["records"], row["species"]) for row in rows] == [(1, 1), (3, 2)]
