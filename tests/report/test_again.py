"""Findings of every kind are computed again where the ledger keeps what is needed, or it is told why not."""

import shutil

import every_kind
import pytest
from click.testing import CliRunner

import forensics
from forensics.cli import main
from forensics.custody import keys, open_ledger
from forensics.custody.recomputing import CannotRecompute
from forensics.demonstration import PASSPHRASE
from forensics.origin.models import open_model, packaged_models
from forensics.report.recomputed import reproduce

BY_HAND = {"network": "--seizure", "captive": "--class-column"}


@pytest.fixture(scope="module")
def recorded(_made, tmp_path_factory):
    """The training case with a finding of each form; its folder, and their events."""
    place = tmp_path_factory.mktemp("recorded")
    case = shutil.copytree(_made[0], place / "case")
    (place / "given").mkdir()
    key = keys.open_key(case / "laboratory.db.keys/bruno.key", lambda: PASSPHRASE)
    with open_ledger(case / "laboratory.db", key=key) as bruno:
        events = every_kind.record(bruno, every_kind.files(place / "given"))
    return case, events


@pytest.fixture
def again(recorded):
    with open_ledger(recorded[0] / "laboratory.db") as ledger:

        def again(name, change=None, **more):
            event = ledger.event(recorded[1][name])
            if change:
                change(event.fields)
            more.setdefault("models", lambda: [open_model(one) for one in packaged_models()])

            class Changed:
                def __getattr__(self, attribute):
                    return getattr(ledger, attribute)

                def event(self, seq):
                    return event

            return reproduce(Changed(), event.seq, [], forensics.identify, **more)

        yield again


@pytest.mark.parametrize("name", [name for name in every_kind.FORMS if name not in BY_HAND])
def test_a_finding_is_the_same_and_a_changed_number_is_named(again, name):
    found = again(name)
    assert found.same and not found.differences and not found.environment
    assert found.by_default == (name in ("populations", "places", "match", "kinship", "claim"))

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


@pytest.mark.parametrize("name", BY_HAND)
def test_what_the_finding_does_not_record_is_told_with_what_to_do_by_hand(again, name):
    with pytest.raises(CannotRecompute, match=f"By hand: forensics individual .*{BY_HAND[name]}"):
        again(name)


def test_a_mixture_and_a_text_are_told_apart_from_what_is_the_same(again):
    def mixture(fields):
        fields.update(kind="identification", result={"found": [], "reads": []})

    with pytest.raises(CannotRecompute, match="reads of a mixture are too large"):
        again("match", mixture)
    with pytest.raises(CannotRecompute, match="a person wrote this finding"):
        again("match", lambda fields: fields.update(kind="morphology", result="a horn"))
    with pytest.raises(CannotRecompute, match="erased or not in the ledger"):
        again("match", lambda fields: fields.update(provenance=None))


def test_a_model_a_map_or_a_file_that_is_missing_is_told(again):
    with pytest.raises(CannotRecompute, match="give it with --model"):
        again("places", models=list)
    with pytest.raises(CannotRecompute, match="range map is not in the ledger"):
        again("places", lambda f: f["provenance"]["parameters"].update(range_map={"sha256": "x"}))
    for name in ("populations", "match", "radiocarbon", "series", "methylation"):
        with pytest.raises(CannotRecompute, match="is not among the attached files"):
            again(name, lambda fields: fields.update(attachments=[]))


def test_an_attached_file_whose_name_leads_elsewhere_stays_in_its_folder(again, tmp_path):
    def change(fields):
        for entry in fields["attachments"]:
            entry["name"] = "../../../" + entry["name"]

    assert again("match", change).same


def test_the_command_says_the_same_or_leaves_with_an_error(recorded, monkeypatch):
    case, events = recorded
    monkeypatch.setenv("FORENSICS_LEDGER", str(case / "laboratory.db"))
    found = CliRunner().invoke(main, ["report", "reproduce", str(events["radiocarbon"])])
    assert (found.exit_code, found.stdout) == (0, f"finding {events['radiocarbon']}: the same\n")
    found = CliRunner().invoke(main, ["report", "reproduce", str(events["match"])])
    assert found.exit_code == 0 and "read with the default options" in found.stderr
    found = CliRunner().invoke(main, ["report", "reproduce", str(events["network"])])
    assert found.exit_code == 1 and "the same" not in found.stdout and "By hand" in found.stderr
