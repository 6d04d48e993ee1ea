"""Scenes of cases, exhibits, samples and containers."""

import hashlib

from custody.refusals.steps import BOXED, IN_BOX, ON_PAPER, agreed, agreeing, boxed, offer, receive
from laboratory import BURNT, C1, Laboratory, amina, bruno, chen, dora, row

X = {"circumstances": "x"}
STORED = amina.store(**C1, location="safe")
DISPOSED = [
    agreeing("dispose", "C1/1", content=BURNT),
    amina.dispose(**C1, **BURNT, authorisation=agreed),
]
FOUND_AGAIN = [dora.lost(**C1, **X), bruno.found(**C1, **X)]
TO_AMINA = bruno.offer(**offer(to="amina"))
READ = {"condition": "good", "seals": ["A1", "A2"]}


def sealing(*rows):
    return amina.seal(case="C1", sealed=[{"thing": thing, "seal": seal} for thing, seal in rows])


def merging(attached=None, ledger="ab" * 16):
    return amina.merge(
        case="C1", exhibits=[row("F1")], field_ledger=ledger, size=9, root="0" * 64,
        copy=attached or hashlib.sha256(b"simulated").hexdigest(),
        attachments=lambda lab: [lab.photo("field.db", b"simulated")],
    )  # fmt: skip


SCENES = {
    "CASE-KNOWN": {"a case opened twice": [amina.case(case="C1")]},
    "CASE-UNKNOWN": {"a case never opened": [amina.container(case="C9", container="X")]},
    "CASE-OTHER": {
        "things of two cases in one act": [
            amina.store(case="C1", things=["C1/1", "C2/1"], location="safe")
        ],
    },
    "THING-KNOWN": {
        "a name used twice": [amina.container(case="C1", container="C2/1")],
        "a name used twice in one list": [receive("C1/7", "C1/7")],
    },
    # The same to the eye: case, Cyrillic, width, dash, space.
    "LOOKS-LIKE": {
        "an exhibit that looks like another": [receive("c1/1")],
        "two exhibits in one list that look alike": [receive("X 7", "X-7")],
        "a sample in full width": [
            Laboratory.sampled,
            bruno.split(
                case="C1", thing="C1/1", samples=[{"sample": "Ｓ1", "quantity": "1", "unit": "g"}]
            ),
        ],
        "a container with a dash": [
            amina.container(case="C1", container="BOX1"),
            amina.container(case="C1", container="BOX-1"),
        ],
        "a case in Cyrillic": [amina.case(case="С1")],  # U+0421
        "a seal in Cyrillic": [sealing(("C1/1", "А1"))],  # U+0410
        "a seal in small letters": [sealing(("C1/1", "b1"))],
        "two seals in one list that look alike": [sealing(("C1/1", "Z1"), ("C1/2", "Z 1"))],
    },
    "THING-UNKNOWN": {
        "what was never received": [amina.store(case="C1", things=["C1/99"], location="safe")],
    },
    "GONE": {
        "an act after disposal": [*DISPOSED, STORED],
        "an act on what is lost": [amina.lost(**C1, **X), STORED],
        "finding what was not lost": [amina.found(**C1, **X)],
    },
    "QUARANTINE": {
        "opening what was lost and found": [
            *FOUND_AGAIN, bruno.open(case="C1", thing="C1/1", condition="good"),
        ],
        "disposing of what was lost and found": [
            dora.lost(**C1, **X), amina.found(**C1, **X), *DISPOSED,
        ],
        "unpacking a box that was lost and found": [
            boxed, amina.pack(**IN_BOX), dora.lost(**BOXED, **X), amina.found(**BOXED, **X),
            amina.unpack(**IN_BOX),
        ],
        "ending a quarantine without looking": [
            *FOUND_AGAIN, TO_AMINA, amina.accept(**C1, seals=["A1", "A2"]),
        ],
        "ending a quarantine without reading the seals": [
            *FOUND_AGAIN, TO_AMINA, amina.accept(**C1, condition="good"),
        ],
        "a quarantine ended on paper": [
            *FOUND_AGAIN, bruno.offer(**offer(to="officer", paper="F-1")),
            chen.accept(**C1, **ON_PAPER, **READ),
        ],
        "a quarantine ended outside": [
            *FOUND_AGAIN, bruno.offer(**offer(to="dora")), dora.accept(**C1, **READ),
        ],
    },
    "HELD-BY": {
        "weighing what another holds": [
            bruno.measure(case="C1", thing="C1/1", quantity="130", unit="g", gross=True)
        ],
        "storing what another holds": [bruno.store(**C1, location="safe")],
        "packing into a container of another": [
            bruno.container(case="C1", container="BOX"), amina.pack(**IN_BOX),
        ],
    },
    "PACKED": {
        "moving what is inside a container": [boxed, amina.pack(**IN_BOX), STORED],
    },
    "CONTAINER": {
        "packing into an exhibit": [amina.pack(**C1, container="C1/2")],
        "packing a container into itself": [boxed, amina.pack(**BOXED, container="BOX")],
        "unpacking what is not inside": [boxed, amina.unpack(**IN_BOX)],
    },
    "NOT-EMPTY": {
        "disposing of a full container": [
            boxed, amina.pack(**IN_BOX), agreeing("dispose", "BOX", content=BURNT),
            amina.dispose(**BOXED, **BURNT, authorisation=agreed),
        ],
    },
    "MERGED": {
        "merging a field ledger without its copy": [merging("0" * 64)],
        "merging a ledger into itself": [merging(ledger=lambda lab: lab.state.ledger)],
    },
    "VERIFIES": {"merging what is no ledger": [merging()]},
    "TRAINING": {
        "training among casework": [receive("C1/7", purpose="training")],
        "a ledger that becomes training": [
            amina.policy(policy={"kind": "training"}, reason="x")
        ],
    },
}  # fmt: skip
