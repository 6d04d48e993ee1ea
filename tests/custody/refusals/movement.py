"""Scenes of handing over, storing, losing and holding."""

from custody.refusals.base import BURNT, C1, breaks


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
