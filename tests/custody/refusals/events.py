"""Scenes of what every event keeps to."""

from custody.refusals.base import C1, breaks

from forensics.custody import PrivateKey


@breaks("FIELDS")
def a_field_is_missing(lab):
    lab.amina.case(agency="Customs")


@breaks("FIELDS")
def a_field_is_unknown(lab):
    lab.amina.case(case="C9", colour="red")


@breaks("FIELDS")
def a_field_is_of_another_kind(lab):
    lab.amina.hold(case="C1", things="C1/1", order="1", reason="r")


@breaks("TYPE")
def no_such_type(lab):
    lab.amina.add("teleport", case="C1")


@breaks("ORDINAL")
def another_number_in_the_case(lab):
    lab.amina.attach(case="C1", description="x", attachments=[lab.photo()], ordinal=9)


@breaks("ORDINAL")
def another_number_among_those_about_an_exhibit(lab):
    numbers = [{"exhibit": "C1/1", "ordinal": 9}]
    lab.amina.hold(**C1, order="1", reason="r", exhibit_ordinals=numbers)


@breaks("ORDINAL")
def the_number_of_an_exhibit_that_it_is_not_about(lab):
    numbers = [{"exhibit": "C1/1", "ordinal": 2}, {"exhibit": "C1/2", "ordinal": 2}]
    lab.amina.hold(**C1, order="1", reason="r", exhibit_ordinals=numbers)


@breaks("TALLY")
def a_tally_that_leaves_out_a_key(lab):
    lab.amina.add("tally", case="C1", rests_on=[1, 2, 3, 4, 5])


@breaks("TALLY")
def a_tally_that_names_what_is_not_there(lab):
    lab.amina.add("tally", case="C1", rests_on=[*range(1, 7), 9999])


@breaks("FIRST")
def a_second_beginning(lab):
    key = lab.keys["amina"]
    lab.amina.add(
        "init", laboratory="x", rules="1", person="amina", name="x", roles=["administrator"],
        public_key=key.public.text,
    )  # fmt: skip


@breaks("ACTOR-KEY")
def acting_as_another(lab):
    lab.bruno.add("attach", actor="amina", case="C1", description="x", attachments=[lab.photo()])


@breaks("KEY-UNKNOWN")
def a_key_that_was_never_enrolled(lab):
    lab.keys["eve"] = PrivateKey.generate()
    lab.as_("eve").add("case", actor="amina", case="C9")


@breaks("KEY-ENDED")
def a_key_that_was_revoked(lab):
    lab.amina.revoke(person="bruno", reason="lost")
    lab.bruno.attach(case="C1", description="x", attachments=[lab.photo()])


@breaks("KEY-ENDED")
def a_key_that_was_rotated(lab):
    new = PrivateKey.generate()
    lab.bruno.rotate(
        person="bruno", public_key=new.public.text, proof=lab.bruno.proof("bruno", new)
    )
    lab.bruno.attach(case="C1", description="x", attachments=[lab.photo()])


@breaks("KEY-EXPIRED")
def a_key_that_expired(lab):
    lab.keys["femi"] = key = PrivateKey.generate()
    lab.amina.enrol(
        person="femi", name="Femi", roles=["custodian"], public_key=key.public.text,
        proof=lab.amina.proof("femi", key), key_expires=lab.in_hours(1),
    )  # fmt: skip
    lab.femi.case(case="C8")
    lab.clock.forward(hours=2)
    lab.femi.case(case="C9")


@breaks("KEY-EXPIRED")
def a_key_that_expired_while_others_worked_and_the_clock_is_set_back(lab):
    key = PrivateKey.generate()
    lab.amina.enrol(
        person="femi", name="Femi", roles=["custodian"], public_key=key.public.text,
        proof=lab.amina.proof("femi", key), key_expires=lab.in_hours(1),
    )  # fmt: skip
    lab.keys["femi"] = key
    lab.clock.forward(hours=2)
    lab.amina.case(case="C8")
    lab.clock.forward(hours=-2)
    lab.femi.case(case="C9")


@breaks("KEY-EXPIRED")
def a_key_that_expired_before_a_head_and_the_clock_is_set_back(lab):
    key = PrivateKey.generate()
    lab.amina.enrol(
        person="femi", name="Femi", roles=["custodian"], public_key=key.public.text,
        proof=lab.amina.proof("femi", key), key_expires=lab.in_hours(1),
    )  # fmt: skip
    lab.keys["femi"] = key
    lab.clock.forward(hours=2)
    lab.amina.sign_head()
    lab.clock.forward(hours=-1.5)
    lab.femi.case(case="C9")


@breaks("ROLE")
def without_the_role(lab):
    lab.dora.case(case="C9")


@breaks("ROLE")
def a_witness_signs_an_event(lab):
    lab.keys["court"] = lab.court()
    lab.as_("court").attach(case="C1", description="x", attachments=[lab.photo()])


@breaks("WITNESS-ROLE")
def a_witness_of_no_agency(lab):
    key = PrivateKey.generate()
    lab.amina.enrol(
        person="court", name="x", roles=["witness"], public_key=key.public.text,
        proof=lab.amina.proof("court", key),
    )  # fmt: skip


@breaks("WITNESS-ROLE")
def a_witness_without_a_key(lab):
    lab.amina.enrol(person="court", name="x", roles=["witness"], agency="Court")


@breaks("WITNESS-ROLE")
def a_witness_who_works_here(lab):
    key = PrivateKey.generate()
    lab.amina.enrol(
        person="gita", name="x", roles=["analyst", "witness"], public_key=key.public.text,
        proof=lab.amina.proof("gita", key), agency="Court",
    )  # fmt: skip


@breaks("WITNESS-ROLE")
def one_of_us_becomes_a_witness(lab):
    lab.amina.roles(person="bruno", roles=["witness"], reason="x")


@breaks("WITNESS-ROLE")
def a_witness_becomes_one_of_us(lab):
    lab.court()
    lab.amina.roles(person="court", roles=["analyst"], reason="x")


@breaks("TIME-FUTURE")
def what_has_not_happened_yet(lab):
    lab.amina.case(case="C9", occurred_at=lab.in_hours(1))


@breaks("LATE-REASON")
def late_without_a_reason(lab):
    lab.amina.case(case="C9", occurred_at=lab.in_hours(-25))
