"""Scenes of seals and quantities."""

from custody.refusals.steps import BOXED, IN_BOX, OFFERED, boxed, hand_over
from laboratory import C1, Laboratory, amina, bruno, row

SAMPLED = Laboratory.sampled
OPENED = amina.open(case="C1", thing="C1/1", condition="good")
STORED = amina.store(**C1, location="safe")


def sealing(*rows, **more):
    return amina.seal(
        case="C1", sealed=[{"thing": thing, "seal": seal} for thing, seal in rows], **more
    )


def splitting(thing, *rows):
    samples = [{"sample": name, "quantity": much, "unit": unit} for name, much, unit in rows]
    return bruno.split(case="C1", thing=thing, samples=samples)


def using(thing, quantity):
    return bruno.consume(case="C1", thing=thing, quantity=quantity, unit="g", used_for="x")


SCENES = {
    "SEAL-USED": {
        "a seal used twice": [sealing(("C1/1", "B1"))],
        "a seal used twice in one list": [sealing(("C1/1", "Z1"), ("C1/2", "Z1"))],
    },
    "SEAL-UNKNOWN": {
        "opening what is not sealed": [
            SAMPLED, bruno.open(case="C1", thing="S1", condition="x"),
        ],
        "a broken seal that is not among the seals": [
            amina.receive(case="C1", exhibits=[row("C1/7", broken_seals=["Q"])])
        ],
    },
    "SEAL-CLOSED": {
        "sampling through a seal": [
            hand_over("amina", "bruno"), splitting("C1/1", ("S1", "10", "g")),
        ],
        "packing into a sealed container": [
            boxed, sealing(("BOX", "Z1")), amina.pack(**IN_BOX),
        ],
        "weighing through a seal": [
            amina.measure(case="C1", thing="C1/1", quantity="120.5", unit="g")
        ],
    },
    "SEAL-OPEN": {
        "storing what was opened": [OPENED, STORED],
        "offering what was opened": [OPENED, OFFERED],
        "storing what was opened in an unsealed box": [
            OPENED, boxed, amina.pack(**IN_BOX), amina.store(**BOXED, location="safe"),
        ],
    },
    "SEAL-PHOTOGRAPH": {
        "sealing again without a photograph": [OPENED, sealing(("C1/1", "Z1"), condition="good")]
    },
    "UNIT": {
        "grams of pieces": [
            hand_over("amina", "bruno", "C1/2"),
            bruno.open(case="C1", thing="C1/2", condition="x"), using("C1/2", "1"),
        ],
        "an extract of unsaid origin": [SAMPLED, splitting("S1", ("E1", "50", "uL"))],
        "a gross weight in pieces": [
            amina.measure(case="C1", thing="C1/2", quantity="1", unit="pieces", gross=True)
        ],
    },
    "BALANCE": {
        "taking more than there is": [SAMPLED, using("S1", "10.2")],
        "splitting off more than there is": [
            SAMPLED, splitting("S1", ("T0", "6000", "mg"), ("T1", "6000", "mg")),
        ],
        "returning more than there is": [
            SAMPLED, getattr(bruno, "return")(case="C1", thing="S1", quantity="11", unit="g"),
        ],
    },
    "SHARE": {"using more than half": [SAMPLED, using("C1/1", "61")]},
    "PORTION": {
        "leaving too little for a second expert": [
            lambda lab: lab.relaxed(use_share="1"), SAMPLED, using("C1/1", "95"),
        ],
    },
}  # fmt: skip
