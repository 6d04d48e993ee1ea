import gzip
import json
from dataclasses import replace

import pytest
from simulation import SPECIES, far_sequence, query

from forensics.barcode.identification import CSV_COLUMNS
from forensics.barcode.run import Identifications
from forensics.examination import identify
from forensics.io.files import folder

KEYS = [
    "query", "index", "length", "locus", "strand", "status", "rank", "taxon", "probability",
    "probabilities", "candidates", "closest_other_species", "search_exhaustive", "floor",
    "listings", "listing_common", "warnings", "provenance",
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
    assert found and set(found) == {"no listing found"}  # of simulated species
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
        result, query=HOSTILE, call=replace(result.call, taxon=HOSTILE), candidates=(best,)
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
