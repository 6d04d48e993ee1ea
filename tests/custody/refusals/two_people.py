"""Scenes of what takes two people."""

from custody.refusals.steps import KEY, agreed, agreeing, key_of, received
from laboratory import BURNT, C1, Laboratory, amina, bruno, chen

from forensics.custody import PrivateKey
from forensics.custody.rules import approving

OTHER = PrivateKey.generate()
SAMPLED = Laboratory.sampled
DISPOSED = {**C1, **BURNT, "authorisation": agreed}
ON_C1 = {"case": "C1", "authorisation": agreed}
RUN = bruno.run(run="R1", kind="other")
DEVIATION = bruno.deviation(run="R1", reason="x", authorisation=agreed)
MISHEARD = {"field": "received_from", "old": "Officer Jane Roe", "reason": "misheard"}
SAMPLES = [{"sample": "S2", "quantity": "1", "unit": "g"}]
ORDER = {"order": "O", "reason": "r"}
USE = {"unit": "g", "used_for": "DNA"}


def agreeing_to_a_deviation(reason):
    return amina.authorise(
        act="deviation", subject="R1", content={"reason": reason}, reason="agreed"
    )


def agreeing_to_a_key(person, content):
    return chen.authorise(act="reenrol", subject=person, content=content, reason="lost")


def reenrolling(person, key=KEY):
    return amina.reenrol(**key_of(person, key), reason="x", authorisation=agreed)


def agreeing_on_the_receipt(act, content):
    return agreeing(act, subject=lambda lab: str(lab.received), content=content)


SHOWN, MEANT = approving(BURNT), approving({"method": "given away"})

SCENES = {
    "AUTHORISATION": {
        "disposal by one": [amina.dispose(**C1, **BURNT)],
        "a laxer policy by one": [amina.policy(policy={"review": False}, reason="x")],
    },
    "AUTHORISATION-SCOPE": {
        "disposal of what was not agreed": [
            agreeing("dispose", "C1/2", content=BURNT), amina.dispose(**DISPOSED),
        ],
        "an agreement to something that takes none": [agreeing("store", "C1/2", content=BURNT)],
        "disposal of less than was agreed": [
            agreeing("dispose", "C1/1", "C1/2", content=BURNT), amina.dispose(**DISPOSED),
        ],
        "disposal by another person than was agreed": [
            agreeing("dispose", "C1/1", person="bruno", content=BURNT), amina.dispose(**DISPOSED),
        ],
        "an agreement for something else used where none is asked for": [
            SAMPLED, agreeing("dispose", "C1/2", content=BURNT),
            bruno.consume(**ON_C1, **USE, thing="S1", quantity="1"),
        ],
    },
    "AUTHORISATION-USED": {
        "an agreement used twice": [RUN, agreeing_to_a_deviation("x"), DEVIATION, DEVIATION],
    },
    "AUTHORISATION-CONTENT": {
        "disposal in another way than was agreed": [
            agreeing("dispose", "C1/1", content={"method": "returned to the owner"}),
            amina.dispose(**DISPOSED),
        ],
        "disposal by an order that nobody agreed to": [
            agreeing("dispose", "C1/1", content=BURNT), amina.dispose(**DISPOSED, order="Order 3"),
        ],
        "a correction to another value than was agreed": [
            agreeing_on_the_receipt("correct", MISHEARD | {"new": "Officer Joan Roe"}),
            amina.correct(**ON_C1, **MISHEARD, event=received, new="Nobody"),
        ],
        "erasing another field than was agreed": [
            agreeing_on_the_receipt("erase", ORDER | {"erased": ["received_from"]}),
            amina.erase(
                **ON_C1, **ORDER, event=received, erased=["received_from", "seizure_place"]
            ),
        ],
        "using up more than was agreed": [
            SAMPLED, agreeing("consume", "C1/1", content=USE | {"quantity": "70"}),
            bruno.consume(**ON_C1, **USE, thing="C1/1", quantity="100"),
        ],
        "splitting otherwise than was agreed": [
            SAMPLED, agreeing("split", "C1/1", content={"samples": SAMPLES}),
            bruno.split(**ON_C1, thing="C1/1", samples=SAMPLES, loss="100"),
        ],
        "a deviation for another reason than was agreed": [
            RUN, agreeing_to_a_deviation("the blank was lost"), DEVIATION,
        ],
        "a policy laxer than was agreed": [
            chen.authorise(
                act="policy", content={"policy": {"use_share": "0.6"}, "reason": "x"}, reason="agreed"
            ),
            amina.policy(policy={"use_share": "1"}, reason="x", authorisation=agreed),
        ],
        "a new key that is not the one agreed to": [
            agreeing_to_a_key("bruno", {"public_key": OTHER.public.text}), reenrolling("bruno"),
        ],
        "a new key that lasts longer than was agreed": [
            agreeing_to_a_key("bruno", lambda lab: {
                "public_key": KEY.public.text, "key_expires": lab.in_hours(24),
            }),
            reenrolling("bruno"),
        ],
        "agreeing to a new key without saying which": [
            chen.authorise(act="reenrol", subject="bruno", reason="lost")
        ],
        "agreeing without saying to what": [agreeing("dispose", "C1/1")],
        "agreeing to half of it": [
            agreeing("correct", subject="15", content={"field": "received_from", "old": "x"})
        ],
        "agreeing to what is no part of the act": [
            agreeing("dispose", "C1/1", content=BURNT | {"thing": "C1/2"})
        ],
        "showing one content and committing to another": [
            agreeing("dispose", "C1/1", content=SHOWN["content"], approved=MEANT["approved"])
        ],
    },
    "FIELDS": {
        "agreeing to a value that the act cannot have": [
            agreeing("consume", "C1/1", content=USE | {"quantity": "much"})
        ],
    },
    "AUTHORISATION-SELF": {
        "agreeing with oneself": [
            agreeing("dispose", "C1/1", by="amina", content=BURNT), amina.dispose(**DISPOSED),
        ],
        "enrolling oneself again": [
            agreeing_to_a_key("amina", {"public_key": KEY.public.text}), reenrolling("amina"),
        ],
    },
}  # fmt: skip
