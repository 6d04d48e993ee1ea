"""A past finding is computed again from the ledger, and what differs is named."""

import pytest

import forensics
from forensics.custody.recomputing import CannotRecompute
from forensics.errors import UsageError
from forensics.report.recomputed import reproduce

FINDING = 25


def again(ledger, library, change=None):
    def identify(*arguments, **options):
        found = forensics.identify(*arguments, **options)
        return [change(one) for one in found] if change else found

    return reproduce(ledger, FINDING, [library], identify)


def test_a_finding_is_the_same_when_nothing_changed(ledger, embedded):
    found = again(ledger, embedded)
    assert found.same and found.differences == found.environment == found.not_repeated == ()
    assert (found.sample, found.kind) == ("S1", "identification")


def test_whatever_differs_is_named_with_both_values(ledger, embedded):
    from dataclasses import replace

    def another(result):
        return replace(result, length=result.length - 1, strand="-")

    found = again(ledger, embedded, another)
    assert not found.same
    assert found.differences == (("length", 658, 657), ("strand", "+", "-"))
    assert found.to_dict()["differences"]


def test_another_version_is_told_apart_from_another_result(ledger, embedded):
    from dataclasses import replace

    def newer(result):
        return replace(result, provenance=replace(result.provenance, version="9.9"))

    found = again(ledger, embedded, newer)
    assert found.same and found.environment == (("version", forensics.__version__, "9.9"),)


def test_words_in_another_language_are_no_difference(ledger, embedded):
    from dataclasses import replace

    def french(result):
        warnings = tuple(replace(w, message="autrement dit") for w in result.warnings)
        return replace(result, warnings=warnings)

    assert again(ledger, embedded, french).same


def test_what_cannot_be_computed_again_is_told(ledger, embedded, library):
    with pytest.raises(UsageError, match="is no finding"):
        reproduce(ledger, 3, [embedded], forensics.identify)
    with pytest.raises(CannotRecompute, match="give it with --library"):
        reproduce(ledger, FINDING, [library], forensics.identify)
    for file in ledger.files.iterdir():
        file.unlink()
    with pytest.raises(CannotRecompute, match="missing beside the ledger"):
        reproduce(ledger, FINDING, [embedded], forensics.identify)


def test_another_table_of_listings_is_told_apart_from_another_result(ledger, embedded, monkeypatch):
    monkeypatch.setattr("forensics.barcode.identification.listings_of", lambda *_a: [])
    found = again(ledger, embedded)
    assert found.same and [place for place, *_values in found.environment] == ["listings"]
