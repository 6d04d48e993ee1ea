"""Scenes of people and keys."""

from custody.refusals.steps import KEY, key_of, offer
from laboratory import amina, chen

from forensics.custody import PrivateKey


def one_key_for_two(lab):
    lab.enrolled("gita", "analyst", key=lab.keys["bruno"])


def enrolling(person, **more):
    return amina.enrol(name="x", roles=["analyst"], **key_of(person, **more))


SCENES = {
    "PERSON-KNOWN": {"enrolled twice": [enrolling("bruno")]},
    "PERSON-UNKNOWN": {"an offer to nobody": [amina.offer(**offer(to="zoe"))]},
    "KEY-SHARED": {"one key for two": [one_key_for_two]},
    "KEY-PROOF": {
        "a key of which nothing is shown": [enrolling("gita", proved=PrivateKey.generate())]
    },
    "KEY-OWN": {"rotating the key of another": [amina.rotate(**key_of("bruno", KEY))]},
    "LAST-KEY": {
        "revoking the last administrator": [chen.revoke(person="amina", reason="x")],
        "the last administrator steps down": [
            amina.roles(person="amina", roles=["custodian"], reason="x")
        ],
    },
}
