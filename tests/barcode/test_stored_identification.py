"""Identifications are stored as they were and read back: golden records, written before notices were typed."""

import json

import pytest

import forensics
from forensics.barcode.calling.combine import Combination, combine
from forensics.barcode.identification import Identification
from forensics.core.notice import Notice, Severity
from forensics.custody.findings import canonical_value
from forensics.errors import InputError, UsageError
from forensics.io.files import folder
from forensics.messages import speak


def read(record):
    return (Combination if "combined" in record else Identification).from_stored(record)


@pytest.fixture
def golden(root):
    lines = (root / "tests/golden/identifications.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    yield [(each["language"], each["case"], each["result"]) for each in records]
    speak("en")


def test_what_was_stored_is_stored_again_without_a_difference(golden):
    for language, case, record in golden:
        speak(language)
        result = read(record)
        assert result.to_dict() == record, case
        assert list(result.to_dict()) == list(record), case
        assert not result.written.values, case
    assert len(golden) >= 90
    codes = {w["code"] for _l, _c, r in golden for w in r.get("combined", r)["warnings"]}
    assert len(codes) >= 45


def test_a_record_of_the_ledger_is_read_with_its_numbers(golden):
    for language, case, record in golden:
        speak(language)
        stored = canonical_value(record)
        result = read(stored)
        assert canonical_value(result.to_dict()) == stored, case
        assert result.lines() == read(record).lines(), case


def test_a_record_in_another_language_is_stored_as_it_was(golden):
    with_reasons = 0
    for language, case, record in golden:
        speak("fr" if language == "en" else "en")
        result = read(record)
        assert result.to_dict() == record, case
        differing = {key for key, _value in result.written.values}
        assert differing <= {"reasons"}, case
        with_reasons += bool(differing)
    assert with_reasons


def test_a_key_of_a_later_version_is_kept(golden):
    record = {**golden[0][2], "seasons": [1, 2]}
    assert Identification.from_stored(record).to_dict() == record


def test_a_line_of_json_is_read_back(golden):
    for _language, case, record in golden:
        result = read(record)
        assert type(result).from_json(result.to_json()).to_dict() == record, case


def test_notices_have_the_severity_of_their_kind_and_the_sentence_that_was_written(golden):
    notices = {}
    for _language, _case, record in golden:
        result = read(record)
        for notice, stored in zip(result.notices, record.get("combined", record)["warnings"]):
            assert isinstance(notice, Notice) and notice.to_dict() == stored
            notices[notice.code] = notice
    assert notices["CHIMERA"].severity is Severity.BLOCKS
    assert notices["DEMONSTRATION_LIBRARY"].severity is Severity.CONTEXT
    assert notices["SIMULATED_DOUBT"].severity is Severity.LIMITS  # a code that nobody knows


@pytest.mark.parametrize(
    ("key", "value", "place"),
    [
        ("status", "certain", "status is 'certain'"),
        ("index", "first", "index is 'first'"),
        ("warnings", None, "warnings is None"),
        ("candidates", [{"species": "Sus scrofa"}], "candidates.0.identity is missing"),
    ],
)
def test_a_wrong_value_is_named_with_its_place(golden, key, value, place):
    with pytest.raises(InputError, match=place):
        Identification.from_stored({**golden[0][2], key: value})


@pytest.mark.parametrize("text", ["", "[1]", "3", "{}"])
def test_what_is_not_a_result_is_refused(text):
    for kind in (Identification, Combination):
        with pytest.raises(InputError):
            kind.from_json(text)


@pytest.fixture(scope="module")
def results():
    place = folder("reference_sequences") / "demonstration" / "exhibits.fasta"
    return forensics.identify(place, reasons=True)


def test_a_result_that_was_read_back_shows_what_it_showed(results):
    for result in results:
        again = Identification.from_json(result.to_json())
        assert again.to_dict() == result.to_dict()
        assert again.to_row() == result.to_row()
        assert again.headline() == result.headline() and again.codes == result.codes
        assert again.proved_to == pytest.approx(result.proved_to, abs=1e-12)
        lengths = [each.length for each in again.candidates if each.length is not None]
        assert lengths == [
            each.length
            for each, stored in zip(result.candidates, again.candidates)
            if stored.length is not None
        ]
        assert again.lines() == result.lines()


def test_the_listing_of_a_species_is_the_one_that_was_recorded(results):
    skin = next(result for result in results if result.taxon == "Panthera pardus")
    record = json.loads(skin.to_json())
    record["listing_of_call"]["appendices"] = ["III"]
    text = dict(Identification.from_stored(record).lines())["CITES listing"]
    assert text.startswith("Panthera pardus: Appendix III ")


def test_results_that_were_read_back_are_not_combined(results):
    again = Identification.from_json(results[0].to_json())
    with pytest.raises(UsageError, match="read back"):
        combine([again])


def test_the_rest_of_the_header_is_read_back(tmp_path):
    path = tmp_path / "query.fasta"
    path.write_text(f">exhibit 7, horn of a stall\n{'ACGT' * 8}\n", encoding="utf-8")
    (result,) = forensics.identify(path)
    again = Identification.from_json(result.to_json())
    assert again.description == result.description == "7, horn of a stall"
    assert again.to_json() == result.to_json()
    assert not again.written.values
