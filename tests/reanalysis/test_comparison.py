"""A past finding is computed again from the ledger, and what differs is named."""

from dataclasses import replace
from datetime import date

import pytest
from training_case import FINDING, Altered

import forensics
from forensics.errors import UsageError, VerificationError
from forensics.notices import search
from forensics.reanalysis.comparison import differences, reproduce
from forensics.reanalysis.recorded import CannotRecompute, Computed
from forensics.taxonomy import names
from forensics.taxonomy.listings import read_official


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
    def another(result):
        return replace(result, length=result.length - 1, strand="-")

    found = again(ledger, embedded, another)
    assert not found.same
    assert found.differences == (("length", 1554, 1553), ("strand", "+", "-"))
    assert found.to_dict()["differences"]


@pytest.mark.parametrize(
    ("recorded", "computed", "same"),
    [
        ("0.123456789012", "0.123456789013", True),
        ("0.1234567", "0.1234569", False),
        ("0.0", "0.001", False),
        ("0.0", "1e-300", False),
        ("1e-40", "7.8e-20", False),
        ("7.800000000001e-20", "7.8e-20", True),
        ("1_0.0", "10.0", False),
        (1, "1.0", True),
        (3, "3.5", False),
        ("3", "3.0", False),
        (True, "1.0", False),
        (10**400, "1.0", False),
        ("0.5", None, False),
    ],
)
def test_the_last_digits_of_a_number_are_no_difference(recorded, computed, same):
    """Other processors give other ones; what is said in words and what is counted must be equal."""
    computed = Computed(computed) if isinstance(computed, str) else computed
    assert (not [*differences({"p": recorded}, {"p": computed})]) == same


def test_counts_names_and_codes_are_the_same_exactly():
    for recorded, computed in ((12, 13), ("match", "no_match"), ("10000003", "10000010")):
        assert [*differences({"p": recorded}, {"p": computed})] == [("p", recorded, computed)]


def test_another_version_is_told_apart_from_another_result(ledger, embedded):
    def newer(result):
        return replace(result, provenance=replace(result.provenance, version="9.9"))

    found = again(ledger, embedded, newer)
    assert found.same and found.environment == (("version", forensics.__version__, "9.9"),)


def test_where_parameters_came_from_is_not_what_a_result_is_held_against(ledger, embedded):
    """A result made with a file of settings is computed again without it, and the other way round."""
    used = {
        "confidence": {"value": 0.95, "of": "user", "file": "settings.toml", "sha256": "0" * 64}
    }

    def with_settings(result):
        return replace(result, provenance=replace(result.provenance, settings=used))

    found = again(ledger, embedded, with_settings)
    assert found.same and found.differences == found.environment == ()


def test_another_official_list_of_appendices_is_another_environment(ledger, embedded, tmp_path):
    path = tmp_path / "history.csv"
    path.write_text(
        "FullName,RankName,Appendix,PartyIsoCode,ChangeType,EffectiveAt,IsCurrent\n"
        "Manis temminckii,SPECIES,III,GH,ADDITION,01/01/2000,true\n"
    )
    official = read_official(path, as_of=date(2999, 1, 1))

    def listed(*arguments, **options):
        return forensics.identify(*arguments, law=official, **options)

    found = reproduce(ledger, FINDING, [embedded], listed)
    assert found.same
    told = {place.partition(".")[0] for place, _before, _now in found.environment}
    assert told == {"listings", "listing_of_call", "parameters"}


def test_words_in_another_language_are_no_difference(ledger, embedded):
    def french(result):
        warnings = tuple(notice.kind.worded("autrement dit") for notice in result.warnings)
        return replace(result, warnings=warnings)

    assert again(ledger, embedded, french).same


def test_what_cannot_be_computed_again_is_told(ledger, embedded, library):
    with pytest.raises(UsageError, match="is not a finding"):
        reproduce(ledger, 3, [embedded], forensics.identify)
    with pytest.raises(CannotRecompute, match="Give it with --library"):
        reproduce(ledger, FINDING, [library], forensics.identify)
    for file in ledger.files.iterdir():
        file.unlink()
    with pytest.raises(CannotRecompute, match="missing beside the ledger"):
        reproduce(ledger, FINDING, [embedded], forensics.identify)


@pytest.mark.parametrize("picture", [False, True])
def test_an_attachment_that_is_another_file_fails_the_verification(ledger, embedded, picture):
    attached = ledger.event(FINDING).fields["attachments"]
    entry = next(one for one in attached if one["media_type"].startswith("image/") == picture)
    with open(ledger.files / entry["sha256"], "ab") as stream:
        stream.write(b" ")
    with pytest.raises(VerificationError, match=entry["name"]) as caught:
        reproduce(ledger, FINDING, [embedded], forensics.identify)
    assert caught.value.exit_code == 4 and isinstance(caught.value, CannotRecompute)


def test_another_table_of_listings_is_told_apart_from_another_result(ledger, embedded, monkeypatch):
    monkeypatch.setattr("forensics.barcode.identification.listings_of", lambda *_a: [])
    found = again(ledger, embedded)
    assert found.same and [place for place, *_values in found.environment] == ["listings"]


def test_library_and_input_of_an_identification_are_compared(ledger, embedded):
    def forged(change):
        event = ledger.event(FINDING)
        change(event.fields)
        found = again(Altered(ledger, event), embedded)
        return {place for place, _before, _now in found.differences}

    assert forged(lambda f: f["provenance"]["library"].update(name="BOLD", version="2027")) == {
        "library.name", "library.version",
    }  # fmt: skip
    assert forged(lambda f: f["provenance"]["library"].update(sha256="ab" * 32)) == {
        "library.sha256"
    }
    assert forged(lambda f: f["provenance"]["input"].update(file="seal.fasta")) == {"input.file"}


def test_a_warning_of_the_run_is_no_difference(ledger, embedded):
    def without(result):
        built = search.INDEX_BUILT_IN_MEMORY.worded("…")
        kept = tuple(notice for notice in result.warnings if notice.code != built.code)
        return replace(
            result, warnings=kept if len(kept) < len(result.warnings) else (*kept, built)
        )

    found = again(ledger, embedded, without)
    assert found.same and "…" not in found.noted


def test_another_warning_is_a_difference(ledger, embedded):
    def another(result):
        return replace(result, warnings=result.warnings[1:])

    assert [place for place, *_both in again(ledger, embedded, another).differences] == ["warnings"]


def test_an_identification_from_which_the_warnings_were_taken_differs(ledger, embedded):
    event = ledger.event(FINDING)
    event.fields["result"].pop("warnings")
    found = again(Altered(ledger, event), embedded)
    assert [place for place, *_both in found.differences] == ["warnings"] and not found.same


def test_packaged_tables_that_were_changed_are_refused(ledger, embedded, tmp_path, monkeypatch):
    changed = tmp_path / "lineages.tsv"
    changed.write_bytes(names.TABLE.read_bytes() + b"\n")
    monkeypatch.setattr(names, "TABLE", changed)
    with pytest.raises(VerificationError, match="lineages"):
        again(ledger, embedded)


def test_other_packaged_tables_are_told_apart_from_another_result(ledger, embedded, monkeypatch):
    monkeypatch.setattr(
        "forensics.barcode.examination.packaged_tables", lambda: {"listings": "ab" * 32}
    )
    found = again(ledger, embedded)
    assert found.same and {place.split(".")[0] for place, *_both in found.environment} == {"tables"}
