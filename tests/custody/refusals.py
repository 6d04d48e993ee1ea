"""One scene for each rule, in which the last act breaks it. Nothing else in the scene is wrong."""

import hashlib

from laboratory import LIBRARY

from forensics.custody import PrivateKey
from forensics.custody.approval import approving

__all__ = ["SCENES"]

SCENES = {}


def breaks(*codes):
    def kept(scene):
        for code in codes:
            SCENES.setdefault(code, []).append(scene)
        return scene

    return kept


C1 = {"case": "C1", "things": ["C1/1"]}
BURNT = {"method": "burnt"}


# -- every event ------------------------------------------------------------------------


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


# -- people and keys --------------------------------------------------------------------


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


# -- what takes two people --------------------------------------------------------------


@breaks("AUTHORISATION")
def disposal_by_one(lab):
    lab.amina.dispose(**C1, method="burnt")


@breaks("AUTHORISATION-SCOPE")
def disposal_of_what_was_not_agreed(lab):
    seq = lab.authorise("dispose", "C1/2", content=BURNT)
    lab.amina.dispose(**C1, method="burnt", authorisation=seq)


@breaks("AUTHORISATION-SCOPE")
def an_agreement_to_something_that_takes_none(lab):
    lab.authorise("store", "C1/2", content=BURNT)


@breaks("AUTHORISATION-USED")
def an_agreement_used_twice(lab):
    lab.bruno.run(run="R1", kind="other")
    seq = lab.amina.authorise(
        act="deviation", subject="R1", content={"reason": "x"}, reason="agreed"
    ).seq
    lab.bruno.deviation(run="R1", reason="x", authorisation=seq)
    lab.bruno.deviation(run="R1", reason="x", authorisation=seq)


@breaks("AUTHORISATION-SCOPE")
def disposal_of_less_than_was_agreed(lab):
    seq = lab.authorise("dispose", "C1/1", "C1/2", content=BURNT)
    lab.amina.dispose(**C1, method="burnt", authorisation=seq)


@breaks("AUTHORISATION-SCOPE")
def disposal_by_another_person_than_was_agreed(lab):
    seq = lab.authorise("dispose", "C1/1", person="bruno", content=BURNT)
    lab.amina.dispose(**C1, method="burnt", authorisation=seq)


@breaks("AUTHORISATION-SCOPE")
def an_agreement_for_something_else_used_where_none_is_asked_for(lab):
    lab.sampled()
    seq = lab.authorise("dispose", "C1/2", content=BURNT)
    lab.bruno.consume(
        case="C1", thing="S1", quantity="1", unit="g", used_for="DNA", authorisation=seq
    )


@breaks("AUTHORISATION-CONTENT")
def disposal_in_another_way_than_was_agreed(lab):
    seq = lab.authorise("dispose", "C1/1", content={"method": "returned to the owner"})
    lab.amina.dispose(**C1, method="burnt", authorisation=seq)


@breaks("AUTHORISATION-CONTENT")
def disposal_by_an_order_that_nobody_agreed_to(lab):
    seq = lab.authorise("dispose", "C1/1", content=BURNT)
    lab.amina.dispose(**C1, method="burnt", order="Order 3", authorisation=seq)


@breaks("AUTHORISATION-CONTENT")
def a_correction_to_another_value_than_was_agreed(lab):
    seq = _first_receipt(lab).seq
    said = {"field": "received_from", "old": "Officer Jane Roe", "reason": "misheard"}
    agreed = lab.authorise("correct", subject=str(seq), content=said | {"new": "Officer Joan Roe"})
    lab.amina.correct(case="C1", event=seq, authorisation=agreed, new="Nobody", **said)


@breaks("AUTHORISATION-CONTENT")
def erasing_another_field_than_was_agreed(lab):
    seq = _first_receipt(lab).seq
    said = {"order": "O", "reason": "r"}
    agreed = lab.authorise("erase", subject=str(seq), content=said | {"erased": ["received_from"]})
    lab.amina.erase(
        case="C1",
        event=seq,
        erased=["received_from", "seizure_place"],
        authorisation=agreed,
        **said,
    )


@breaks("AUTHORISATION-CONTENT")
def using_up_more_than_was_agreed(lab):
    lab.sampled()
    said = {"unit": "g", "used_for": "DNA"}
    agreed = lab.authorise("consume", "C1/1", content=said | {"quantity": "70"})
    lab.bruno.consume(case="C1", thing="C1/1", quantity="100", authorisation=agreed, **said)


@breaks("AUTHORISATION-CONTENT")
def splitting_otherwise_than_was_agreed(lab):
    lab.sampled()
    agreed = lab.authorise(
        "split", "C1/1", content={"samples": [{"sample": "S2", "quantity": "1", "unit": "g"}]}
    )
    lab.bruno.split(
        case="C1", thing="C1/1", samples=[{"sample": "S2", "quantity": "1", "unit": "g"}],
        loss="100", authorisation=agreed,
    )  # fmt: skip


@breaks("AUTHORISATION-CONTENT")
def a_deviation_for_another_reason_than_was_agreed(lab):
    lab.bruno.run(run="R1", kind="other")
    agreed = lab.amina.authorise(
        act="deviation", subject="R1", content={"reason": "the blank was lost"}, reason="agreed"
    ).seq
    lab.bruno.deviation(run="R1", reason="x", authorisation=agreed)


@breaks("AUTHORISATION-CONTENT")
def a_policy_laxer_than_was_agreed(lab):
    agreed = lab.chen.authorise(
        act="policy", content={"policy": {"use_share": "0.6"}, "reason": "x"}, reason="agreed"
    ).seq
    lab.amina.policy(policy={"use_share": "1"}, reason="x", authorisation=agreed)


@breaks("AUTHORISATION-CONTENT")
def a_new_key_that_is_not_the_one_agreed_to(lab):
    theirs, ours = PrivateKey.generate(), PrivateKey.generate()
    seq = lab.chen.authorise(
        act="reenrol", subject="bruno", content={"public_key": theirs.public.text}, reason="lost"
    ).seq
    lab.amina.reenrol(
        person="bruno", public_key=ours.public.text, proof=lab.amina.proof("bruno", ours),
        reason="x", authorisation=seq,
    )  # fmt: skip


@breaks("AUTHORISATION-CONTENT")
def a_new_key_that_lasts_longer_than_was_agreed(lab):
    new = PrivateKey.generate()
    content = {"public_key": new.public.text, "key_expires": lab.in_hours(24)}
    seq = lab.chen.authorise(act="reenrol", subject="bruno", content=content, reason="lost").seq
    lab.amina.reenrol(
        person="bruno", public_key=new.public.text, proof=lab.amina.proof("bruno", new),
        reason="x", authorisation=seq,
    )  # fmt: skip


@breaks("AUTHORISATION-CONTENT")
def agreeing_to_a_new_key_without_saying_which(lab):
    lab.chen.authorise(act="reenrol", subject="bruno", reason="lost")


@breaks("AUTHORISATION-CONTENT")
def agreeing_without_saying_to_what(lab):
    lab.authorise("dispose", "C1/1")


@breaks("AUTHORISATION-CONTENT")
def agreeing_to_half_of_it(lab):
    lab.authorise("correct", subject="15", content={"field": "received_from", "old": "x"})


@breaks("AUTHORISATION-CONTENT")
def agreeing_to_what_is_no_part_of_the_act(lab):
    lab.authorise("dispose", "C1/1", content=BURNT | {"thing": "C1/2"})


@breaks("AUTHORISATION-CONTENT")
def showing_one_content_and_committing_to_another(lab):
    shown, meant = approving(BURNT), approving({"method": "given away"})
    lab.authorise("dispose", "C1/1", content=shown["content"], approved=meant["approved"])


@breaks("FIELDS")
def agreeing_to_a_value_that_the_act_cannot_have(lab):
    lab.authorise("consume", "C1/1", content={"quantity": "much", "unit": "g", "used_for": "DNA"})


@breaks("AUTHORISATION")
def a_laxer_policy_by_one(lab):
    lab.amina.policy(policy={"review": False}, reason="x")


@breaks("AUTHORISATION-SELF")
def agreeing_with_oneself(lab):
    seq = lab.authorise("dispose", "C1/1", by="amina", content=BURNT)
    lab.amina.dispose(**C1, method="burnt", authorisation=seq)


@breaks("AUTHORISATION-SELF")
def enrolling_oneself_again(lab):
    key = PrivateKey.generate()
    seq = lab.chen.authorise(
        act="reenrol", subject="amina", content={"public_key": key.public.text}, reason="x"
    ).seq
    lab.amina.reenrol(
        person="amina", public_key=key.public.text, proof=lab.amina.proof("amina", key),
        reason="x", authorisation=seq,
    )  # fmt: skip


# -- cases and things -------------------------------------------------------------------


@breaks("CASE-KNOWN")
def a_case_opened_twice(lab):
    lab.amina.case(case="C1")


@breaks("CASE-UNKNOWN")
def a_case_never_opened(lab):
    lab.amina.container(case="C9", container="X")


@breaks("CASE-OTHER")
def things_of_two_cases_in_one_act(lab):
    lab.amina.store(case="C1", things=["C1/1", "C2/1"], location="safe")


@breaks("THING-KNOWN")
def a_name_used_twice(lab):
    lab.amina.container(case="C1", container="C2/1")


@breaks("THING-KNOWN")
def a_name_used_twice_in_one_list(lab):
    row = {"exhibit": "C1/7", "description": "x", "quantity": "1", "unit": "g"}
    lab.amina.receive(case="C1", exhibits=[row, row])


# The same to the eye: case, Cyrillic, width, dash, space.
@breaks("LOOKS-LIKE")
def an_exhibit_that_looks_like_another(lab):
    row = {"exhibit": "c1/1", "description": "x", "quantity": "1", "unit": "g"}
    lab.amina.receive(case="C1", exhibits=[row])


@breaks("LOOKS-LIKE")
def two_exhibits_in_one_list_that_look_alike(lab):
    row = {"description": "x", "quantity": "1", "unit": "g"}
    lab.amina.receive(case="C1", exhibits=[row | {"exhibit": "X 7"}, row | {"exhibit": "X-7"}])


@breaks("LOOKS-LIKE")
def a_sample_in_full_width(lab):
    lab.sampled()
    lab.bruno.split(
        case="C1", thing="C1/1", samples=[{"sample": "Ｓ1", "quantity": "1", "unit": "g"}]
    )


@breaks("LOOKS-LIKE")
def a_container_with_a_dash(lab):
    lab.amina.container(case="C1", container="BOX1")
    lab.amina.container(case="C1", container="BOX-1")


@breaks("LOOKS-LIKE")
def a_case_in_cyrillic(lab):
    lab.amina.case(case="С1")  # U+0421


@breaks("LOOKS-LIKE")
def a_seal_in_cyrillic(lab):
    lab.amina.seal(case="C1", sealed=[{"thing": "C1/1", "seal": "А1"}])  # U+0410


@breaks("LOOKS-LIKE")
def a_seal_in_small_letters(lab):
    lab.amina.seal(case="C1", sealed=[{"thing": "C1/1", "seal": "b1"}])


@breaks("LOOKS-LIKE")
def two_seals_in_one_list_that_look_alike(lab):
    rows = [{"thing": "C1/1", "seal": "Z1"}, {"thing": "C1/2", "seal": "Z 1"}]
    lab.amina.seal(case="C1", sealed=rows)


@breaks("THING-UNKNOWN")
def what_was_never_received(lab):
    lab.amina.store(case="C1", things=["C1/99"], location="safe")


@breaks("GONE")
def an_act_after_disposal(lab):
    seq = lab.authorise("dispose", "C1/1", content=BURNT)
    lab.amina.dispose(**C1, method="burnt", authorisation=seq)
    lab.amina.store(**C1, location="safe")


@breaks("GONE")
def an_act_on_what_is_lost(lab):
    lab.amina.lost(**C1, circumstances="not on the shelf")
    lab.amina.store(**C1, location="safe")


@breaks("GONE")
def finding_what_was_not_lost(lab):
    lab.amina.found(**C1, circumstances="x")


def _found(lab, by="bruno"):
    lab.dora.lost(**C1, circumstances="not seen in the courier's van")
    lab.as_(by).found(**C1, circumstances="behind the seat")


@breaks("QUARANTINE")
def opening_what_was_lost_and_found(lab):
    _found(lab)
    lab.bruno.open(case="C1", thing="C1/1", condition="good")


@breaks("QUARANTINE")
def disposing_of_what_was_lost_and_found(lab):
    _found(lab, by="amina")
    seq = lab.authorise("dispose", "C1/1", content=BURNT)
    lab.amina.dispose(**C1, method="burnt", authorisation=seq)


@breaks("QUARANTINE")
def unpacking_a_box_that_was_lost_and_found(lab):
    lab.amina.container(case="C1", container="BOX")
    lab.amina.pack(**C1, container="BOX")
    lab.dora.lost(case="C1", things=["BOX"], circumstances="x")
    lab.amina.found(case="C1", things=["BOX"], circumstances="x")
    lab.amina.unpack(**C1, container="BOX")


@breaks("QUARANTINE")
def ending_a_quarantine_without_looking(lab):
    _found(lab)
    lab.bruno.offer(**C1, to="amina", deadline=lab.in_hours(1))
    lab.amina.accept(**C1, seals=["A1", "A2"])


@breaks("QUARANTINE")
def ending_a_quarantine_without_reading_the_seals(lab):
    _found(lab)
    lab.bruno.offer(**C1, to="amina", deadline=lab.in_hours(1))
    lab.amina.accept(**C1, condition="good")


@breaks("QUARANTINE")
def a_quarantine_ended_outside(lab):
    _found(lab)
    lab.bruno.offer(**C1, to="dora", deadline=lab.in_hours(1))
    lab.dora.accept(**C1, condition="good", seals=["A1", "A2"])


@breaks("HELD-BY")
def weighing_what_another_holds(lab):
    lab.bruno.measure(case="C1", thing="C1/1", quantity="130", unit="g", gross=True)


@breaks("SEAL-CLOSED")
def weighing_through_a_seal(lab):
    lab.amina.measure(case="C1", thing="C1/1", quantity="120.5", unit="g")


@breaks("UNIT")
def a_gross_weight_in_pieces(lab):
    lab.amina.measure(case="C1", thing="C1/2", quantity="1", unit="pieces", gross=True)


@breaks("HELD-BY")
def storing_what_another_holds(lab):
    lab.bruno.store(**C1, location="safe")


@breaks("HELD-BY")
def packing_into_a_container_of_another(lab):
    lab.bruno.container(case="C1", container="BOX")
    lab.amina.pack(**C1, container="BOX")


@breaks("PACKED")
def moving_what_is_inside_a_container(lab):
    lab.amina.container(case="C1", container="BOX")
    lab.amina.pack(**C1, container="BOX")
    lab.amina.store(**C1, location="safe")


@breaks("CONTAINER")
def packing_into_an_exhibit(lab):
    lab.amina.pack(**C1, container="C1/2")


@breaks("CONTAINER")
def packing_a_container_into_itself(lab):
    lab.amina.container(case="C1", container="BOX")
    lab.amina.pack(case="C1", things=["BOX"], container="BOX")


@breaks("CONTAINER")
def unpacking_what_is_not_inside(lab):
    lab.amina.container(case="C1", container="BOX")
    lab.amina.unpack(**C1, container="BOX")


@breaks("NOT-EMPTY")
def disposing_of_a_full_container(lab):
    lab.amina.container(case="C1", container="BOX")
    lab.amina.pack(**C1, container="BOX")
    seq = lab.authorise("dispose", "BOX", content=BURNT)
    lab.amina.dispose(case="C1", things=["BOX"], method="burnt", authorisation=seq)


def _merged(lab, name, size=9, attached=None, ledger="ab" * 16):
    photo = lab.photo("field.db", b"simulated")
    lab.amina.merge(
        case="C1",
        exhibits=[{"exhibit": name, "description": "x", "quantity": "1", "unit": "g"}],
        field_ledger=ledger,
        size=size,
        root="0" * 64,
        copy=attached or hashlib.sha256(b"simulated").hexdigest(),
        attachments=[photo],
    )


@breaks("MERGED")
def merging_a_field_ledger_without_its_copy(lab):
    _merged(lab, "F1", attached="0" * 64)


@breaks("MERGED")
def merging_a_ledger_into_itself(lab):
    _merged(lab, "F1", ledger=lab.state.ledger)


@breaks("TRAINING")
def training_among_casework(lab):
    row = {"exhibit": "C1/7", "description": "x", "quantity": "1", "unit": "g"}
    lab.amina.receive(case="C1", exhibits=[row], purpose="training")


@breaks("TRAINING")
def a_ledger_that_becomes_training(lab):
    lab.amina.policy(policy={"kind": "training"}, reason="x")


# -- seals ------------------------------------------------------------------------------


@breaks("SEAL-USED")
def a_seal_used_twice(lab):
    lab.amina.seal(case="C1", sealed=[{"thing": "C1/1", "seal": "B1"}])


@breaks("SEAL-USED")
def a_seal_used_twice_in_one_list(lab):
    rows = [{"thing": name, "seal": "Z1"} for name in ("C1/1", "C1/2")]
    lab.amina.seal(case="C1", sealed=rows)


@breaks("SEAL-UNKNOWN")
def opening_what_is_not_sealed(lab):
    lab.sampled()
    lab.bruno.open(case="C1", thing="S1", condition="x")


@breaks("SEAL-UNKNOWN")
def a_broken_seal_that_is_not_among_the_seals(lab):
    row = {
        "exhibit": "C1/7", "description": "x", "quantity": "1", "unit": "g", "broken_seals": ["Q"],
    }  # fmt: skip
    lab.amina.receive(case="C1", exhibits=[row])


@breaks("SEAL-CLOSED")
def sampling_through_a_seal(lab):
    lab.hand_over("amina", "bruno", "C1/1")
    lab.bruno.split(
        case="C1", thing="C1/1", samples=[{"sample": "S1", "quantity": "10", "unit": "g"}]
    )


@breaks("SEAL-CLOSED")
def packing_into_a_sealed_container(lab):
    lab.amina.container(case="C1", container="BOX")
    lab.amina.seal(case="C1", sealed=[{"thing": "BOX", "seal": "Z1"}])
    lab.amina.pack(**C1, container="BOX")


@breaks("SEAL-OPEN")
def storing_what_was_opened(lab):
    lab.amina.open(case="C1", thing="C1/1", condition="good")
    lab.amina.store(**C1, location="safe")


@breaks("SEAL-OPEN")
def offering_what_was_opened(lab):
    lab.amina.open(case="C1", thing="C1/1", condition="good")
    lab.amina.offer(**C1, to="bruno", deadline=lab.in_hours(1))


@breaks("SEAL-OPEN")
def storing_what_was_opened_in_an_unsealed_box(lab):
    lab.amina.open(case="C1", thing="C1/1", condition="good")
    lab.amina.container(case="C1", container="BOX")
    lab.amina.pack(**C1, container="BOX")
    lab.amina.store(case="C1", things=["BOX"], location="safe")


@breaks("SEAL-PHOTOGRAPH")
def sealing_again_without_a_photograph(lab):
    lab.amina.open(case="C1", thing="C1/1", condition="good")
    lab.amina.seal(case="C1", sealed=[{"thing": "C1/1", "seal": "Z1"}], condition="good")


# -- quantities -------------------------------------------------------------------------


@breaks("UNIT")
def grams_of_pieces(lab):
    lab.hand_over("amina", "bruno", "C1/2")
    lab.bruno.open(case="C1", thing="C1/2", condition="x")
    lab.bruno.consume(case="C1", thing="C1/2", quantity="1", unit="g", used_for="x")


@breaks("UNIT")
def an_extract_of_unsaid_origin(lab):
    lab.sampled()
    lab.bruno.split(
        case="C1", thing="S1", samples=[{"sample": "E1", "quantity": "50", "unit": "uL"}]
    )


@breaks("BALANCE")
def taking_more_than_there_is(lab):
    lab.sampled()
    lab.bruno.consume(case="C1", thing="S1", quantity="10.2", unit="g", used_for="x")


@breaks("BALANCE")
def splitting_off_more_than_there_is(lab):
    lab.sampled()
    rows = [{"sample": f"T{n}", "quantity": "6000", "unit": "mg"} for n in range(2)]
    lab.bruno.split(case="C1", thing="S1", samples=rows)


@breaks("BALANCE")
def returning_more_than_there_is(lab):
    lab.sampled()
    lab.bruno.add("return", case="C1", thing="S1", quantity="11", unit="g")


@breaks("SHARE")
def using_more_than_half(lab):
    lab.sampled()
    lab.bruno.consume(case="C1", thing="C1/1", quantity="61", unit="g", used_for="x")


@breaks("PORTION")
def leaving_too_little_for_a_second_expert(lab):
    lab.relaxed(use_share="1")
    lab.sampled()
    lab.bruno.consume(case="C1", thing="C1/1", quantity="95", unit="g", used_for="x")


# -- movement ---------------------------------------------------------------------------


@breaks("LOCATION-KNOWN")
def a_location_set_up_twice(lab):
    lab.amina.location(location="safe")


@breaks("LOCATION-UNKNOWN")
def a_location_never_set_up(lab):
    lab.amina.store(**C1, location="attic")


@breaks("LOCATION-UNKNOWN")
def a_shelf_in_no_room(lab):
    lab.amina.location(location="shelf", parent="attic")


@breaks("LOCATION-TO-LOCATION")
def from_store_to_store(lab):
    lab.amina.store(**C1, location="safe")
    lab.amina.store(**C1, location="freezer")


@breaks("LOCATION-TO-LOCATION")
def an_offer_out_of_the_store(lab):
    lab.amina.store(**C1, location="safe")
    lab.amina.offer(**C1, to="bruno", deadline=lab.in_hours(1))


@breaks("NOT-STORED")
def retrieving_what_is_not_stored(lab):
    lab.bruno.retrieve(**C1)


@breaks("WITNESS")
def storing_without_the_witness_that_the_policy_asks_for(lab):
    lab.amina.policy(policy={"storage_witness": True}, reason="x")
    lab.amina.store(**C1, location="safe")


@breaks("WITNESS")
def ones_own_witness(lab):
    lab.amina.store(**C1, location="safe", witness="amina")


@breaks("SELF")
def handing_over_to_oneself(lab):
    lab.amina.offer(**C1, to="amina", deadline=lab.in_hours(1))


@breaks("OFFERED")
def storing_what_is_offered(lab):
    lab.amina.offer(**C1, to="bruno", deadline=lab.in_hours(1))
    lab.amina.store(**C1, location="safe")


@breaks("NOT-OFFERED")
def accepting_what_was_not_offered(lab):
    lab.bruno.accept(**C1)


@breaks("NOT-OFFERED")
def accepting_what_was_offered_in_two_events_as_one(lab):
    lab.amina.offer(**C1, to="bruno", deadline=lab.in_hours(1))
    lab.amina.offer(case="C1", things=["C1/2"], to="bruno", deadline=lab.in_hours(1))
    lab.bruno.accept(case="C1", things=["C1/1", "C1/2"])


@breaks("NOT-OFFERED")
def accepting_what_was_offered_with_what_was_not(lab):
    lab.amina.offer(**C1, to="bruno", deadline=lab.in_hours(1))
    lab.bruno.accept(case="C1", things=["C1/1", "C1/2"])


@breaks("RECEIVER")
def accepting_what_was_offered_to_another(lab):
    lab.amina.offer(**C1, to="bruno", deadline=lab.in_hours(1))
    lab.chen.accept(**C1)


@breaks("RECEIVER")
def accepting_ones_own_offer(lab):
    lab.amina.offer(**C1, to="bruno", deadline=lab.in_hours(1))
    lab.amina.accept(**C1)


@breaks("DEADLINE")
def a_deadline_beyond_the_policy(lab):
    lab.amina.offer(**C1, to="bruno", deadline=lab.in_hours(100))


@breaks("DEADLINE")
def a_deadline_that_has_passed(lab):
    lab.amina.offer(**C1, to="bruno", deadline=lab.in_hours(-1))


@breaks("PAPER-FORM")
def an_offer_to_somebody_without_key_and_form(lab):
    lab.amina.offer(**C1, to="officer", deadline=lab.in_hours(1))


@breaks("DEADLINE")
def a_deadline_at_the_time_of_the_offer(lab):
    now = lab.in_hours(0)
    lab.amina.offer(**C1, to="bruno", deadline=now, occurred_at=now)


@breaks("PAPER-FORM")
def an_offer_on_behalf_without_a_form(lab):
    lab.amina.offer(**C1, to="officer", deadline=lab.in_hours(1), paper="F-1")
    lab.bruno.accept(**C1, on_behalf_of="officer", paper="F-1", attachments=[lab.photo()])
    lab.bruno.offer(
        **C1, on_behalf_of="officer", to="amina", deadline=lab.in_hours(1),
        attachments=[lab.photo()],
    )  # fmt: skip


@breaks("PAPER-FORM")
def an_answer_without_a_form_for_somebody_whose_key_has_ended_since(lab):
    lab.amina.offer(**C1, to="dora", deadline=lab.in_hours(1))
    lab.amina.revoke(person="dora", reason="lost")
    lab.bruno.accept(**C1, on_behalf_of="dora", attachments=[lab.photo()])


@breaks("PAPER-FORM")
def another_form_than_that_of_the_offer(lab):
    lab.amina.offer(**C1, to="officer", deadline=lab.in_hours(1), paper="F-1")
    lab.bruno.accept(**C1, on_behalf_of="officer", paper="F-2", attachments=[lab.photo()])


@breaks("PAPER-ATTESTED")
def a_form_without_photograph(lab):
    lab.amina.offer(**C1, to="officer", deadline=lab.in_hours(1), paper="F-1")
    lab.bruno.accept(**C1, on_behalf_of="officer", paper="F-1")


@breaks("PAPER-ATTESTED")
def a_form_attested_by_the_giver(lab):
    lab.amina.offer(**C1, to="officer", deadline=lab.in_hours(1), paper="F-1")
    lab.amina.accept(**C1, on_behalf_of="officer", paper="F-1", attachments=[lab.photo()])


@breaks("PAPER-ATTESTED")
def a_return_attested_by_who_receives(lab):
    lab.amina.offer(**C1, to="officer", deadline=lab.in_hours(1), paper="F-1")
    lab.bruno.accept(**C1, on_behalf_of="officer", paper="F-1", attachments=[lab.photo()])
    lab.chen.offer(
        **C1, on_behalf_of="officer", to="chen", deadline=lab.in_hours(1), paper="F-2",
        attachments=[lab.photo()],
    )  # fmt: skip


@breaks("PAPER-ATTESTED")
def an_answer_attested_by_who_attested_the_offer(lab):
    lab.amina.offer(**C1, to="officer", deadline=lab.in_hours(1), paper="F-1")
    lab.bruno.accept(**C1, on_behalf_of="officer", paper="F-1", attachments=[lab.photo()])
    lab.chen.offer(
        **C1, on_behalf_of="officer", to="courier", deadline=lab.in_hours(1), paper="F-2",
        attachments=[lab.photo()],
    )  # fmt: skip
    lab.chen.refuse(
        **C1, on_behalf_of="courier", paper="F-2", reason="x", attachments=[lab.photo()]
    )


@breaks("PAPER-USED")
def a_form_used_twice(lab):
    lab.amina.offer(**C1, to="officer", deadline=lab.in_hours(1), paper="F-1")
    lab.amina.offer(case="C1", things=["C1/2"], to="officer", deadline=lab.in_hours(1), paper="F-1")


@breaks("PAPER-KEY")
def paper_for_somebody_who_has_a_key(lab):
    lab.amina.offer(**C1, to="dora", deadline=lab.in_hours(1), paper="F-1")
    lab.bruno.accept(**C1, on_behalf_of="dora", paper="F-1", attachments=[lab.photo()])


# -- holds ------------------------------------------------------------------------------


@breaks("HOLD")
def disposal_under_a_hold_of_the_case(lab):
    lab.amina.hold(case="C1", order="Order 12", reason="appeal")
    seq = lab.authorise("dispose", "C1/1", content=BURNT)
    lab.amina.dispose(**C1, method="burnt", authorisation=seq)


@breaks("HOLD")
def disposal_under_a_hold_of_the_thing(lab):
    lab.amina.hold(**C1, order="Order 12", reason="appeal")
    seq = lab.authorise("dispose", "C1/1", content=BURNT)
    lab.amina.dispose(**C1, method="burnt", authorisation=seq)


@breaks("NOT-HELD")
def lifting_a_hold_that_is_not_there(lab):
    lab.amina.release(case="C1", order="Order 13", reason="x")


# -- the laboratory's work --------------------------------------------------------------


@breaks("RUN-KNOWN")
def a_run_recorded_twice(lab):
    lab.bruno.run(run="R1", kind="other")
    lab.bruno.run(run="R1", kind="other")


@breaks("RUN-UNKNOWN")
def a_control_of_no_run(lab):
    lab.bruno.control(run="R9", control="NTC", result="passed")


@breaks("CONTROL-UNKNOWN")
def a_control_that_the_run_has_not(lab):
    lab.bruno.run(run="R1", kind="other")
    lab.bruno.control(run="R1", control="NTC", result="passed")


def _report(lab, seq, **more):
    return lab.bruno.report(
        case="C1", findings=[seq], attachments=[lab.photo("report.pdf")], **more
    )


@breaks("CONTROLS")
def a_report_on_a_failed_control(lab):
    seq = lab.found()
    lab.chen.reviewed(case="C1", finding=seq, outcome="agrees")
    lab.bruno.control(run="R1", control="NTC", result="failed", action="repeated")
    _report(lab, seq)


@breaks("CONTROLS")
def a_report_on_controls_without_result(lab):
    lab.sampled()
    lab.run(POS="passed")
    seq = lab.bruno.finding(case="C1", thing="S1", kind="sex", runs=["R1"], result="male").seq
    lab.chen.reviewed(case="C1", finding=seq, outcome="agrees")
    _report(lab, seq)


@breaks("FINDING-UNKNOWN")
def a_report_on_no_finding(lab):
    _report(lab, 3)


@breaks("FINDING-UNKNOWN")
def a_review_of_a_finding_of_another_case(lab):
    seq = lab.found()
    lab.chen.reviewed(case="C2", finding=seq, outcome="agrees")


@breaks("FINDING-BATCHES")
def a_finding_that_names_no_run(lab):
    lab.sampled()
    lab.bruno.finding(case="C1", thing="S1", kind="sex", result="male")


@breaks("FINDING-BATCHES")
def a_finding_from_a_run_without_the_sample(lab):
    lab.sampled()
    lab.bruno.run(run="R1", kind="other")
    lab.bruno.finding(case="C1", thing="S1", kind="sex", runs=["R1"], result="male")


@breaks("VALIDATION")
def a_finding_from_a_library_that_nobody_accepted(lab):
    lab.sampled()
    lab.run(NTC="passed", POS="passed")
    lab.bruno.finding(
        case="C1", thing="S1", kind="identification", runs=["R1"], library=LIBRARY, result="x"
    )


@breaks("VALIDATION")
def an_origin_from_a_model_that_nobody_accepted(lab):
    lab.sampled()
    lab.run(NTC="passed", POS="passed")
    lab.bruno.finding(
        case="C1", thing="S1", kind="origin", runs=["R1"], library=LIBRARY, result="x"
    )


@breaks("VALIDATION")
def an_origin_that_names_no_model(lab):
    lab.sampled()
    lab.run(NTC="passed", POS="passed")
    lab.bruno.finding(case="C1", thing="S1", kind="origin", runs=["R1"], result="x")


@breaks("VALIDATION")
def an_age_by_a_curve_that_nobody_accepted(lab):
    lab.sampled()
    lab.run(NTC="passed", POS="passed")
    lab.bruno.finding(case="C1", thing="S1", kind="age", runs=["R1"], library=LIBRARY, result="x")


@breaks("REVIEW-SELF")
def reviewing_ones_own_finding(lab):
    lab.hand_over("amina", "chen", "C1/1")
    seq = lab.chen.finding(case="C1", thing="C1/1", kind="morphology", result="horn").seq
    lab.chen.reviewed(case="C1", finding=seq, outcome="agrees")


@breaks("REVIEWED")
def a_report_before_the_review(lab):
    _report(lab, lab.found())


@breaks("REVIEWED")
def a_report_on_a_finding_that_the_reviewer_did_not_share(lab):
    seq = lab.found()
    lab.chen.reviewed(case="C1", finding=seq, outcome="disagrees")
    _report(lab, seq)


@breaks("REVIEWED")
def an_administrative_review_before_the_technical_one(lab):
    lab.chen.reviewed(case="C1", finding=lab.found(), outcome="agrees", stage="administrative")


@breaks("REVIEWED")
def a_report_after_a_technical_review_that_was_taken_back(lab):
    seq = lab.found()
    lab.chen.reviewed(case="C1", finding=seq, outcome="agrees", stage="technical")
    lab.chen.reviewed(case="C1", finding=seq, outcome="agrees", stage="administrative")
    lab.chen.reviewed(case="C1", finding=seq, outcome="disagrees")
    _report(lab, seq)


def _reviewed(lab):
    seq = lab.found()
    lab.chen.reviewed(case="C1", finding=seq, outcome="agrees")
    return seq


@breaks("REVIEW-BLIND")
def a_blind_review_without_an_interpretation(lab):
    lab.chen.reviewed(case="C1", finding=lab.found(), outcome="agrees", blind=True)


@breaks("REPORT-NUMBER")
def two_reports_of_one_number(lab):
    seq = _reviewed(lab)
    first = _report(lab, seq, number="R1").seq
    _report(lab, seq, number="R1", replaces=first, reason="a name was misspelt")


@breaks("REPORT-UNKNOWN")
def an_amended_report_of_what_is_no_report(lab):
    seq = _reviewed(lab)
    _report(lab, seq, replaces=seq, reason="a name was misspelt")


@breaks("REPORT-REASON")
def an_amended_report_without_a_reason(lab):
    seq = _reviewed(lab)
    _report(lab, seq, replaces=_report(lab, seq).seq)


@breaks("CASEWORK-DEPOSIT")
def casework_into_a_library(lab):
    lab.sampled()
    lab.bruno.deposit(case="C1", thing="S1", name="library 2")


# -- corrections ------------------------------------------------------------------------


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
