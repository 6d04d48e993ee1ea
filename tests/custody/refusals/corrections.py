"""Scenes of corrections and erasures."""

from custody.refusals.steps import attach, correcting, received
from laboratory import amina, row


def correcting_the_purpose(lab):
    seq = lab.amina.receive(case="C1", exhibits=[row("C1/7")], purpose="reference").seq
    lab.corrected(seq, "purpose", "reference", "casework")


def erasing_a_file_of_another_event(lab):
    _seq, digest = lab.attached()
    lab.erased(lab.received, files=[digest])


def erasing_the_photograph(lab):
    seq, digest = lab.attached()
    lab.erased(seq, files=[digest])


def disclosing(root):
    return amina.disclose(case="C1", recipient="x", bundle="0" * 64, size=1, root=root)


def erasing_a_correction(lab):
    _agreed, seq = lab.corrected(
        lab.received, "received_from", "Officer Jane Roe", "Officer Joan Roe"
    )
    lab.erased(seq, "old", "new")


SCENES = {
    "EVENT-UNKNOWN": {
        "correcting an event of another case": [
            amina.correct(
                case="C2", event=received, field="received_from", old="x", new="y", reason="r"
            ),
        ],
    },
    "CORRECT-FIELD": {
        "correcting with a wrong old value": [correcting("received_from", "x")],
        "correcting a field that is not there": [correcting("note", "x")],
        "correcting who acted": [correcting("actor", new="bruno")],
        "correcting the type": [correcting("type")],
        "correcting the case": [correcting("case")],
    },
    "CORRECT-PURPOSE": {"correcting the purpose": [correcting_the_purpose]},
    "ERASE-FIELD": {
        "erasing what rules need": [lambda lab: lab.erased(lab.received, "exhibits")],
        "erasing a file of another event": [erasing_a_file_of_another_event],
        "erasing a correction whose authorisation still says it": [erasing_a_correction],
        "erasing nothing": [lambda lab: lab.erased(lab.received)],
    },
    "VERIFIES": {
        "attaching again what was erased": [erasing_the_photograph, attach(amina)],
        "disclosing a head that never was": [disclosing("0" * 64)],
        "disclosing a head that nobody keeps": [
            disclosing(lambda lab: lab.amina.tree().root(1).hex())
        ],
    },
}
