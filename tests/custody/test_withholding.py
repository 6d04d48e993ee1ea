"""A withheld value is withheld wherever it stands, and nothing else is."""

import pytest
from bundles import bundle_of, opened_in, parts_of
from laboratory import row

from forensics.custody import appending, disclosure, verify_bundle
from forensics.custody.disclosure import Hidden, Withheld, disclose_case
from forensics.errors import UsageError, VerificationError

PLACE = "Warehouse 4, Quay Street"
OTHER_PLACE = "Warehouse 7, Mill Lane"


@pytest.fixture
def received(lab):
    return lab.received


def remark(lab, description="x", **fields):
    """Add an event with free text to the case, and return its number."""
    return lab.attached(description=description, **fields)[0]


def disclosed(lab, tmp_path, *fields, **options):
    path = tmp_path / "b.zip"
    withheld = Withheld(fields=fields, **options)
    made, _receipt, _closed = disclose_case(
        lab.amina, "C1", path, recipient="Counsel", withheld=withheld
    )
    verify_bundle.check(path)
    return made


def everything_in(path):
    """Return all that the bundle holds but the program, as one text."""
    parts = parts_of(path)
    del parts["verify_bundle.py"]
    return "\n".join(name + data.decode("utf-8", "replace") for name, data in parts.items())


@pytest.mark.parametrize("by_number", [False, True])
def test_a_withheld_field_takes_its_correction_and_the_authorisation_with_it(
    lab, received, tmp_path, by_number
):
    agreed, seq = lab.corrected(received, "seizure_place", PLACE, OTHER_PLACE)
    name = f"{received}:seizure_place" if by_number else "seizure_place"
    made = disclosed(lab, tmp_path, name)
    text = everything_in(made.path)
    assert "Quay Street" not in text and "Mill Lane" not in text
    assert set(made.repeated) >= {f"{agreed}:content", f"{seq}:old", f"{seq}:new"}
    shown = opened_in(made.path)
    assert {"field", "reason"} <= shown[seq].keys()  # what was corrected is seen


def test_a_short_value_is_followed_to_its_correction_and_not_elsewhere(lab, received, tmp_path):
    """ "horn" and "1" stand in any case; only where they are committed to are they this value."""
    seq = remark(lab, "horn", note="1")
    agreed, correction = lab.corrected(seq, "description", "horn", "tusk")
    later = remark(lab, "the horn, photographed", note="horn")
    made = disclosed(lab, tmp_path, f"{seq}:description", f"{seq}:note")
    assert set(made.repeated) == {f"{agreed}:content", f"{correction}:old", f"{correction}:new"}
    shown = opened_in(made.path)
    assert shown[later]["description"] == "the horn, photographed"
    assert shown[received]["exhibits"][0]["description"] == "horn"
    assert shown[received]["exhibits"][1]["quantity"] == "1"


def test_an_approval_that_nobody_used_is_followed(lab, received, tmp_path):
    said = {"field": "received_from", "old": "Officer Jane Roe", "new": "A. B", "reason": "x"}
    agreed = lab.authorise("correct", subject=str(received), content=said)
    made = disclosed(lab, tmp_path, "received_from")
    assert f"{agreed}:content" in made.repeated
    assert "A. B" not in everything_in(made.path)


@pytest.mark.parametrize(
    "note", ["as Officer Jane Roe said", "AS OFFICER  JANE\nROE SAID", "(officer jane roe)"]
)
def test_a_later_event_that_repeats_a_withheld_name_is_closed_there(lab, tmp_path, note):
    seq = remark(lab, "as seen", note=note)
    made = disclosed(lab, tmp_path, "received_from", why="a witness")
    assert made.repeated == (f"{seq}:note",)
    shown = opened_in(made.path)
    assert shown[seq]["description"] == "as seen" and "note" not in shown[seq]
    why = bundle_of(made.path)["withheld"]["why"]
    assert why == f"a witness; repeats a withheld value: {seq}:note"


def test_what_was_looked_at_is_opened_and_nothing_else_can_be(lab, tmp_path):
    seq = remark(lab, "x", note="another Officer Jane Roe")
    more = remark(lab, "x", note="Officer Jane Roe again")
    made = disclosed(lab, tmp_path, "received_from", opened=(f"{seq}:note",))
    assert opened_in(made.path)[seq]["note"] == "another Officer Jane Roe"
    assert made.repeated == (f"{more}:note",)
    with pytest.raises(UsageError, match="misspelt"):
        disclose_case(
            lab.amina, "C1", tmp_path / "c.zip", recipient="x",
            withheld=Withheld(fields=("received_from",), opened=(f"{seq}:description",)),
        )  # fmt: skip
    assert not (tmp_path / "c.zip").exists()


def test_an_attached_file_that_says_it_is_left_out(lab, tmp_path):
    lab.amina.attach(
        case="C1", description="note",
        attachments=[
            lab.photo("statement.txt", "Seized at WAREHOUSE 4, Quay Street".encode("utf-16")),
            lab.photo("weight.txt", b"120.5 g"),
            lab.photo("scan.pdf", b"%PDF-1.7 ..."),
        ],
    )  # fmt: skip
    made = disclosed(lab, tmp_path, "seizure_place")
    assert made.repeated == ("lab-statement.txt",)
    assert made.unsearched == ("lab-scan.pdf",)
    assert (made.attachments, made.attachments_withheld) == (2, 1)
    (tmp_path / "b.zip").unlink()
    made = disclosed(lab, tmp_path, "seizure_place", opened=("lab-statement.txt",))
    assert made.attachments == 3 and not made.repeated


def test_the_name_of_an_attached_file_is_a_value(lab, tmp_path):
    path = tmp_path / "Officer Jane Roe.txt"
    path.write_bytes(b"x")
    seq = lab.amina.attach(case="C1", description="x", attachments=[path]).seq
    made = disclosed(lab, tmp_path, "received_from")
    assert made.repeated == (f"{seq}:attachments",)
    assert "Jane Roe" not in everything_in(made.path)


def test_a_file_of_a_closed_field_is_not_given_out_by_another_event(lab, tmp_path):
    photo = lab.photo("face.txt", b"simulated face")
    seq = lab.amina.attach(case="C1", description="x", attachments=[photo]).seq
    lab.amina.attach(case="C1", description="y", attachments=[photo])
    made = disclosed(lab, tmp_path, f"{seq}:attachments")
    assert "simulated face" not in everything_in(made.path)
    assert made.attachments_withheld == 1


def test_a_value_that_stands_where_nothing_can_be_withheld_makes_no_bundle(lab, tmp_path):
    lab.amina.enrol(person="Jane Roe", name="Jane Roe", roles=["outside"])
    lab.amina.offer(case="C1", things=["C1/2"], to="Jane Roe", deadline=lab.in_hours(9), paper="F1")
    with pytest.raises(UsageError, match=r":person: a value to be withheld also occurs"):
        disclosed(lab, tmp_path, "name")
    assert not (tmp_path / "b.zip").exists()
    number = max(e.seq for e in lab.amina.events() if e.type == "enrol")
    made = disclosed(lab, tmp_path, "name", opened=(f"{number}:person",))
    assert "Full name of" not in everything_in(made.path)


def test_a_value_in_the_stated_reason_is_found_by_the_last_look(lab, tmp_path):
    with pytest.raises(VerificationError, match="withheld"):
        disclosed(lab, tmp_path, "seizure_place", why=f"{PLACE} is protected")
    assert not (tmp_path / "b.zip").exists()
    assert not [e for e in lab.amina.events() if e.type == "disclose"]


def test_the_last_look_does_not_rely_on_what_was_followed(lab, tmp_path, monkeypatch):
    """Were a copy overlooked, or a file not searched, no bundle would appear."""
    seq = lab.amina.attach(
        case="C1", description="x", note=PLACE,
        attachments=[lab.photo("statement.txt", PLACE.encode())],
    ).seq  # fmt: skip
    texts = frozenset({PLACE})
    nothing = frozenset()
    monkeypatch.setattr(
        disclosure, "hide",
        lambda *_: Hidden(nothing, nothing, texts, nothing, nothing, (), ()),
    )  # fmt: skip
    with pytest.raises(VerificationError, match=rf"{seq}:note, attachments/[0-9a-f]{{64}}\)"):
        disclosed(lab, tmp_path, "seizure_place")
    assert not (tmp_path / "b.zip").exists()


def test_copies_of_what_a_court_had_erased_are_not_handed_out(lab, received, tmp_path, monkeypatch):
    """Where copies were left: the correction and its approval."""
    agreed, seq = lab.corrected(received, "received_from", "Officer Jane Roe", "Officer Joan Roe")
    note = remark(lab, note="as Officer Joan Roe says")
    monkeypatch.setattr(appending, "check_no_copy_left", lambda *_: None)
    lab.erased(received, "received_from")
    made = disclosed(lab, tmp_path)
    assert "Jane Roe" not in everything_in(made.path)
    assert set(made.repeated) == {f"{agreed}:content", f"{seq}:old", f"{seq}:new", f"{note}:note"}


def test_a_withheld_event_takes_what_repeats_it(lab, tmp_path):
    said = "Taken to the house of the informer at night"
    seq = remark(lab, said)
    later = remark(lab, f"see: {said}")
    made = disclosed(lab, tmp_path, events=(seq,))
    assert made.repeated == (f"{later}:description",)
    assert "informer" not in everything_in(made.path)


def test_an_identifier_is_followed_where_it_is_closed_in_all_events(lab, tmp_path):
    lab.amina.location(location="strongroom B")
    stored = lab.amina.store(case="C1", things=["C1/1"], location="strongroom B").seq
    seq = remark(lab, "x", note="now in strongroom B")
    made = disclosed(lab, tmp_path, "location")
    assert made.repeated == (f"{seq}:note",)
    (tmp_path / "b.zip").unlink()
    # In one event it is closed to hide what happened there, not that there is a strongroom.
    made = disclosed(lab, tmp_path, f"{stored}:location")
    assert made.repeated == ()


def test_a_case_that_bears_a_withheld_name_is_told_before_it_is_opened(lab, tmp_path):
    lab.amina.case(case="Roe 1")
    lab.amina.receive(
        case="Roe 1", received_from="Roe",
        exhibits=[row("R/1")],
    )  # fmt: skip
    withheld = Withheld(fields=("received_from",))
    with pytest.raises(UsageError, match=":case"):
        disclose_case(lab.amina, "Roe 1", tmp_path / "r.zip", recipient="x", withheld=withheld)
    withheld = Withheld(fields=("received_from",), opened=("case",))
    made = disclose_case(lab.amina, "Roe 1", tmp_path / "r.zip", recipient="x", withheld=withheld)
    assert not any("received_from" in said for said in opened_in(made[0].path).values())


def test_a_withheld_event_closes_nothing_for_what_it_always_shows(lab, tmp_path):
    """The subject of an authorisation is never withheld, so that it is no secret elsewhere."""
    agreed = lab.chen.authorise(
        act="deviation", subject="Run of Monday", case="C1", content={"reason": "weak"}, reason="x"
    ).seq
    remark(lab, "x", note="as in the Run of Monday")
    assert disclosed(lab, tmp_path, events=(agreed,)).repeated == ()


def test_the_enrolment_of_who_has_no_part_in_the_case_is_not_named_as_a_repeat(lab, tmp_path):
    """Of it the bundle shows the key alone; the report would tell who else bears the name."""
    lab.amina.enrol(person="zed", name="Officer Jane Roe", roles=["outside"])
    assert disclosed(lab, tmp_path, "received_from").repeated == ()


def test_the_enrolment_of_a_witness_is_searched(lab, tmp_path):
    """It is shown in the bundle of every case."""
    number = lab.enrolled("court", "witness", name="Officer Jane Roe", agency="Court")
    assert disclosed(lab, tmp_path, "received_from").repeated == (f"{number}:name",)


def test_the_enrolment_of_a_person_of_the_case_is_searched(lab, tmp_path):
    number = lab.amina.enrol(person="roe", name="Officer Jane Roe", roles=["outside"]).seq
    remark(lab, "x", note="asked roe")
    lab.amina.offer(case="C1", things=["C1/2"], to="roe", deadline=lab.in_hours(9), paper="F1")
    assert disclosed(lab, tmp_path, "received_from").repeated == (f"{number}:name",)


def test_a_file_that_was_changed_since_is_told_and_not_left_out_in_silence(lab, tmp_path):
    lab.amina.attach(
        case="C1", description="x", attachments=[lab.photo("statement.txt", b"one page")]
    )
    (path,) = lab.amina.files.iterdir()
    path.chmod(0o600)
    path.write_bytes(f"seized at {PLACE}".encode())
    with pytest.raises(VerificationError, match="was changed: it has 34 bytes instead of 8"):
        disclosed(lab, tmp_path, "seizure_place")
    path.unlink()
    with pytest.raises(VerificationError, match="is missing and no event says that it was erased"):
        disclosed(lab, tmp_path, "seizure_place")
    assert not (tmp_path / "b.zip").exists()


def test_a_case_that_is_not_there_is_named(lab, tmp_path):
    with pytest.raises(UsageError, match=r"^The ledger has no case C9\.$"):
        disclose_case(lab.amina, "C9", tmp_path / "b.zip", recipient="x")


def test_what_is_not_in_the_bundle_is_not_searched_for_repeats(lab, tmp_path):
    """A change of roles of a person of the case is outside it, and no key."""
    lab.hand_over("amina", "bruno", "C1/1")
    note = "as Officer Jane Roe asked"
    lab.amina.roles(person="bruno", roles=["analyst"], reason="x", note=note)
    assert disclosed(lab, tmp_path, "received_from").repeated == ()
