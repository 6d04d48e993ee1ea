"""Scenes of cases, exhibits, samples and containers."""

import hashlib

from custody.refusals.base import BURNT, C1, breaks


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
def a_quarantine_ended_on_paper(lab):
    _found(lab)
    lab.bruno.offer(**C1, to="officer", deadline=lab.in_hours(1), paper="F-1")
    lab.chen.accept(
        **C1, on_behalf_of="officer", paper="F-1", condition="good", seals=["A1", "A2"],
        attachments=[lab.photo()],
    )  # fmt: skip


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


@breaks("VERIFIES")
def merging_what_is_no_ledger(lab):
    _merged(lab, "F1")


@breaks("TRAINING")
def training_among_casework(lab):
    row = {"exhibit": "C1/7", "description": "x", "quantity": "1", "unit": "g"}
    lab.amina.receive(case="C1", exhibits=[row], purpose="training")


@breaks("TRAINING")
def a_ledger_that_becomes_training(lab):
    lab.amina.policy(policy={"kind": "training"}, reason="x")
