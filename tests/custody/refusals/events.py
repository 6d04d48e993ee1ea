"""Scenes of what every event keeps to."""

from custody.refusals.steps import attach, in_hours, key_of, later
from laboratory import C1, Doing, amina, bruno, dora

from forensics.custody import PrivateKey

NEW = PrivateKey.generate()
femi = Doing("femi")


def a_stranger_with_a_key(lab):
    lab.keys["eve"] = PrivateKey.generate()


def enrolled_for_an_hour(lab):
    lab.enrolled("femi", "custodian", key_expires=lab.in_hours(1))


def a_court(lab):
    lab.court()


def holding(*numbers):
    rows = [{"exhibit": exhibit, "ordinal": number} for exhibit, number in numbers]
    return amina.hold(**C1, order="1", reason="r", exhibit_ordinals=rows)


def enrolling(person, *roles, **more):
    return amina.enrol(**key_of(person), name="x", roles=list(roles), **more)


SCENES = {
    "FIELDS": {
        "a field is missing": [amina.case(agency="Customs")],
        "a field is unknown": [amina.case(case="C9", colour="red")],
        "a field is of another kind": [
            amina.hold(case="C1", things="C1/1", order="1", reason="r")
        ],
    },
    "TYPE": {"no such type": [amina.teleport(case="C1")]},
    "ORDINAL": {
        "another number in the case": [attach(amina, ordinal=9)],
        "another number among those about an exhibit": [holding(("C1/1", 9))],
        "the number of an exhibit that it is not about": [holding(("C1/1", 2), ("C1/2", 2))],
    },
    "TALLY": {
        "a tally that leaves out a key": [amina.tally(case="C1", rests_on=[1, 2, 3, 4, 5])],
        "a tally that names what is not there": [
            amina.tally(case="C1", rests_on=[*range(1, 7), 9999])
        ],
    },
    "FIRST": {
        "a second beginning": [
            amina.init(
                laboratory="x", rules="1", person="amina", name="x", roles=["administrator"],
                public_key=lambda lab: lab.keys["amina"].public.text,
            ),
        ],
    },
    "ACTOR-KEY": {"acting as another": [attach(bruno, actor="amina")]},
    "KEY-UNKNOWN": {
        "a key that was never enrolled": [
            a_stranger_with_a_key, Doing("eve").case(actor="amina", case="C9"),
        ],
    },
    "KEY-ENDED": {
        "a key that was revoked": [amina.revoke(person="bruno", reason="lost"), attach(bruno)],
        "a key that was rotated": [bruno.rotate(**key_of("bruno", NEW)), attach(bruno)],
    },
    "KEY-EXPIRED": {
        "a key that expired": [
            enrolled_for_an_hour, femi.case(case="C8"), later(2), femi.case(case="C9"),
        ],
        "a key that expired while others worked and the clock is set back": [
            enrolled_for_an_hour, later(2), amina.case(case="C8"), later(-2), femi.case(case="C9"),
        ],
        "a key that expired before a head and the clock is set back": [
            enrolled_for_an_hour, later(2), lambda lab: lab.amina.sign_head(), later(-1.5),
            femi.case(case="C9"),
        ],
    },
    "ROLE": {
        "without the role": [dora.case(case="C9")],
        "a witness signs an event": [a_court, attach(Doing("court"))],
    },
    "WITNESS-ROLE": {
        "a witness of no agency": [enrolling("court", "witness")],
        "a witness without a key": [
            amina.enrol(person="court", name="x", roles=["witness"], agency="Court")
        ],
        "a witness who works here": [enrolling("gita", "analyst", "witness", agency="Court")],
        "one of us becomes a witness": [
            amina.roles(person="bruno", roles=["witness"], reason="x")
        ],
        "a witness becomes one of us": [
            a_court, amina.roles(person="court", roles=["analyst"], reason="x"),
        ],
    },
    "TIME-FUTURE": {
        "what has not happened yet": [amina.case(case="C9", occurred_at=in_hours(1))]
    },
    "LATE-REASON": {
        "late without a reason": [amina.case(case="C9", occurred_at=in_hours(-25))]
    },
}  # fmt: skip
