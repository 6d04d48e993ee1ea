"""Scenes of handing over, storing, losing and holding."""

from custody.refusals.steps import OFFERED, ON_PAPER, agreed, agreeing, in_hours, offer, photos
from laboratory import BURNT, C1, amina, bruno, chen

STORED = amina.store(**C1, location="safe")
TO_OFFICER = amina.offer(**offer(to="officer", paper="F-1"))
BY_OFFICER = bruno.accept(**C1, **ON_PAPER)
BACK = {**offer(on_behalf_of="officer", paper="F-2"), "attachments": photos}
BOTH = {"case": "C1", "things": ["C1/1", "C1/2"]}
DISPOSED = [
    agreeing("dispose", "C1/1", content=BURNT),
    amina.dispose(**C1, **BURNT, authorisation=agreed),
]


def offer_now(lab):
    now = lab.in_hours(0)
    lab.amina.offer(**C1, to="bruno", deadline=now, occurred_at=now)


SCENES = {
    "LOCATION-KNOWN": {"a location set up twice": [amina.location(location="safe")]},
    "LOCATION-UNKNOWN": {
        "a location never set up": [amina.store(**C1, location="attic")],
        "a shelf in no room": [amina.location(location="shelf", parent="attic")],
    },
    "LOCATION-TO-LOCATION": {
        "from store to store": [STORED, amina.store(**C1, location="freezer")],
        "an offer out of the store": [STORED, OFFERED],
    },
    "NOT-STORED": {"retrieving what is not stored": [bruno.retrieve(**C1)]},
    "WITNESS": {
        "storing without the witness that the policy asks for": [
            amina.policy(policy={"storage_witness": True}, reason="x"), STORED,
        ],
        "one's own witness": [amina.store(**C1, location="safe", witness="amina")],
    },
    "SELF": {"handing over to oneself": [amina.offer(**offer(to="amina"))]},
    "OFFERED": {"storing what is offered": [OFFERED, STORED]},
    "NOT-OFFERED": {
        "accepting what was not offered": [bruno.accept(**C1)],
        "accepting what was offered in two events as one": [
            OFFERED, amina.offer(**offer("C1/2")), bruno.accept(**BOTH),
        ],
        "accepting what was offered with what was not": [OFFERED, bruno.accept(**BOTH)],
    },
    "RECEIVER": {
        "accepting what was offered to another": [OFFERED, chen.accept(**C1)],
        "accepting one's own offer": [OFFERED, amina.accept(**C1)],
    },
    "DEADLINE": {
        "a deadline beyond the policy": [amina.offer(**offer() | {"deadline": in_hours(100)})],
        "a deadline that has passed": [amina.offer(**offer() | {"deadline": in_hours(-1)})],
        "a deadline at the time of the offer": [offer_now],
    },
    "PAPER-FORM": {
        "an offer to somebody without key and form": [amina.offer(**offer(to="officer"))],
        "an offer on behalf without a form": [
            TO_OFFICER, BY_OFFICER,
            bruno.offer(**offer(to="amina", on_behalf_of="officer", attachments=photos)),
        ],
        "an answer without a form for somebody whose key has ended since": [
            amina.offer(**offer(to="dora")), amina.revoke(person="dora", reason="lost"),
            bruno.accept(**C1, on_behalf_of="dora", attachments=photos),
        ],
        "another form than that of the offer": [
            TO_OFFICER, bruno.accept(**C1, **ON_PAPER | {"paper": "F-2"}),
        ],
    },
    "PAPER-ATTESTED": {
        "a form without photograph": [
            TO_OFFICER, bruno.accept(**C1, on_behalf_of="officer", paper="F-1"),
        ],
        "a form attested by the giver": [TO_OFFICER, amina.accept(**C1, **ON_PAPER)],
        "a return attested by who receives": [
            TO_OFFICER, BY_OFFICER, chen.offer(**BACK | {"to": "chen"}),
        ],
        "an answer attested by who attested the offer": [
            TO_OFFICER, BY_OFFICER, chen.offer(**BACK | {"to": "courier"}),
            chen.refuse(
                **C1, on_behalf_of="courier", paper="F-2", reason="x", attachments=photos
            ),
        ],
    },
    "PAPER-USED": {
        "a form used twice": [TO_OFFICER, amina.offer(**offer("C1/2", "officer", paper="F-1"))],
    },
    "PAPER-KEY": {
        "paper for somebody who has a key": [
            amina.offer(**offer(to="dora", paper="F-1")),
            bruno.accept(**C1, **ON_PAPER | {"on_behalf_of": "dora"}),
        ],
    },
    "HOLD": {
        "disposal under a hold of the case": [
            amina.hold(case="C1", order="Order 12", reason="appeal"), *DISPOSED,
        ],
        "disposal under a hold of the thing": [
            amina.hold(**C1, order="Order 12", reason="appeal"), *DISPOSED,
        ],
    },
    "NOT-HELD": {
        "lifting a hold that is not there": [
            amina.release(case="C1", order="Order 13", reason="x")
        ],
    },
}  # fmt: skip
