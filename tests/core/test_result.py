"""Results are stored as they were and read back: golden records, written before results were typed."""

import json

import pytest

from forensics.age.results import Age, MethylationAge, RadiocarbonAge
from forensics.barcode.mixture.results import Mixture
from forensics.custody.findings import canonical_value
from forensics.errors import InputError
from forensics.messages import speak
from forensics.origin.results import STATUSES
from forensics.stored_results import read_result

READERS = {
    "age": Age.from_stored,
    "individual": read_result,
    "captive": read_result,
    "origin": read_result,
    "mixture": Mixture.from_stored,
}
"""Of each golden file what reads its records."""

WORDS = {"result", "statement", "explanation"}
"""Keys of what is said in words."""


NO_NUMBERS = {
    *((kind, "none_of_the_reference") for kind in ("populations", "classifier")),
    *(("hybrids", status) for status in STATUSES),
}
"""Kind and status of origins whose explanation follows from what is stored."""


def keys_otherwise(record):
    """Return the keys that a record has otherwise than results of now, in its own language.

    The explanation of an origin names how many loci and sites the model has, and how far a value is from
    the best place: these numbers are not stored.
    """
    if "kind" in record and (record["kind"], record["status"]) not in NO_NUMBERS:
        return {"explanation"}
    return set()


def records(root):
    for path in sorted((root / "tests" / "golden" / "results").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            yield READERS[path.stem], record["language"], record["case"], record["result"]


@pytest.fixture
def english():
    yield
    speak("en")


def test_every_golden_file_has_its_class(root):
    assert {path.stem for path in (root / "tests/golden/results").iterdir()} == set(READERS)


def test_what_was_stored_is_stored_again_without_a_difference(root, english):
    count = 0
    for read, language, case, record in records(root):
        speak(language)
        found = read(record)
        assert found.to_dict() == record, case
        assert list(found.to_dict()) == list(record), case
        # Not because the record was kept: what is computed now is what was written.
        differs = {key for key, _value in found.written.values}
        assert differs == keys_otherwise(record), case
        count += 1
    assert count >= 200


def test_a_record_in_another_language_is_stored_as_it_was_and_shown_in_that_of_the_reader(
    root, english
):
    for read, language, case, record in records(root):
        speak("fr" if language == "en" else "en")
        found = read(record)
        assert found.to_dict() == record, case
        assert found.headline() != record.get("result", record.get("statement")), case
        assert {key for key, _value in found.written.values} >= WORDS & set(record)


def test_a_record_of_the_ledger_is_read_with_its_numbers(root, english):
    for read, language, case, record in records(root):
        speak(language)
        held = canonical_value(record)
        found = read(held)
        assert canonical_value(found.to_dict()) == held, case
        # Parameters stay as they are: which of them is a number is known to the method alone.
        assert {key for key, _value in found.written.values} <= keys_otherwise(record), case


def test_a_line_of_json_is_read_back(root):
    for read, _language, case, record in records(root):
        found = read(record)
        assert type(found).from_json(found.to_json()).to_dict() == record, case


def test_the_method_of_an_age_says_what_it_is(root):
    classes = {case: type(read(record)) for read, _language, case, record in records(root)}
    assert classes["two_times"] is RadiocarbonAge and classes["clock_trained"] is MethylationAge


@pytest.mark.parametrize("text", ["", "[1]", "3", '{"method": "tree rings"}'])
def test_what_is_no_result_is_refused(text):
    with pytest.raises(InputError):
        Age.from_json(text)


def test_a_key_of_a_later_version_is_kept(root):
    (record,) = [
        r for _c, language, case, r in records(root) if (language, case) == ("en", "series")
    ]
    later = {**record, "seasons": [1, 2]}
    assert Age.from_stored(later).to_dict() == later


def test_notices_are_warnings_too(root):
    (record,) = [
        r
        for _c, language, case, r in records(root)
        if (language, case) == ("en", "clock_published")
    ]
    found = Age.from_stored(record)
    assert found.warnings == found.notices and found.codes == {
        "BEYOND_LIFESPAN",
        "NO_INTERVAL",
        "SITES_MISSING",
    }
    assert ("Note", record["warnings"][0]["message"]) in found.lines()
    assert "<table>" in found._repr_html_()
