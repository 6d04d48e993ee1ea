"""Every rule refuses what it is there for, leaves nothing behind, and is found when forced in."""

import re
from types import SimpleNamespace

import pytest
from custody.refusals import SCENES

from forensics.custody import ledger as ledger_module
from forensics.custody import registry
from forensics.custody.rules import FLAGS, RULES
from forensics.errors import RefusedError

ALL = [(code, scene) for code, scenes in SCENES.items() for scene in scenes]
NAMES = [f"{code}-{scene.__name__}" for code, scene in ALL]


def test_every_rule_has_a_scene():
    assert set(RULES) == set(SCENES)


@pytest.mark.parametrize("code, scene", ALL, ids=NAMES)
def test_a_refused_act_names_its_rule_and_leaves_nothing(code, scene, lab, monkeypatch):
    recorded = []
    insert = ledger_module._insert
    monkeypatch.setattr(
        ledger_module, "_insert", lambda *given: (recorded.append(given[1]), insert(*given))
    )
    before = lab.size
    with pytest.raises(RefusedError) as caught:
        scene(lab)
    assert caught.value.rule == code
    assert caught.value.exit_code == 5
    assert lab.size == before + len(recorded)
    assert not list(lab.folder.rglob("*.partial"))
    report = lab.verify()
    assert report.ok, report.problems
    assert not report.notes  # no file without its event


@pytest.mark.parametrize("code, scene", ALL, ids=NAMES)
def test_an_act_that_was_forced_in_is_found(code, scene, lab, monkeypatch):
    """The last act of the scene is written as by software that knows no rules."""

    def force(state, act, **options):
        try:
            registry.check(state, act, **options)
        except RefusedError:
            act.fields["actor"] = act.fields.get("actor") or "amina"
            forced.append(act.seq)

    def change(state, act):
        if not forced:
            registry.change(state, act)

    forced = []
    monkeypatch.setattr(
        ledger_module, "registry", SimpleNamespace(check=force, change=change, TYPES=registry.TYPES)
    )
    try:
        scene(lab)
    except RefusedError as error:  # refused before the table of rules was asked
        assert error.rule == "KEY-UNKNOWN"
        pytest.skip("the ledger itself knows no such key")
    report = lab.verify()
    assert not report.ok
    if scene.__name__ == "erasing_what_rules_need":
        # What was erased is missed where it stood, before the event that erased it.
        assert "exhibits" in report.first.what and report.first.seq < forced[0]
        return
    assert report.first.seq == forced[0]
    assert any(code in one.what for one in report.problems if one.seq == forced[0])


def test_the_documentation_lists_every_rule_and_flag(root):
    text = (root / "docs/custody-rules.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| `([A-Z-]+)` \| (.*?) \|$", text, re.MULTILINE))
    assert {**RULES, **FLAGS} == listed


def test_the_documentation_lists_every_type_with_its_fields(root):
    text = (root / "docs/custody-rules.md").read_text(encoding="utf-8")
    for kind in registry.TYPES.values():
        row = next(line for line in text.splitlines() if line.startswith(f"| `{kind.name}` |"))
        for field in kind.fields:
            assert re.search(rf"`{field.name}`", row), f"{kind.name}.{field.name}"
        for role in kind.roles:
            assert role in row
        assert f"| {kind.summary} |" in row
