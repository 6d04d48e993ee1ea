"""The timeline, the review, disclosure and exports: what people read out of a ledger."""

import json
from dataclasses import asdict

import pytest
from bundles import bundle_of, opened_in, parts_of
from click.testing import CliRunner
from custody.refusals.steps import (
    OFFERED,
    agreed,
    hand_over,
    in_hours,
    later,
)
from laboratory import C1, LIBRARY, Laboratory, amina, bruno, chen, dora, row
from tampering import tampering

from forensics.cli import main
from forensics.custody import PrivateKey
from forensics.custody.disclosure import Withheld, disclose_case, of_others, related
from forensics.custody.heads import countersign
from forensics.custody.reader import Reader, events_csv
from forensics.custody.review import failed_controls, review
from forensics.custody.timeline import anchors, timeline
from forensics.errors import RefusedError, UsageError


def codes(lab, case="C1"):
    return {point.code for point in review(lab.amina, case)}


def test_the_timeline_tells_a_case_in_order(lab):
    lab.story()
    entries = list(timeline(lab.amina, "C1"))
    assert [entry.event.seq for entry in entries] == sorted(e.event.seq for e in entries)
    text = "\n".join(map(str, entries))
    assert ", from (erased by order), " in text
    assert "corrected in event" in text
    assert "flagged COMPETENCE" in text
    assert "Ceratotherium simum" in text
    corrected = next(entry for entry in entries if entry.corrected_by)
    assert corrected.event.type == "receive"
    found = [json.loads(json.dumps(entry.to_dict())) for entry in entries]
    assert found[1]["fields"]["received_from"] is None


def test_a_ledger_is_read_as_it_was_with_fewer_events(lab):
    size, fingerprint = lab.amina.size, lab.amina.fingerprint
    lab.story()
    with Reader(lab.amina.path, most=size) as then:
        assert (then.size, then.fingerprint) == (size, fingerprint) and then.size < lab.amina.size
        assert [event.seq for event in then.events()] == list(range(1, size + 1))
        assert then.hashes() == lab.amina.hashes()[:size]
        assert len(list(then.stored_events())) == size
        assert all(signed.head.size <= size for signed in then.heads())
        with pytest.raises(UsageError, match=f"no event {size + 1}"):
            then.event(size + 1)


def test_three_times_are_told_apart(lab):
    court = lab.court()
    lab.amina.store(**C1, location="safe", occurred_at=lab.in_hours(-40), late_reason="power cut")
    signed = lab.amina.sign_head()
    witnessed = countersign(signed, court, name="Court", seen=0, time="2026-03-05T12:00:00.000000Z")
    lab.clock.forward(days=4)
    lab.amina.keep_head(witnessed)
    lab.amina.retrieve(**C1)
    stored, retrieved = list(timeline(lab.amina, "C1"))[-2:]
    text = str(stored)
    assert "2026-02-28" in text and "recorded 2026-03-02" in text
    assert "witnessed by 2026-03-05 12:00 UTC" in text and "flagged LATE" in text
    assert retrieved.not_later_than is None


def test_an_earlier_witness_of_a_larger_head_counts_for_what_was_before(lab):
    court = lab.court()
    for time in ("2026-05-01", "2026-04-01"):
        lab.amina.case(case=time)
        witnessed(lab, court, f"{time}T00:00:00.000000Z")
    lab.clock.forward(days=90)
    assert {time for _size, time in anchors(lab.amina)} == {"2026-04-01T00:00:00.000000Z"}


def test_a_good_case_leaves_few_questions(lab):
    court = lab.court()
    lab.clock.forward(minutes=5)
    for kind in ("amplification", "identification"):
        lab.chen.competence(
            person="bruno", competence=kind, valid_from="2026-01-01T00:00:00.000000Z",
            valid_until="2027-01-01T00:00:00.000000Z",
        )  # fmt: skip
    finding = lab.found()
    lab.chen.reviewed(case="C1", finding=finding, outcome="agrees")
    witnessed(lab, court)
    assert codes(lab) == {"REMAINS", "SEALS", "WITNESS-UNPROVED"}
    pinned = review(lab.amina, "C1", witness_keys=[court.id])
    assert {point.code for point in pinned} == {"REMAINS", "SEALS"}


def witnessed(lab, court, time=None):
    signed = lab.amina.sign_head()
    lab.amina.keep_head(countersign(signed, court, name="Court", seen=0, time=time or lab.clock()))


ONE_HAND = [
    hand_over("amina", "chen"), chen.receive(case="C1", exhibits=[row("C1/8")]),
    chen.finding(case="C1", thing="C1/8", kind="morphology", result="horn"),
]  # fmt: skip
FAILED = [Laboratory.found, bruno.control(run="R1", control="NTC", result="failed")]
DEVIATION = [
    *FAILED,
    amina.authorise(act="deviation", subject="R1", content={"reason": "x"}, reason="x"),
    bruno.deviation(run="R1", reason="x", authorisation=agreed),
]
QUARANTINE = [dora.lost(**C1, circumstances="x"), bruno.found(**C1, circumstances="x")]
SCENES = {
    "RELAXED": [
        lambda lab: lab.relaxed(use_share="0.9"), Laboratory.sampled,
        bruno.consume(case="C1", thing="C1/1", quantity="80", unit="g", used_for="x"),
    ],
    "QUARANTINE": QUARANTINE,
    "UNSTORED": [later(20), amina.store(**C1, location="safe")],
    "OVERDUE": [OFFERED, later(3)],
    "ONE-HAND": ONE_HAND,
    "SAME-MOMENT": [OFFERED, later(-55 / 3600), bruno.accept(**C1)],
    "UNREVIEWED": [Laboratory.found],
    "CONTROLS": FAILED,
    "DEVIATION": DEVIATION,
    "CORRECTED": [Laboratory.story],
    "ERASED": [Laboratory.story],
    "UNWITNESSED": [],
    "WITNESS-UNPROVED": [lambda lab: witnessed(lab, lab.court())],
    "WITNESS-VOID": [lambda lab: witnessed(lab, PrivateKey.generate())],
    "WITHOUT-KEY": [hand_over("amina", "bruno"), amina.revoke(person="bruno", reason="left")],
    "LATE": [
        amina.store(
            **C1, location="safe", occurred_at=in_hours(-40), late_reason="power cut"
        ),
    ],
}  # fmt: skip


def done(lab, *steps):
    for step in steps:
        step(lab)


@pytest.mark.parametrize("code", SCENES)
def test_what_a_defence_expert_would_attack(lab, code):
    assert code not in codes(lab) - {"UNWITNESSED"}
    done(lab, *SCENES[code])
    points = about(lab, code)
    assert points
    assert all(point.events for point in points)
    assert code in str(points[0])
    assert json.dumps(asdict(points[0]))


def about(lab, code, case="C1"):
    return [point for point in review(lab.amina, case) if point.code == code]


def test_every_act_under_a_relaxed_policy_is_listed_and_none_outside(lab):
    lab.sampled()
    before = lab.size
    begin = lab.relaxed(use_share="0.9", review=False)
    used = lab.bruno.consume(case="C1", thing="C1/1", quantity="80", unit="g", used_for="x").seq
    lab.bruno.run(run="R7", kind="other")  # no case: found by the finding that rests on it
    lab.bruno.load(case="C1", run="R7", loaded=[{"thing": "S1"}])
    lab.bruno.finding(case="C1", thing="S1", kind="sex", runs=["R7"], result="male")
    last = lab.size
    end = lab.amina.policy(policy={"use_share": "0.5"}, reason="back").seq
    after = lab.bruno.consume(
        case="C1",
        thing="S1",
        quantity="1",
        unit="g",
        used_for="x",
        authorisation=lab.authorise(
            "consume", "S1", content={"quantity": "1", "unit": "g", "used_for": "x"}
        ),
    ).seq
    share, review_ = about(lab, "RELAXED")
    assert share.events == (begin, *range(used, last + 1), end)
    assert begin == before + 2 and after not in share.events and after in review_.events
    text = str(share)
    assert "use_share relaxed from 0.5 to 0.9 by amina, agreed by chen, between" in text
    assert f"{used} consume, {used + 1} run, {used + 2} load, {used + 3} finding" in text
    assert "…" not in text
    assert "review relaxed from yes to no by amina, agreed by chen, since" in str(review_)
    assert lab.verify().ok


def test_a_policy_relaxed_before_the_case_was_opened_is_told_of_it_only_while_it_lasts(lab):
    lab.relaxed(late_hours=48)
    lab.amina.policy(policy={"late_hours": 24}, reason="back")
    lab.relaxed(transit_hours=100)
    opened = lab.amina.case(case="C3").seq
    (point,) = about(lab, "RELAXED", "C3")
    assert "transit_hours" in point.about and opened in point.events


def test_a_quarantine_says_who_lost_who_found_and_who_accepted(lab):
    done(lab, *QUARANTINE)
    (point,) = about(lab, "QUARANTINE")
    assert point.about == "C1/1: lost according to dora, found by bruno, not yet accepted"
    lab.bruno.offer(**C1, to="amina", deadline=lab.in_hours(1))
    lab.amina.accept(**C1, seals=["A1", "A2"], condition="good")
    (point,) = about(lab, "QUARANTINE")
    assert point.about.endswith("found by bruno, accepted by amina") and len(point.events) == 3


def test_the_content_of_an_authorisation_is_withheld_with_what_it_shows(lab, tmp_path):
    agreed, seq = lab.corrected(
        lab.received, "received_from", "Officer Jane Roe", "Officer Joan Roe"
    )
    made, _receipt, _closed = disclose_case(
        lab.amina, "C1", tmp_path / "b.zip", recipient="x",
        withheld=Withheld(fields=("old", "new", "received_from"), why="a witness"),
    )  # fmt: skip
    text = parts_of(made.path)["bundle.json"].decode()
    assert "Jane Roe" not in text and "Joan Roe" not in text
    envelopes = {one["envelope"]["seq"]: one["envelope"] for one in json.loads(text)["events"]}
    approved = opened_in(made.path)[agreed]["approved"]
    # The other party can see that what was done is what was approved, without seeing what.
    assert approved == {
        name: envelopes[seq]["fields"][name] for name in ("field", "old", "new", "reason")
    }


def test_the_agreement_to_a_laxer_policy_goes_with_the_case(lab):
    seq = lab.relaxed(late_hours=48)
    assert {seq - 1, seq} <= set(related(lab.amina, "C1"))


def test_every_failed_open_or_missing_control_is_listed_with_what_was_done(lab):
    assert failed_controls(lab.amina) == []
    done(lab, *DEVIATION)
    lab.bruno.run(run="R2", kind="extraction")
    lab.bruno.run(
        run="R3", kind="amplification",
        controls=[{"control": "N", "kind": "negative", "result": "failed"},
                  {"control": "P", "kind": "positive"}],
    )  # fmt: skip
    lab.bruno.control(run="R3", control="N", result="passed", action="repeated")
    rows = failed_controls(lab.amina)
    assert [(row.run, row.control or row.kind, row.result) for row in rows] == [
        ("R1", "NTC", "failed"), ("R2", "blank", "missing"), ("R3", "N", "passed"),
        ("R3", "P", "open"),
    ]  # fmt: skip
    assert rows[0].deviation and not rows[2].deviation
    assert len(rows[2].failed_in) == 1


def test_a_review_of_no_case_is_told(lab):
    with pytest.raises(UsageError, match="no case"):
        review(lab.amina, "C9")


# -- disclosure -------------------------------------------------------------------------


def test_what_a_finding_rests_on_is_disclosed_with_it(lab, tmp_path):
    lab.story()
    kinds = {lab.amina.event(seq).type for seq in related(lab.amina, "C1")}
    assert kinds == {"run", "validate"}
    made, receipt, closed = disclose_case(lab.amina, "C1", tmp_path / "b.zip", recipient="Counsel")
    assert closed == []
    shown = opened_in(made.path)
    resting = [shown[seq] for seq in related(lab.amina, "C1")]
    assert any(said.get("library") == LIBRARY for said in resting)
    assert any(said.get("controls") for said in resting)
    assert receipt.fields["size"] == bundle_of(made.path)["head"]["head"]["size"]
    assert {said["case"] for said in shown.values() if "case" in said} == {"C1"}
    assert lab.verify().ok


def test_who_may_not_disclose_makes_no_bundle(lab, tmp_path):
    with pytest.raises(RefusedError, match="ROLE"):
        disclose_case(lab.dora, "C1", tmp_path / "b.zip", recipient="x")
    assert not (tmp_path / "b.zip").exists()


def mixed_run(lab):
    """A run with samples of both cases, whose papers and remarks name the other one."""
    lab.found()
    lab.hand_over("amina", "chen", "C2/1", case="C2")
    lab.chen.open(case="C2", thing="C2/1", condition="x")
    lab.chen.split(
        case="C2", thing="C2/1",
        samples=[{"sample": "S 77", "quantity": "1", "unit": "g", "description": "powder"}],
    )  # fmt: skip
    lab.chen.load(case="C2", run="R1", loaded=[{"thing": "S 77", "well": "B1"}])
    sheet = lab.photo("plate of C2.pdf", b"simulated control sheet: S1, S 77")
    control = lab.bruno.control(
        run="R1", control="NTC", result="failed", observed="band also in S 77",
        action="S 771 and C1/1 repeated", attachments=[sheet],
    ).seq  # fmt: skip
    agreed = lab.amina.authorise(
        act="deviation", subject="R1", content={"reason": "weak"}, reason="as asked for C2"
    ).seq
    lab.bruno.deviation(run="R1", reason="weak", authorisation=agreed)
    begin = {"valid_from": lab.in_hours(-9), "valid_until": lab.in_hours(999)}
    lab.amina.competence(person="dora", competence="anatomy", **begin)
    own = lab.amina.competence(person="bruno", competence="amplification", **begin).seq
    return control, agreed, own


def test_a_run_of_several_cases_tells_nothing_of_the_others(lab, tmp_path):
    control, agreed, own = mixed_run(lab)
    made, _receipt, closed = disclose_case(lab.amina, "C1", tmp_path / "b.zip", recipient="Counsel")
    assert closed == [f"{control}:attachments", f"{control}:observed", f"{agreed}:reason"]
    content = b"".join(parts_of(made.path).values())
    shown = opened_in(made.path)
    assert control in shown and own in related(lab.amina, "C1")
    for fields in shown.values():  # random letters
        fields.pop("public_key", None), fields.pop("proof", None)
    said = json.dumps([list(fields.values()) for fields in shown.values()])
    for name in ('S 77"', "in S 77", "C2", "powder", "anatomy", "Full name of dora"):
        assert name not in said
    assert "S 771 and C1/1 repeated" in said and "weak" in said and "failed" in said
    assert b"simulated control sheet" not in content
    why = bundle_of(made.path)["withheld"]["why"]
    assert all(name in why for name in closed)


@pytest.mark.parametrize("kind", ["run", "control", "deviation"])
def test_the_sheet_of_a_run_is_withheld_though_nothing_in_its_event_names_another_case(
    lab, tmp_path, kind
):
    """A sheet lists whatever was on the plate; nobody can tell from its name."""
    lab.found()
    sheet = lab.photo("plate.csv", b"simulated sheet of a plate")
    if kind == "run":
        said = {
            "run": "R2",
            "kind": "amplification",
            "controls": [{"control": "NTC", "kind": "negative"}],
        }
        seq = lab.bruno.run(**said, attachments=[sheet]).seq
        lab.bruno.load(case="C1", run="R2", loaded=[{"thing": "S1", "well": "A1"}])
        lab.bruno.finding(case="C1", thing="S1", kind="sex", runs=["R2"], result="male")
    elif kind == "control":
        seq = lab.bruno.control(
            run="R1", control="NTC", result="passed", attachments=[sheet]
        ).seq  # fmt: skip
    else:
        agreed = lab.chen.authorise(
            act="deviation", subject="R1", content={"reason": "weak"}, reason="x"
        ).seq
        seq = lab.bruno.deviation(
            run="R1", reason="weak", authorisation=agreed, attachments=[sheet]
        ).seq
    made, _receipt, closed = disclose_case(lab.amina, "C1", tmp_path / "b.zip", recipient="x")
    assert closed == [f"{seq}:attachments"]
    assert b"simulated sheet of a plate" not in made.path.read_bytes()


def test_fields_that_are_always_open_are_not_closed_for_another_case(lab):
    seq = lab.chen.authorise(
        act="deviation", subject="C2", content={"reason": "as in C2"}, reason="C2 again"
    ).seq
    assert sorted(of_others(lab.amina, "C1", [seq])) == [f"{seq}:content", f"{seq}:reason"]


def test_what_another_person_adds_while_a_bundle_is_made_is_not_in_it(lab, tmp_path, monkeypatch):
    """A head of more events than the bundle's would be refused; one of as many goes with it."""
    lab.found()
    court, sign, made = PrivateKey.generate(), lab.amina.sign_head, []

    def signing(size):
        signed = sign(size)
        monkeypatch.undo()
        lab.chen.attach(case="C1", description="x", attachments=[lab.photo()])
        for head in (signed, lab.chen.sign_head()):
            made.append(countersign(head, court, name="Court", seen=0, time=lab.clock()))
            lab.chen.keep_head(made[-1])
        return signed

    monkeypatch.setattr(lab.amina, "sign_head", signing)
    bundle = bundle_of(disclose_case(lab.amina, "C1", tmp_path / "b.zip", recipient="x")[0].path)
    sizes = [one["head"]["size"] for one in bundle["witnesses"]]
    assert sizes == [made[0].head.size] == [bundle["head"]["head"]["size"]]
    assert made[1].head.size == sizes[0] + 1


def test_what_is_withheld_of_a_run_can_be_opened_by_who_has_looked(lab, tmp_path):
    control, _agreed, _own = mixed_run(lab)
    sheet = f"{control}:attachments"
    with pytest.raises(UsageError, match="misspelt"):
        disclose_case(
            lab.amina, "C1", tmp_path / "a.zip", recipient="x", withheld=Withheld(opened=("9:x",))
        )
    made, _receipt, closed = disclose_case(
        lab.amina, "C1", tmp_path / "b.zip", recipient="x", withheld=Withheld(opened=(sheet,))
    )
    assert sheet not in closed
    assert b"simulated control sheet: S1, S 77" in parts_of(made.path).values()


def test_the_authorisation_of_a_deviation_has_no_case_that_could_be_told(lab):
    mixed_run(lab)
    agreed = lab.amina.authorise(
        act="deviation", subject="R1", case="C2", content={"reason": "x"}, reason="x"
    ).seq
    with pytest.raises(RefusedError, match="AUTHORISATION-SCOPE"):
        lab.bruno.deviation(run="R1", reason="x", authorisation=agreed)
    assert agreed not in related(lab.amina, "C1")


def test_an_attachment_erased_by_order_is_withheld_and_the_bundle_says_why(lab, tmp_path):
    photo = lab.photo("face.jpg", b"simulated face")
    seq, digest = lab.attached(attachments=[photo])
    gone = lab.erased(seq, files=[digest])
    made, receipt, _closed = disclose_case(
        lab.amina, "C1", tmp_path / "b.zip", recipient="x", withheld=Withheld(why="as ordered")
    )
    stated = bundle_of(made.path)["withheld"]
    why = f"as ordered; attachment lab-face.jpg was erased by order (event {gone})"
    assert stated["attachments"] == [digest] and stated["why"] == why
    assert receipt.fields["withheld"] == why
    # In a bundle of the other case, nothing is said of it.
    other = disclose_case(lab.amina, "C2", tmp_path / "c.zip", recipient="x")[0]
    assert bundle_of(other.path)["withheld"]["why"] == ""


@pytest.mark.parametrize("by_name", [True, False])
def test_single_attachments_events_and_fields_are_withheld(lab, tmp_path, by_name):
    photo = lab.photo("face.jpg", b"simulated face")
    seq, digest = lab.attached(description="as found", attachments=[photo])
    made = disclose_case(
        lab.amina, "C1", tmp_path / "b.zip", recipient="x",
        withheld=Withheld(
            fields=(f"{seq}:description",), events=(lab.received,),
            attachments=("lab-face.jpg" if by_name else digest,), why="x",
        ),
    )[0]  # fmt: skip
    assert bundle_of(made.path)["withheld"]["attachments"] == [digest]
    assert made.attachments_withheld == 1
    shown = opened_in(made.path)
    assert "description" not in shown[seq] and "attachments" in shown[seq]
    assert shown[lab.received].keys() == {"type", "case", "actor", "ordinal"}


@pytest.mark.parametrize(
    "withheld",
    [
        Withheld(attachments=("fase.jpg",)),
        Withheld(events=(999,)),
        Withheld(fields=("1:description",)),
        Withheld(fields=("5:actor",)),
    ],
)
def test_what_cannot_be_withheld_makes_no_bundle(lab, tmp_path, withheld):
    with pytest.raises(UsageError):
        disclose_case(lab.amina, "C1", tmp_path / "b.zip", recipient="x", withheld=withheld)
    assert not (tmp_path / "b.zip").exists()


# -- exports ----------------------------------------------------------------------------


def test_the_csv_has_every_event_and_no_formula(lab):
    lab.story()
    lab.amina.case(case="C5", title="=HYPERLINK(1)")
    lines = list(events_csv(lab.amina))
    assert len(lines) == lab.size  # the first comes with the head
    text = "".join(lines)
    assert "(erased)" in text and "'=HYPERLINK" in text
    assert lab.amina.hashes()[0].hex() in text


@pytest.mark.parametrize("command", [("log", "C1"), ("review", "C1"), ("log",)])
def test_a_field_that_was_changed_in_the_database_is_not_printed(lab, command):
    def read():
        return CliRunner().invoke(main, ["custody", *command, "--ledger", str(lab.path)])

    lab.close()
    assert read().exit_code == 0
    with tampering(lab.path) as connection:
        connection.execute(
            "UPDATE openings SET value = '\"Officer X\"' WHERE name = 'received_from'"
        )
    after = read()
    assert after.exit_code == 4
    assert "field received_from is not what was signed" in after.stderr
    assert "Officer X" not in after.stdout
