from forensics.barcode.reference.names import Renamed, rename
from forensics.barcode.reference.records import ReferenceRecord, tsv_of
from forensics.taxonomy.synonyms import Synonyms

TABLE = Synonyms(
    {"Vetus albus": "Fictus albus", "Fictus albus minor": "Fictus minor"},
    {"Vetus albus": "list 1"},
)


def records(*names):
    return [
        (ReferenceRecord.named(f"A{i}", name, locus="COI"), "A") for i, name in enumerate(names)
    ]


def test_species_and_genus_are_accepted_and_the_deposited_name_stays():
    renamed, changes = rename(records("Vetus albus", "Fictus albus minor", "Fictus albus"), TABLE)
    assert [(r.name, r.species, r.genus) for r, _s in renamed] == [
        ("Vetus albus", "Fictus albus", "Fictus"),
        ("Fictus albus minor", "Fictus minor", "Fictus"),
        ("Fictus albus", "Fictus albus", "Fictus"),
    ]
    assert [(c.accession, c.synonym, c.accepted, c.source) for c in changes] == [
        ("A0", "Vetus albus", "Fictus albus", "list 1"),
        ("A1", "Fictus albus minor", "Fictus minor", ""),
    ]
    assert tsv_of(Renamed, changes).splitlines()[1] == (
        "A0\tCOI\tVetus albus\tVetus albus\tFictus albus\tlist 1"
    )


def test_what_was_renamed_holds_no_formulas_for_a_spreadsheet():
    change = Renamed("=1+1", "COI", "@A1", "Vetus albus", "Fictus albus", "a\tb")
    assert tsv_of(Renamed, [change]).splitlines() == [
        "accession\tlocus\tname\tsynonym\taccepted\tsource",
        "'=1+1\tCOI\t'@A1\tVetus albus\tFictus albus\ta b",
    ]


def test_open_names_and_hybrids_are_not_identified_further():
    given = records("Vetus sp.", "Vetus cf. albus", "Vetus albus x niger")
    assert rename(given, TABLE) == (given, [])


def test_a_species_given_beside_the_name_is_reconciled():
    record = ReferenceRecord("A1", "voucher 12", species="Vetus albus", genus="Vetus")
    ((renamed, _sequence),), (change,) = rename([(record, "A")], TABLE)
    assert (renamed.name, renamed.species) == ("voucher 12", "Fictus albus")
    assert change.name == "voucher 12"
