"""The listings of candidates: of each, the one that all share, and a line for people."""

from types import SimpleNamespace

import pytest

from forensics.barcode.identification import common_listing, listing_of_call, listings_of

DAY = "2023-12-01"


def candidates(*names):
    return [SimpleNamespace(species=name, genus=name.split()[0], family=family)
            for name, family in names]  # fmt: skip


PYTHONS = candidates(("Python regius", "Pythonidae"), ("Python sebae", "Pythonidae"))
PANGOLINS = candidates(("Manis javanica", "Manidae"), ("Manis pentadactyla", "Manidae"))
OWLS = candidates(("Strix aluco", "Strigidae"), ("Heteroglaux blewitti", "Strigidae"))
CATS = candidates(("Panthera leo", "Felidae"))
ELEPHANTS = candidates(
    ("Mammuthus primigenius", "Elephantidae"), ("Loxodonta africana", "Elephantidae")
)
BEES = candidates(("Bombus lucorum", "Apidae"), ("Bombus terrestris", "Apidae"))


def call(rank=None, taxon=None):
    return SimpleNamespace(rank=rank, taxon=taxon)


def test_every_candidate_has_its_entry_in_its_order():
    found = listings_of(PANGOLINS, DAY)
    assert [(one["species"], one["appendix"]) for one in found] == [
        ("Manis javanica", "I"),
        ("Manis pentadactyla", "I"),
    ]
    assert all(one["as_of"] == "2023-11-25" for one in found)
    assert {one["appendix"] for one in listings_of(BEES, DAY)} == {"no listing found"}


def test_the_day_decides():
    before, after = (listings_of(PANGOLINS[:1], day)[0]["appendix"]
                     for day in ("2016-12-31", "2017-01-02"))  # fmt: skip
    assert (before, after) == ("II", "I")


@pytest.mark.parametrize("called, found, appendix", [
    (call("genus", "Manis"), PANGOLINS, "I"),
    (call(), PANGOLINS, "I"),
    (call("species", "Python regius"), PYTHONS, "II"),
    (call("genus", "Python"), PYTHONS, None),  # Python molurus is in I, and may be meant
    (call("family", "Strigidae"), OWLS, None),
    (call("species", "Panthera leo"), CATS, None),  # Asian lions are in I, African ones in II
    (call("species", "Bombus lucorum"), BEES, None),
    (call(), [], None),
])  # fmt: skip
def test_what_all_share_is_told_and_nothing_else(called, found, appendix):
    common = common_listing(called, found, DAY)
    assert (common and common["appendix"]) == appendix
    if common:
        assert set(common) == {"species", "appendix", "taxon", "as_of", "annotation"}


@pytest.mark.parametrize("called, found, text", [
    (call("species", "Manis javanica"), PANGOLINS,
     "Manis javanica: Appendix I (Appendices of 2023-11-25)"),
    (call("genus", "Manis"), PANGOLINS, "Manis: Appendix I (Appendices of 2023-11-25)"),
    (call("species", "Panthera leo"), CATS,
     "Panthera leo: Appendix I or Appendix II (Appendices of 2023-11-25); which one: forensics listing"),
    (call(), OWLS, "the candidates: Appendix I or Appendix II (Appendices of 2023-11-25); "
                   "which one: forensics listing"),
    (call("family", "Apidae"), BEES,
     "Apidae: not known or no listing found (Appendices of 2023-11-25); which one: forensics listing"),
    # The table does not know what is of this family, and two of its three living species are listed.
    (call("family", "Elephantidae"), ELEPHANTS,
     "Elephantidae: Appendix I or Appendix II or not known or no listing found (Appendices of "
     "2023-11-25); which one: forensics listing"),
    (call("genus", "Guaruba"), candidates(("Guaruba guarouba", "Psittacidae")),
     "Guaruba: Appendix I or Appendix II (Appendices of 2023-11-25); which one: forensics listing"),
    (call("family", "Felidae"), CATS,
     "Felidae: Appendix I or Appendix II or no listing found (Appendices of 2023-11-25); which one: "
     "forensics listing"),
    (call("species", "Bombus lucorum"), BEES,
     "Bombus lucorum: no listing found (Appendices of 2023-11-25); it may be protected all the same"),
])  # fmt: skip
def test_the_line_names_what_it_is_about_and_the_day(called, found, text):
    assert listing_of_call(called, found, DAY).line() == text
