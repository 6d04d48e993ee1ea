"""An authorisation approves the content of one act, and no other."""

import hashlib

import pytest

from forensics.custody import registry
from forensics.custody.canonical import canonical
from forensics.custody.fields import ERASED
from forensics.custody.rules import APPROVED, CONTENT, DECISIVE, approving, opened, salts
from forensics.errors import RefusedError

SAID = {
    "field": "received_from", "old": "Officer Jane Roe", "new": "Officer Joan Roe",
    "reason": "misheard",
}  # fmt: skip


@pytest.fixture
def received(lab):
    return lab.received


@pytest.fixture
def agreed(lab, received):
    return lab.authorise("correct", subject=str(received), content=SAID)


# Who may make a second review, or have several parts in a report, is approved, and not what comes of it.
_OPEN = {
    "reviewed": {"finding", "outcome", "comment", "interpretation", "blind"},
    "report": {"findings", "attachments", "replaces"},
}


def test_every_type_that_takes_an_authorisation_says_what_is_decisive():
    taking = {name for name, kind in registry.TYPES.items() if "authorisation" in kind.known}
    assert taking == set(DECISIVE)
    for name, decisive in DECISIVE.items():
        known = registry.TYPES[name].known
        assert set(decisive) <= set(known)
        # What is said of an act and not approved is what the authorisation names by itself, or a
        # note that decides nothing.
        rest = {field.name for field in registry.TYPES[name].fields} - set(decisive)
        assert rest <= {
            "case", "thing", "things", "event", "person", "authorisation", "proof",
        } | {"run", "reason"} | _OPEN.get(name, set()), name  # fmt: skip
    assert "run" in registry.TYPES["deviation"].known  # its subject


def test_the_act_has_the_commitments_that_were_approved(lab, received, agreed):
    seq = lab.amina.correct(case="C1", event=received, authorisation=agreed, **SAID).seq
    approved = lab.amina.event(agreed).fields["approved"]
    envelope = next(
        event.envelope for number, event in enumerate(lab.amina.stored_events(), 1) if number == seq
    )
    for name, commitment in approved.items():
        assert f'"{name}":"{commitment}"'.encode() in envelope


def test_what_was_approved_and_what_is_attempted_are_both_shown(lab, received, agreed):
    with pytest.raises(RefusedError) as caught:
        lab.amina.correct(
            case="C1", event=received, authorisation=agreed, **SAID | {"new": "Nobody"}
        )
    text = str(caught.value)
    assert "AUTHORISATION-CONTENT" in text
    assert "Approved: new: Officer Joan Roe." in text and "Attempted: new: Nobody." in text
    assert "old" not in text.partition("Approved")[2].partition("Do what")[0]
    # It was not used up by the attempt.
    lab.amina.correct(case="C1", event=received, authorisation=agreed, **SAID)


def test_the_same_value_under_other_salts_is_not_what_was_approved(
    lab, received, agreed, monkeypatch
):
    """Software that draws its own salts is refused, so replay never has to compare values."""
    monkeypatch.setattr(type(lab.amina), "_salts", lambda self, writer, fields: {"x": bytes(32)})
    with pytest.raises(RefusedError, match="AUTHORISATION-CONTENT"):
        lab.amina.correct(case="C1", event=received, authorisation=agreed, **SAID)


def test_what_was_erased_can_no_longer_be_carried_out(lab, received, agreed):
    lab.erased(agreed, "content")
    assert lab.amina.event(agreed).fields["content"] is ERASED
    with pytest.raises(RefusedError, match="erased by order"):
        lab.amina.correct(case="C1", event=received, authorisation=agreed, **SAID)
    assert lab.verify().ok


def test_an_act_forced_in_and_then_erased_is_still_found(lab, received, agreed, monkeypatch):
    with monkeypatch.context() as forcing:
        forcing.setattr("forensics.custody.acts.common._as_approved", lambda act, approved: None)
        seq = lab.amina.correct(
            case="C1", event=received, authorisation=agreed, **SAID | {"new": "Nobody"}
        ).seq
        lab.erased(agreed, "content")
        lab.erased(seq, "old", "new")
        lab.close()
    report = lab.verify()
    assert report.first.seq == seq and "AUTHORISATION-CONTENT" in report.first.what


def test_commitments_do_not_tell_a_value_to_who_guesses():
    guesses = [f"Officer {name} Roe" for name in ("Jane", "Joan", "John")]
    made = approving({"new": guesses[0]})
    for guess in guesses:
        for salt in (b"", bytes(32)):
            plain = b"forensics-field-1\x00" + salt + canonical(["new", guess])
            assert hashlib.sha256(plain).hexdigest() != made["approved"]["new"]
    again = approving({"new": guesses[0]})
    assert again["approved"] != made["approved"]  # two approvals of one value cannot be linked


def test_content_opens_its_commitments_and_gives_its_salts():
    made = approving({"quantity": "1", "unit": "g"})
    openings = opened(made["content"])
    assert {name: one.commitment for name, one in openings.items()} == made["approved"]
    assert salts(made) == {name: one.salt for name, one in openings.items()}
    for nothing in (
        None,
        {},
        {"content": ERASED},
        {"content": {}},
        {"content": {"a": {"salt": "0"}}},
    ):
        assert salts(nothing) == {}


def test_an_authorisation_that_is_not_asked_for_is_checked_all_the_same(lab):
    lab.sampled()
    use = {"quantity": "1", "unit": "g", "used_for": "x"}
    agreed = lab.authorise("consume", "S1", content=use)
    with pytest.raises(RefusedError, match="AUTHORISATION-CONTENT"):
        lab.bruno.consume(case="C1", thing="S1", authorisation=agreed, **use | {"quantity": "2"})
    lab.bruno.consume(case="C1", thing="S1", authorisation=agreed, **use)
    with pytest.raises(RefusedError, match="AUTHORISATION-USED"):
        lab.bruno.consume(case="C1", thing="S1", authorisation=agreed, **use)


def test_a_policy_is_tightened_by_one_and_relaxed_by_two(lab):
    lab.amina.policy(policy={"use_share": "0.4", "storage_witness": True}, reason="stricter")
    with pytest.raises(RefusedError, match=r"laxer \(use_share\)"):
        lab.amina.policy(policy={"use_share": "0.5", "review": True}, reason="back")
    seq = lab.relaxed(use_share="0.5")
    (one,) = lab.state.relaxed
    assert (one.seq, one.by, one.agreed_by, one.before, one.after, one.until) == (
        seq, "amina", "chen", "0.4", "0.5", 0,
    )  # fmt: skip
    # Half the way back is still laxer than it was.
    lab.amina.policy(policy={"use_share": "0.45"}, reason="x")
    assert not lab.state.relaxed[0].until
    end = lab.amina.policy(policy={"use_share": "0.3"}, reason="x").seq
    assert lab.state.relaxed[0].until == end
    assert lab.verify().ok


SALT = "0f" * 32
MALFORMED = {
    "no dict": [{"salt": SALT, "value": "x"}],
    "empty": {},
    "a part that is no dict": {"a": [SALT, "x"]},
    "a part that is a list of the names": {"a": ["salt", "value"]},
    "a part that is a number": {"a": 7},
    "a part without its value": {"a": {"salt": SALT}},
    "a part with more": {"a": {"salt": SALT, "value": "x", "more": "y"}},
    "a salt that is not a text": {"a": {"salt": 7, "value": "x"}},
    "a salt that is too short": {"a": {"salt": SALT[1:], "value": "x"}},
    "a salt that is too long": {"a": {"salt": SALT + "0", "value": "x"}},
    "a salt in capitals": {"a": {"salt": SALT.upper(), "value": "x"}},
    "one good part and one bad": {
        "a": {"salt": SALT, "value": "x"},
        "b": {"salt": "", "value": "x"},
    },
}


@pytest.mark.parametrize("name", MALFORMED)
def test_content_that_is_none_is_refused_and_gives_no_salts(name):
    value = MALFORMED[name]
    assert CONTENT.problem(value) and salts({"content": value}) == {}


@pytest.mark.parametrize("value", [
    {}, [SALT], {"a": 7}, {"a": SALT[1:]}, {"a": SALT + "0"}, {"a": SALT.upper()},
    {"a": SALT, "b": ""},
])  # fmt: skip
def test_approved_that_is_no_commitments_is_refused(value):
    assert APPROVED.problem(value)


def test_content_and_commitments_of_the_right_form_are_taken():
    content = {"a": {"salt": SALT, "value": ["x"]}, "b": {"salt": SALT, "value": 1}}
    assert not CONTENT.problem(content) and not APPROVED.problem({"a": SALT, "b": SALT})
    assert salts({"content": content}) == dict.fromkeys("ab", bytes.fromhex(SALT))
