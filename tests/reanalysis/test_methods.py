"""Findings of every kind are computed again where the ledger keeps what is needed, or it is told why not."""

from dataclasses import replace
from types import SimpleNamespace

import every_kind
import pytest
from click.testing import CliRunner
from training_case import Altered, as_person

import forensics
from forensics.cli import main
from forensics.custody import open_ledger, record_finding
from forensics.genetics.reading import read_genotypes
from forensics.individual.frequencies import frequencies_of
from forensics.individual.network import seizure_network
from forensics.individual.options import NetworkOptions
from forensics.origin.models import open_model, packaged_models
from forensics.reanalysis import comparison
from forensics.reanalysis.comparison import reproduce
from forensics.reanalysis.recorded import CannotRecompute, Computed, result_of_sample

BY_HAND = {"network": "--seizure", "captive": "--class-column"}
BY_DEFAULT = ("populations", "places", "match", "kinship", "claim")


@pytest.fixture
def again(recorded):
    with open_ledger(recorded[0] / "laboratory.db") as ledger:

        def again(name, change=None, **more):
            event = ledger.event(recorded[1][name])
            if change:
                change(event.fields)
            more.setdefault("models", lambda: [open_model(one) for one in packaged_models()])
            return reproduce(Altered(ledger, event), event.seq, [], forensics.identify, **more)

        yield again


@pytest.mark.parametrize("name", every_kind.FORMS)
def test_a_finding_is_the_same_and_a_changed_number_is_named(again, name):
    found = again(name)
    assert found.same and not found.differences and not found.environment
    assert not found.by_default

    def change(fields):
        table, key = next(numbers(fields["result"]))
        table[key] = "0.123"

    changed = again(name, change)
    assert not changed.same and [now for _place, now, _again in changed.differences] == ["0.123"]


def numbers(value):
    """Yield the places of decimals in a result."""
    for key, part in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(part, (dict, list)):
            yield from numbers(part)
        elif isinstance(part, str) and part.replace(".", "", 1).replace("-", "", 1).isdigit():
            yield value, key


def without_how_tables_were_read(fields):
    """Take out how tables were read, and where they name the seizures."""
    read = fields["provenance"]["input"]
    for one in (read, read.get("reference", {}), *read.get("files", ())):
        one.pop("read_with", None)
    fields["provenance"]["parameters"].pop("seizures", None)


@pytest.mark.parametrize("name", BY_HAND)
def test_what_the_finding_does_not_record_is_told_with_what_to_do_by_hand(again, name):
    with pytest.raises(CannotRecompute, match=f"By hand: forensics individual .*{BY_HAND[name]}"):
        again(name, without_how_tables_were_read)


@pytest.mark.parametrize("name", BY_DEFAULT)
def test_tables_are_read_with_the_default_options_where_none_are_recorded_which_is_told(
    again, name
):
    found = again(name, without_how_tables_were_read)
    assert found.same and found.by_default


@pytest.mark.parametrize("name", ["populations", "match", "network", "captive", "radiocarbon"])
def test_a_finding_from_which_the_warnings_were_taken_differs(again, name):
    found = again(name, lambda fields: fields["result"].pop("warnings"))
    assert [place for place, *_both in found.differences] == ["warnings"] and not found.same


def test_no_profile_of_a_match_may_be_missing(again):
    def without(*places):
        def change(fields):
            kept = fields["result"]["matches"]
            assert len(kept) == 10
            fields["result"]["matches"] = [kept[n] for n in range(10) if n not in places]

        return again("match", change)

    for places in ((0,), (8,), (9,), (8, 9), (0, 9)):
        assert without(*places).differences


def test_a_fabricated_class_is_told_field_by_field(again):
    def forged(fields):
        result = fields["result"]
        other = next(name for name in result["posteriors"] if name != result["supported"])
        result.update(status="supported", supported=other)
        result["likelihood_ratio"]["log10"] = "3.9"

    places = {place for place, _before, _now in again("captive", forged).differences}
    assert {"likelihood_ratio.log10", "supported"} <= places


def test_tables_are_read_again_with_the_options_that_were_recorded(again, recorded, tmp_path):
    """A second table names the seizures, a text means "not typed", loci are chosen by a pattern."""
    made = every_kind.files(tmp_path)
    table = (made / "samples.csv").read_text(encoding="utf-8").splitlines()
    head, *rows = (line.split(",") for line in table)
    rows[0][2] = "weak"
    (made / "samples.csv").write_text(
        "\n".join(",".join(row) for row in (head, *rows)), encoding="utf-8"
    )
    (made / "places.csv").write_text(
        "animal,shipment\n" + "".join(
            f"{row[0]},{'AB'[n % 2]}\n" for n, row in enumerate(rows)), encoding="utf-8"
    )  # fmt: skip
    how = {"loci": head[1:13], "missing": ["Weak"], "places": made / "places.csv"}
    samples = read_genotypes(made / "samples.csv", **how)
    given = read_genotypes(made / "range.csv")
    result = seizure_network(
        samples, samples.fields["shipment"], frequencies_of(given, also=[samples]),
        NetworkOptions(theta=0.03, dropout=0.02, mistyping=0.002, mutation=0.0), reference=given,
        sample="S1",
    )  # fmt: skip
    attached = [made / name for name in ("samples.csv", "range.csv", "places.csv")]
    with as_person(recorded[0], "bruno") as bruno:
        event = record_finding(bruno, "S1", result, kind="individual", runs=["SEQ-7"],
                               inputs=attached).seq  # fmt: skip
        few = record_finding(bruno, "S1", result, kind="individual", runs=["SEQ-7"],
                             inputs=attached[:2]).seq  # fmt: skip
    with open_ledger(recorded[0] / "laboratory.db") as ledger:
        assert (
            ledger.event(event).fields["provenance"]["parameters"]["seizures"] == "field:shipment"
        )
        assert reproduce(ledger, event, [], forensics.identify).same
        with pytest.raises(CannotRecompute, match="the second table, of places"):
            reproduce(ledger, few, [], forensics.identify)


# -- what a forger would write beside the figures ----------------------------------------


def forge(name, change):
    """Return a change of a finding by the place where it is made."""
    return pytest.param(name[0], change, set(name[1:]), id=" ".join(name[:2]))


def replaced_library(fields):
    fields["library"] = fields["provenance"]["library"]["sha256"] = "ab" * 32
    fields["provenance"]["library"].update(name="Accepted reference", version="2026")


def forged_link(fields):
    link = fields["result"]["links"][0]
    link["pairs"][0]["log10"]["match"] = "9.5"
    link.update(p_corrected="0.5", beyond_chance=False)


def another_file(fields):
    fields["provenance"]["input"]["files"][1]["file"] = "/police/INTERPOL_database.csv"


@pytest.mark.parametrize("name, change, places", [
    forge(("match", "library", "library.sha256", "library.name", "library.version"),
          replaced_library),
    forge(("radiocarbon", "library", "library.sha256", "library.name", "library.version"),
          replaced_library),
    forge(("match", "library"), lambda f: f.update(library="ab" * 32)),
    forge(("populations", "library.demonstration"),
          lambda f: f["provenance"]["library"].update(demonstration=False)),
    forge(("claim", "software"), lambda f: f["provenance"].update(software="GeneMapper")),
    forge(("populations", "limits"), lambda f: f["result"].update(limits=["No known limit."])),
    forge(("methylation", "warnings.0.code"),
          lambda f: f["result"]["warnings"][0].update(code="EXACT")),
    forge(("claim", "sentences"), lambda f: f["result"].update(sentences=["It is proved."])),
    forge(("match", "parameters.least_log10"),
          lambda f: f["provenance"]["parameters"].update(least_log10="12.0")),
    forge(("kinship", "parameters.accreditation"),
          lambda f: f["provenance"]["parameters"].update(accreditation="ISO 17025")),
    forge(("claim", "parameters.accreditation"),
          lambda f: f["provenance"]["parameters"].update(accreditation="ISO 17025")),
    forge(("series", "parameters.accreditation"),
          lambda f: f["provenance"]["parameters"].update(accreditation="ISO 17025")),
    forge(("methylation", "parameters.level"),
          lambda f: f["provenance"]["parameters"].update(level="0.99")),
    forge(("radiocarbon", "parameters.until", "until"),
          lambda f: f["provenance"]["parameters"].update(seized="2016-03-02")),
    forge(("match", "input.files.1.file"), another_file),
    forge(("captive", "input.file"),
          lambda f: f["provenance"]["input"].update(file="FBI_measurements.csv")),
    forge(("match", "searched"), lambda f: f["result"].update(searched=10)),
    forge(("network", "links.0.pairs.0.log10.match", "links.0.p_corrected", "links.0.beyond_chance"),
          forged_link),
    # Seizures and measurements are read from the table again.
    forge(("network", "seizures.0.name"),
          lambda f: f["result"]["seizures"][0].update(name="Abidjan")),
    forge(("captive", "values.d13C"), lambda f: f["result"]["values"].update(d13C="-18.5")),
    forge(("kinship", "sample"), lambda f: f["result"].update(sample="S2")),
    forge(("captive", "sample"), lambda f: f["result"].update(sample="S2")),
])  # fmt: skip
def test_what_a_hand_wrote_is_told_field_by_field(again, name, change, places):
    found = again(name, change)
    told = {place for place, _before, _now in found.differences}
    assert not found.same and places <= told
    # The year of the seizure goes into every figure of a date.
    assert told == places or name == "radiocarbon"


def test_a_sample_of_a_table_with_several_is_that_of_the_finding(again):
    one, other = SimpleNamespace(sample="A"), SimpleNamespace(sample="S1")
    assert result_of_sample([one, other], "S1") is other
    with pytest.raises(CannotRecompute, match="has no sample S9"):
        result_of_sample([one, other], "S9")
    # Of a sample alone in its table the ledger may have another name, as here of cattle.
    assert result_of_sample([one], "S1") is one
    assert again("populations").same


def test_names_that_look_like_numbers_must_be_the_same(again):
    found = again("match", lambda f: f["result"]["matches"][0].update(rmp="7.7e-20", other="11"))
    told = {place: now for place, _before, now in found.differences}
    assert isinstance(told["matches.0.rmp"], Computed)
    assert not isinstance(told["matches.0.other"], Computed)


def test_limits_and_warnings_are_formed_anew(again):
    def forged(fields):
        fields["result"]["warnings"][0]["message"] = "The error of this clock is 0.1 years."
        fields["result"]["limits"] = ["No known limit."]

    found = again("methylation", forged)
    assert found.same and len(found.noted) == 2
    assert found.noted == again("methylation").noted
    assert "comes without known errors" in found.noted[1]


@pytest.mark.parametrize("many", [0, -1, 100_001, 3_000_000_000])
def test_more_simulated_pairs_than_the_command_takes_are_not_begun(again, many):
    def forged(fields):
        for one in fields["result"]["by_chance"].values():
            one["simulated"] = many

    with pytest.raises(CannotRecompute, match=f"{many} simulated pairs"):
        again("kinship", forged)


def test_an_age_in_radiocarbon_years_gives_the_value_that_is_calibrated(again):
    def aged(fields):
        fields["provenance"]["parameters"].update(age="-1800.0", age_sd="20.0")

    told = {place: now for place, _before, now in again("radiocarbon", aged).differences}
    assert told["f14c"] == told["parameters.f14c"] and 1.2511 < float(told["f14c"]) < 1.2512


def test_a_record_that_fits_nothing_is_told_and_does_not_break_off(again):
    def strange(fields):
        fields["provenance"]["parameters"]["kinds"] = 7

    with pytest.raises(CannotRecompute, match="cannot be recomputed"):
        again("network", strange)


def test_a_text_is_told_apart_from_what_is_the_same(again):
    with pytest.raises(CannotRecompute, match="a person wrote this finding"):
        again("match", lambda fields: fields.update(kind="morphology", result="a horn"))
    with pytest.raises(CannotRecompute, match="erased or is not in the ledger"):
        again("match", lambda fields: fields.update(provenance=None))


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("captive", {"likelihood_ratio": "1000"}),
        ("populations", {"origin": "Gabon"}),
        ("radiocarbon", {"method": "origin"}),
        # The places of a seizure: no assignment of one sample, with which it would not agree.
        ("populations", {"number_of_places": 2, "places": []}),
    ],
)
def test_what_no_method_made_is_not_computed_by_one_that_it_resembles(again, name, result):
    with pytest.raises(CannotRecompute, match="a person wrote this finding, or its form"):
        again(name, lambda fields: fields.update(result=result))


def test_a_model_a_map_or_a_file_that_is_missing_is_told(again):
    with pytest.raises(CannotRecompute, match="Give it with --model"):
        again("places", models=list)
    with pytest.raises(CannotRecompute, match="range map is not in the ledger"):
        again("places", lambda f: f["provenance"]["parameters"].update(range_map={"sha256": "x"}))
    for name in every_kind.FORMS:
        with pytest.raises(CannotRecompute, match="is not among the attached files"):
            again(name, lambda fields: fields.update(attachments=[]))


def test_an_attached_file_whose_name_leads_elsewhere_stays_in_its_folder(again, tmp_path):
    def change(fields):
        for entry in fields["attachments"]:
            entry["name"] = "../../../" + entry["name"]

    assert again("match", change).same
    with pytest.raises(CannotRecompute, match="is not among the attached files"):
        again("match", lambda fields: [one.update(name="..") for one in fields["attachments"]])


def test_the_command_tells_what_may_be_the_reason_where_options_are_not_known(
    recorded, monkeypatch
):
    case, events = recorded
    made = comparison.reproduce

    def older(*arguments, **more):
        found = made(*arguments, **more)
        return replace(found, same=False, by_default=True)

    monkeypatch.setattr(comparison, "reproduce", older)
    command = ["report", "reproduce", str(events["match"]), "--ledger", str(case / "laboratory.db")]
    found = CliRunner().invoke(main, command)
    assert found.exit_code == 4 and "DIFFERS" in found.stdout
    assert (
        "other options in the first reading may be the reason; record the finding again"
        in found.stderr
    )
