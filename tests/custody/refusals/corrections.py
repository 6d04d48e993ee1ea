"""Scenes of corrections and erasures."""

from custody.refusals.base import breaks


def _first_receipt(lab):
    return next(event for event in lab.amina.events(case="C1") if event.type == "receive")


@breaks("EVENT-UNKNOWN")
def correcting_an_event_of_another_case(lab):
    seq = _first_receipt(lab).seq
    lab.amina.correct(case="C2", event=seq, field="received_from", old="x", new="y", reason="r")


@breaks("CORRECT-FIELD")
def correcting_with_a_wrong_old_value(lab):
    seq = _first_receipt(lab).seq
    said = {"field": "received_from", "old": "x", "new": "y", "reason": "r"}
    agreed = lab.authorise("correct", subject=str(seq), content=said)
    lab.amina.correct(case="C1", event=seq, authorisation=agreed, **said)


@breaks("CORRECT-FIELD")
def correcting_a_field_that_is_not_there(lab):
    seq = _first_receipt(lab).seq
    said = {"field": "note", "old": "x", "new": "y", "reason": "r"}
    agreed = lab.authorise("correct", subject=str(seq), content=said)
    lab.amina.correct(case="C1", event=seq, authorisation=agreed, **said)


def _what_is_never_corrected(lab, field):
    event = _first_receipt(lab)
    said = {"field": field, "old": event.fields[field], "new": "bruno", "reason": "r"}
    agreed = lab.authorise("correct", subject=str(event.seq), content=said)
    lab.amina.correct(case="C1", event=event.seq, authorisation=agreed, **said)


@breaks("CORRECT-FIELD")
def correcting_who_acted(lab):
    _what_is_never_corrected(lab, "actor")


@breaks("CORRECT-FIELD")
def correcting_the_type(lab):
    _what_is_never_corrected(lab, "type")


@breaks("CORRECT-FIELD")
def correcting_the_case(lab):
    _what_is_never_corrected(lab, "case")


@breaks("CORRECT-PURPOSE")
def correcting_the_purpose(lab):
    row = {"exhibit": "C1/7", "description": "x", "quantity": "1", "unit": "g"}
    seq = lab.amina.receive(case="C1", exhibits=[row], purpose="reference").seq
    said = {"field": "purpose", "old": "reference", "new": "casework", "reason": "r"}
    agreed = lab.authorise("correct", subject=str(seq), content=said)
    lab.amina.correct(case="C1", event=seq, authorisation=agreed, **said)


@breaks("ERASE-FIELD")
def erasing_what_rules_need(lab):
    seq = _first_receipt(lab).seq
    said = {"erased": ["exhibits"], "order": "O", "reason": "r"}
    agreed = lab.authorise("erase", subject=str(seq), content=said)
    lab.amina.erase(case="C1", event=seq, authorisation=agreed, **said)


@breaks("ERASE-FIELD")
def erasing_a_file_of_another_event(lab):
    attached = lab.amina.attach(case="C1", description="x", attachments=[lab.photo()])
    digest = attached.fields["attachments"][0]["sha256"]
    seq = _first_receipt(lab).seq
    said = {"erased_files": [digest], "order": "O", "reason": "r"}
    agreed = lab.authorise("erase", subject=str(seq), content=said)
    lab.amina.erase(case="C1", event=seq, authorisation=agreed, **said)


@breaks("VERIFIES")
def attaching_again_what_was_erased(lab):
    attached = lab.amina.attach(case="C1", description="x", attachments=[lab.photo()])
    digest = attached.fields["attachments"][0]["sha256"]
    said = {"erased_files": [digest], "order": "O", "reason": "r"}
    agreed = lab.authorise("erase", subject=str(attached.seq), content=said)
    lab.amina.erase(case="C1", event=attached.seq, authorisation=agreed, **said)
    lab.amina.attach(case="C1", description="x", attachments=[lab.photo()])


@breaks("VERIFIES")
def disclosing_a_head_that_never_was(lab):
    lab.amina.add("disclose", case="C1", recipient="x", bundle="0" * 64, size=1, root="0" * 64)


@breaks("VERIFIES")
def disclosing_a_head_that_nobody_keeps(lab):
    root = lab.amina.tree().root(1).hex()
    lab.amina.add("disclose", case="C1", recipient="x", bundle="0" * 64, size=1, root=root)


@breaks("ERASE-FIELD")
def erasing_a_correction_whose_authorisation_still_says_it(lab):
    seq = _first_receipt(lab).seq
    said = {
        "field": "received_from", "old": "Officer Jane Roe", "new": "Officer Joan Roe", "reason": "r",
    }  # fmt: skip
    agreed = lab.authorise("correct", subject=str(seq), content=said)
    seq = lab.amina.correct(case="C1", event=seq, authorisation=agreed, **said).seq
    said = {"erased": ["old", "new"], "order": "O", "reason": "r"}
    agreed = lab.authorise("erase", subject=str(seq), content=said)
    lab.amina.erase(case="C1", event=seq, authorisation=agreed, **said)


@breaks("ERASE-FIELD")
def erasing_nothing(lab):
    seq = _first_receipt(lab).seq
    said = {"order": "O", "reason": "r"}
    agreed = lab.authorise("erase", subject=str(seq), content=said)
    lab.amina.erase(case="C1", event=seq, authorisation=agreed, **said)
