import gzip
import json
import random
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from simulation import SPECIES, far_sequence, query

from forensics.barcode.identification import (
    CSV_COLUMNS,
    Identification,
    ListingContext,
    listing_of_call,
    listings_of,
)
from forensics.barcode.reference.building import build_library
from forensics.barcode.reference.records import ReferenceRecord
from forensics.barcode.run import Identifications
from forensics.errors import UsageError
from forensics.examination import identify
from forensics.io.files import folder

KEYS = [
    "query", "index", "length", "locus", "strand", "status", "rank", "taxon", "probability",
    "probabilities", "candidates", "closest_other_species", "search_exhaustive", "floor",
    "listings", "listing_of_call", "warnings", "provenance",
    "reasons", "criteria", "locus_recognised",
]  # fmt: skip


def _human_barcode():
    path = folder("reference_sequences") / "contaminants" / "human_mitogenome.fasta.gz"
    with gzip.open(path, "rt", encoding="ascii") as handle:
        return "".join(handle.read().splitlines()[1:])[5903:6561]


@pytest.fixture(scope="module")
def results(library):
    text = (
        f">known\n{query()}\n>unknown\n{far_sequence()}\n>protein\nMTNIRKTHPLLKIINDAFIDL\n"
        f">between\n{query(SPECIES[1], substitutions=40)}\n"
    )
    return identify(text, library=library)


def test_json_has_the_documented_keys_in_their_order(results):
    for result in results:
        found = json.loads(result.to_json())
        assert list(found) == KEYS
        for candidate in found["candidates"]:
            assert list(candidate) == [
                "species", "identity", "coverage", "mismatches", "accession", "records",
                "probability",
            ]  # fmt: skip
            assert 0 <= candidate["identity"] <= 1
        if found["closest_other_species"]:
            assert list(found["closest_other_species"]) == ["species", "identity", "accession"]
        for listing in found["listings"]:
            assert list(listing) == ["species", "appendix", "taxon", "as_of", "annotation"]
        assert [listing["species"] for listing in found["listings"]] == [
            candidate["species"] for candidate in found["candidates"]
        ]
        for warning in found["warnings"]:
            assert list(warning) == ["code", "message"]
        assert list(found["provenance"]) == [
            "software", "version", "library", "parameters", "input", "time", "dependencies", "tables",
        ]  # fmt: skip


def test_the_rest_of_the_header_stands_in_json_and_rows_and_is_read_back(library):
    (result,) = identify(f">a horn 7\n{query()}\n", library=library)
    assert list(result.to_dict()) == [*KEYS, "description"]
    assert result.to_dict()["description"] == result.to_row()["description"] == "horn 7"
    again = type(result).from_json(result.to_json())
    assert again.description == "horn 7" and again.to_dict() == result.to_dict()


def test_the_rest_of_a_header_goes_no_further_where_the_sequence_is_of_a_person(library):
    (result,) = identify(f">a of Jane Roe\n{_human_barcode()}\n", library=library)
    assert result.status == "unusable" and "description" not in result.to_dict()


def test_json_is_one_line_a_query(results):
    lines = results.to_json().splitlines()
    assert [json.loads(line)["query"] for line in lines] == [r.query for r in results]
    assert results.to_json().endswith("\n")


def test_every_status_says_what_it_is_and_what_to_do(results):
    known, unknown, protein, between = results
    assert (known.status, known.rank, known.taxon) == ("identified", "species", SPECIES[0])
    assert (unknown.status, unknown.rank, unknown.taxon) == ("nothing_near", None, None)
    assert (protein.status, protein.rank, protein.taxon) == ("unusable", None, None)
    assert between.status in ("inconclusive", "identified") and between.rank != "species"
    for result in (unknown, protein, between):
        assert "What to do" in dict(result.lines())
    assert SPECIES[0] in known.headline()
    assert "Closest other" in dict(known.lines())


def test_an_unusable_query_has_nothing_but_the_reason(results):
    found = results[2].to_dict()
    assert found["candidates"] == found["listings"] == []
    assert found["closest_other_species"] is None
    assert found["search_exhaustive"] is False
    assert found["warnings"][0]["code"] == "NOT_NUCLEOTIDE"


def test_listings_are_never_silent(results):
    found = [x["appendix"] for r in results for x in r.to_dict()["listings"]]
    assert found and set(found) == {"not covered"}  # today, of simulated species
    assert "it may be protected all the same" in dict(results[0].lines())["CITES listing"]


def test_the_frame_has_a_row_a_query_and_the_columns_of_csv(results):
    frame = results.to_frame()
    assert list(frame.columns) == list(CSV_COLUMNS)
    assert list(frame["query"]) == [result.query for result in results]
    assert list(frame["index"]) == [1, 2, 3, 4]
    assert frame["best_species"][0] == SPECIES[0]
    assert frame["accession"][0] == results[0].candidates[0].accession
    assert "NOT_NUCLEOTIDE" in frame["warnings"][2]
    assert list(Identifications([]).to_frame().columns) == list(CSV_COLUMNS)


HOSTILE = "<script>alert('x')</script>"


def test_html_escapes_what_strangers_wrote(results):
    result = results[0]
    best = replace(result.candidates[0], species=HOSTILE, accession=HOSTILE)
    hostile = replace(
        result, query=HOSTILE, call=result.call._replace(taxon=HOSTILE), candidates=(best,)
    )
    html = Identifications([hostile, results[1]])._repr_html_()
    assert "<script" not in html
    assert html.count("&lt;script&gt;") >= 4
    assert html.count("<table>") == html.count("</table>") == 2


def test_results_are_a_sequence(results):
    assert len(results) == 4
    assert [result.query for result in results[1:3]] == ["unknown", "protein"]
    assert isinstance(results[1:3], Identifications)
    assert results[-1].query == "between"
    assert repr(results).splitlines()[0].startswith("known: ")


# -- The listings of candidates: of each, and of what was called in a line for people


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
    found = listings_of(PANGOLINS, ListingContext(DAY))
    assert [(one["species"], one["appendix"]) for one in found] == [
        ("Manis javanica", "I"),
        ("Manis pentadactyla", "I"),
    ]
    assert all(one["as_of"] == "2023-11-25" for one in found)
    assert {one["appendix"] for one in listings_of(BEES, ListingContext(DAY))} == {"not covered"}


def test_kind_and_population_decide_where_they_are_given():
    lion, elephant = CATS[0], ELEPHANTS[1]
    assert listings_of([lion], ListingContext(DAY))[0]["appendix"] == "I/II"
    assert listings_of([lion], ListingContext(DAY, population="India"))[0]["appendix"] == "I"
    assert listings_of([elephant], ListingContext(DAY))[0]["appendix"].startswith("I/II")
    assert (
        listings_of([elephant], ListingContext(DAY, None, "tusks", "Kenya"))[0]["appendix"] == "I"
    )


def test_the_specimen_is_asked_about_recorded_and_checked(library):
    (result,) = identify(query(), library=library, kind="tusks", population="Kenya")
    parameters = result.to_dict()["provenance"]["parameters"]
    assert (parameters["kind"], parameters["population"]) == ("tusks", "Kenya")
    assert result._asked[2:] == ("tusks", "Kenya")
    assert "kind" not in identify(query(), library=library)[0].provenance.parameters
    for wrong in ({"kind": "no such thing"}, {"population": "Nowhere"}):
        with pytest.raises(UsageError):
            identify(query(), library=library, **wrong)


def test_the_day_decides():
    before, after = (listings_of(PANGOLINS[:1], ListingContext(day))[0]["appendix"]
                     for day in ("2016-12-31", "2017-01-02"))  # fmt: skip
    assert (before, after) == ("II", "I")


@pytest.mark.parametrize("called, found, text", [
    (call("species", "Manis javanica"), PANGOLINS,
     "Manis javanica: Appendix I (Appendices of 2023-11-25)"),
    (call("genus", "Manis"), PANGOLINS, "Manis: Appendix I (Appendices of 2023-11-25)"),
    (call("species", "Panthera leo"), CATS,
     "Panthera leo: Appendix I or Appendix II (Appendices of 2023-11-25); which one: forensics listing"),
    (call(), OWLS, "the candidates: Appendix I or Appendix II (Appendices of 2023-11-25); "
                   "which one: forensics listing"),
    (call("family", "Apidae"), BEES,
     "Apidae: not covered (Appendices of 2023-11-25); it may be protected all the same"),
    # The table does not know what is of this family, and two of its three living species are listed.
    (call("family", "Elephantidae"), ELEPHANTS,
     "Elephantidae: Appendix I or Appendix II or not covered (Appendices of "
     "2023-11-25); which one: forensics listing"),
    (call("genus", "Guaruba"), candidates(("Guaruba guarouba", "Psittacidae")),
     "Guaruba: Appendix I or Appendix II (Appendices of 2023-11-25); which one: forensics listing"),
    # Python molurus is in I, and may be meant.
    (call("genus", "Python"), PYTHONS,
     "Python: Appendix I or Appendix II (Appendices of 2023-11-25); which one: forensics listing"),
    (call("family", "Felidae"), CATS,
     "Felidae: Appendix I or Appendix II or no listing found (Appendices of 2023-11-25); which one: "
     "forensics listing"),
    (call("species", "Bombus lucorum"), BEES,
     "Bombus lucorum: not covered (Appendices of 2023-11-25); it may be protected all the same"),
])  # fmt: skip
def test_the_line_names_what_it_is_about_and_the_day(called, found, text):
    assert listing_of_call(called, found, ListingContext(DAY)).line() == text


def test_table_row_and_record_say_one_listing(results):
    candidate = replace(results[0].candidates[0], species="Acipenser gueldenstaedtii",
                        genus="Acipenser", family="Acipenseridae")  # fmt: skip
    called = results[0].call._replace(rank="genus", taxon="Acipenser")
    result = replace(results[0], call=called, candidates=(candidate,))
    read = Identification.from_json(result.to_json())
    said = {of.to_row()["listing"] for of in (result, read)} | {
        dict(of.lines())["CITES listing"] for of in (result, read)
    }
    # The candidate is in II; other sturgeons of the genus, which may be meant, are in I.
    assert said == {
        "Acipenser: Appendix I or Appendix II (Appendices of 2023-11-25); which one: forensics listing"
    }
    assert read == result


# -- The deposited name stays beside the accepted one wherever a candidate is shown


_SEQUENCE = "".join(random.Random(5).choices("ACGT", k=600))
_OTHER = "".join(random.Random(6).choices("ACGT", k=600))


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Identification:
    records = [
        (ReferenceRecord.named("A1", "Puffinus bulleri", locus="COI"), _SEQUENCE),
        (ReferenceRecord.named("A2", "Panthera tigris altaica", locus="COI"), _OTHER),
    ]
    folder: Path = tmp_path_factory.mktemp("library") / "library"
    library = build_library(records, folder, screening=False, calibration=False).library
    return identify(f">q\n{_SEQUENCE}\n", library=library)[0]


def test_what_was_deposited_stands_beside_what_was_accepted(result: Identification) -> None:
    candidate = json.loads(result.to_json())["candidates"][0]
    assert (candidate["species"], candidate["deposited"]) == ("Ardenna bulleri", "Puffinus bulleri")
    row = result.to_row()
    assert (row["best_species"], row["deposited"]) == ("Ardenna bulleri", "Puffinus bulleri")
    best = dict(result.lines())["Best match"]
    assert best.startswith("Ardenna bulleri (deposited as Puffinus bulleri), ")
    assert result.taxon == "Ardenna bulleri"
    read = Identification.from_json(result.to_json())
    assert read == result and read.candidates[0].deposited == "Puffinus bulleri"


def test_a_subspecies_and_an_accepted_name_were_deposited_as_they_are() -> None:
    assert ReferenceRecord.named("A2", "Panthera tigris altaica").deposited == ""
    assert ReferenceRecord.named("A3", "Ardenna bulleri").deposited == ""
    assert ReferenceRecord.named("A4", "Ardenna sp.").deposited == ""


def test_the_library_says_what_was_renamed_and_why(result: Identification, tmp_path: Path) -> None:
    records = [(ReferenceRecord.named("A1", "Puffinus bulleri", locus="COI"), _SEQUENCE)]
    build = build_library(records, tmp_path / "library", screening=False, calibration=False)
    assert [(c.name, c.accepted) for c in build.renamed or ()] == [
        ("Puffinus bulleri", "Ardenna bulleri")
    ]
    assert "NCBI Taxonomy" in (tmp_path / "library" / "renamed.tsv").read_text(encoding="utf-8")
    kept = build_library(
        records, tmp_path / "other", screening=False, calibration=False, reconcile=False
    )
    assert kept.species == {"Puffinus bulleri"}
    assert kept.renamed is None
    assert kept.library.backbone is not None


def test_a_library_brings_its_backbone_and_verifies_it(tmp_path: Path) -> None:
    from forensics.errors import VerificationError

    records = [(ReferenceRecord.named("A1", "Puffinus bulleri", locus="COI"), _SEQUENCE)]
    library = build_library(
        records, tmp_path / "library", screening=False, calibration=False
    ).library
    library.verify()
    assert library.backbone is not None
    assert library.backbone.known_species("Ardenna") >= 6
    assert library.backbone.ranks_of("Ardenna")["class"] == "Aves"
    path = tmp_path / "library" / "backbone.tsv"
    path.write_text(
        path.read_text(encoding="utf-8").replace("bulleri", "bullerii"), encoding="utf-8"
    )
    from forensics.barcode.reference.library import open_library

    with pytest.raises(VerificationError, match=r"backbone\.tsv"):
        open_library(tmp_path / "library").verify()
