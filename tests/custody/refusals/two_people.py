"""Scenes of what takes two people."""

from custody.refusals.base import BURNT, C1, breaks
from custody.refusals.corrections import _first_receipt

from forensics.custody import PrivateKey
from forensics.custody.rules import approving


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
