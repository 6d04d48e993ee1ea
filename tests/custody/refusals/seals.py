"""Scenes of seals and quantities."""

from custody.refusals.base import C1, breaks


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
