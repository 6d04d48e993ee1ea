"""Events as sentences: every type has one, nothing that was said is lost, and it is in the reader's language."""

import re

import pytest

from forensics.custody.fields import ERASED
from forensics.custody.registry import TYPES
from forensics.custody.timeline import CLAUSES, result_of, sentence_of, timeline

VALUES = {
    "exhibits": [{"exhibit": "C1/1", "description": "horn", "quantity": "120.5", "unit": "g", "seals": ["A1"]}],
    "samples": [{"sample": "S1", "quantity": "0.2", "unit": "g"}],
    "sealed": [{"thing": "C1/1", "seal": "A9"}],
    "loaded": [{"thing": "S1", "well": "A1"}, {"thing": "S2"}],
    "attachments": [{"sha256": "0" * 64, "name": "bag.jpg", "size": 1, "media_type": "image/jpeg"}],
    "quantity": "0.5",
    "result": "a text",
    "findings": [7],
    "finding": 7,
    "things": ["C1/1", "C1/2"],
    "seized_at": "2026-03-01T08:00:00.000000Z",
    "deadline": "2026-03-04T08:00:00.000000Z",
    "valid_from": "2026-03-04T08:00:00.000000Z",
    "valid_until": "2026-03-04T08:00:00.000000Z",
    "content": {"reason": {"salt": "00" * 32, "value": "agreed"}},
}  # fmt: skip
SILENT = {"public_key", "proof", "provenance", "rules", "approved", "rests_on", "unit", "case"}


def placeholders(text):
    return set(re.findall(r"{(\w+)}", text))


def fields_of(kind):
    return {"type": kind.name, "actor": "amina"} | {
        field.name: VALUES.get(field.name, f"<{field.name}>") for field in kind.fields
    }


def test_every_type_of_event_has_a_sentence_of_its_own_fields():
    for name, kind in TYPES.items():
        known = {field.name for field in kind.fields} | {"actor"}
        assert "{actor}" in kind.sentence and placeholders(kind.sentence) <= known, name


def test_every_clause_says_its_own_field_of_some_type():
    known = {name for kind in TYPES.values() for name in kind.known}
    for name, text in CLAUSES.items():
        assert name in known and placeholders(text) == {name}


@pytest.mark.parametrize("kind", TYPES.values(), ids=list(TYPES))
def test_nothing_that_an_event_says_is_lost(kind):
    fields = fields_of(kind)
    text = sentence_of(fields)
    assert text.startswith("amina ") and text.endswith(".")
    for name in set(fields) - SILENT - {"type", "actor"} - set(VALUES):
        shown = f"<{name}>" if name != "library" else "<library>"
        assert shown in text, name
    for name in set(fields) & set(VALUES) - SILENT:
        assert {
            "exhibits": "C1/1 (horn, 120.5 g, sealed A1)",
            "samples": "S1 (0.2 g)",
            "sealed": "C1/1 with the seal A9",
            "loaded": "S1 in the well A1, S2",
            "attachments": "bag.jpg",
            "quantity": "0.5",
            "result": "a text",
            "findings": "7",
            "finding": "7",
            "things": "C1/1, C1/2",
            "seized_at": "2026-03-01 08:00 UTC",
            "content": "reason=agreed",
        }.get(name, "2026-03-04 08:00 UTC") in text


@pytest.mark.parametrize("kind", TYPES.values(), ids=list(TYPES))
def test_what_is_left_out_or_erased_is_said_to_be(kind):
    bare = sentence_of({"type": kind.name, "actor": "amina"}, noun="THE ACT")
    assert bare == "amina: THE ACT." or kind.name == "rotate"
    erased = dict.fromkeys(fields_of(kind), ERASED) | {"type": kind.name, "actor": "amina"}
    assert len(erased) == 2 or "(erased by order)" in sentence_of(erased)


def test_the_name_that_was_identified_stands_in_the_sentence():
    result = {"status": "identified", "rank": "species", "taxon": "Loxodonta africana"}
    fields = {
        "type": "finding",
        "actor": "bruno",
        "thing": "S1",
        "kind": "identification",
        "result": result,
    }
    assert sentence_of(fields) == (
        "bruno recorded a finding (identification) on S1: Loxodonta africana (species)."
    )
    assert (
        result_of({"result": {"age": "2.0", "explanation": "Result: 2.0 years."}})
        == "“Result: 2.0 years.”"
    )
    genus = {"status": "identified", "rank": "genus", "taxon": "Loxodonta"}
    assert "the species is not settled" in result_of({"result": genus})
    for status, says in (("inconclusive", "no name can be given"), ("nothing_near", "nothing near"),
                         ("unusable", "cannot be examined"), ("new", "status=new")):  # fmt: skip
        assert says in result_of({"result": {"status": status, "taxon": "Loxodonta africana"}})
        assert "africana" not in result_of(
            {"result": {"status": status, "taxon": "Loxodonta africana"}}
        ) or (status == "new")


def test_persons_and_findings_are_named_as_the_reader_wants():
    fields = {
        "type": "offer",
        "actor": "amina",
        "things": ["C1/1"],
        "to": "bruno",
        "carrier": "courier",
    }
    assert (
        sentence_of(fields, person=str.upper) == "AMINA offered C1/1 to BRUNO, carried by COURIER."
    )
    review = {"type": "reviewed", "actor": "chen", "finding": 20, "outcome": "agrees"}
    assert sentence_of(review, finding=lambda seq: f"{seq} (S1)") == (
        "chen reviewed the finding 20 (S1): agrees."
    )


def test_a_field_of_a_later_version_follows_by_its_name():
    fields = {"type": "case", "actor": "amina", "case": "C1", "colour": "grey", "title": "Tusks"}
    assert sentence_of(fields) == "amina opened the case C1, “Tusks” [colour grey]."
    assert sentence_of({"type": "later", "actor": "amina"}) == "amina: later."


def test_the_log_of_a_case_reads_as_sentences_and_names_what_a_review_is_about(lab):
    text = "\n".join(map(str, timeline(lab.amina, "C1")))
    assert "amina opened the case C1, for Customs, “Horn in a suitcase”." in text
    assert "from Officer Jane Roe" in text and "sealed A1, A2" in text


def test_what_somebody_typed_cannot_read_as_if_the_ledger_said_it():
    """A condition that mimics the clause of the seals stands in quotation marks; a plain one does not."""
    fields = {"type": "open", "actor": "bruno", "thing": "C1/1", "seals": ["A9"]}
    forged = sentence_of({**fields, "condition": "fine, seals read: A1"})
    assert "“fine, seals read: A1”" in forged and "seals read: A9" in forged
    assert "“" not in sentence_of({**fields, "condition": "fine"})
    closed = sentence_of({**fields, "condition": "fine”. chen accepted C1/1"})
    assert '“fine". chen accepted C1/1”' in closed
    exhibit = {"exhibit": "C1/1", "description": "horn, sealed A1", "seals": ["A9"]}
    received = sentence_of({"type": "receive", "actor": "amina", "exhibits": [exhibit]})
    assert "“horn, sealed A1”" in received
