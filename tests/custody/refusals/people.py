"""Scenes of people and keys."""

from custody.refusals.base import C1, breaks

from forensics.custody import PrivateKey


@breaks("PERSON-KNOWN")
def enrolled_twice(lab):
    key = PrivateKey.generate()
    lab.amina.enrol(
        person="bruno", name="x", roles=["analyst"], public_key=key.public.text,
        proof=lab.amina.proof("bruno", key),
    )  # fmt: skip


@breaks("PERSON-UNKNOWN")
def an_offer_to_nobody(lab):
    lab.amina.offer(**C1, to="zoe", deadline=lab.in_hours(1))


@breaks("KEY-SHARED")
def one_key_for_two(lab):
    key = lab.keys["bruno"]
    lab.amina.enrol(
        person="gita", name="Gita", roles=["analyst"], public_key=key.public.text,
        proof=lab.amina.proof("gita", key),
    )  # fmt: skip


@breaks("KEY-PROOF")
def a_key_of_which_nothing_is_shown(lab):
    key, other = PrivateKey.generate(), PrivateKey.generate()
    lab.amina.enrol(
        person="gita", name="Gita", roles=["analyst"], public_key=key.public.text,
        proof=lab.amina.proof("gita", other),
    )  # fmt: skip


@breaks("KEY-OWN")
def rotating_the_key_of_another(lab):
    key = PrivateKey.generate()
    lab.amina.rotate(
        person="bruno", public_key=key.public.text, proof=lab.amina.proof("bruno", key)
    )


@breaks("LAST-KEY")
def revoking_the_last_administrator(lab):
    lab.chen.revoke(person="amina", reason="x")


@breaks("LAST-KEY")
def the_last_administrator_steps_down(lab):
    lab.amina.roles(person="amina", roles=["custodian"], reason="x")
