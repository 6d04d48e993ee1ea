"""Many acts from one file: all are right and recorded, or what is wrong is said and none is."""

import os

import pytest
from workbooks import workbook

from forensics.custody import batches, registry
from forensics.custody.appending import BatchRefusedError
from forensics.custody.batches import read_rows
from forensics.custody.fields import IDENTIFIER, Field
from forensics.custody.ledger import NewAct
from forensics.custody.paper import read_scan, scan_text
from forensics.custody.state import State
from forensics.errors import InputError, RefusedError, UsageError


def table(lab, text, name="morning.csv"):
    path = lab.folder / name
    path.write_text(text, encoding="utf-8")
    return path


def recorded(lab, path, **options):
    return batches.record_batch(lab.amina, batches.read_batch(path, lab.amina), path, **options)


DAY = """act;case;thing;location;exhibit;description;quantity;unit;seal;seizure_place;to
case;D4;;;;;;;;;
receive;D4;;;D4/1;tusk;900;g;B7;Quay 4;
receive;D4;;;D4/2;scales;120;g;B8;Quay 4;
store;;D4/1;safe;;;;;;;
offer;;D4/2;;;;;;;;bruno
"""


def test_rows_of_a_table_are_acts_and_later_rows_know_what_earlier_ones_made(lab):
    before = lab.size
    receipts = recorded(lab, table(lab, DAY))
    assert [receipt.seq for receipt in receipts] == list(range(before + 1, before + 6))
    assert receipts[-1].fields["case"] == "D4" and receipts[-1].fields["deadline"]
    assert lab.amina.state.things["D4/1"].location == "safe"
    assert lab.verify().ok
    assert receipts[-1].fingerprint == lab.amina.fingerprint


def test_a_row_states_records_as_the_command_does(lab):
    path = table(
        lab,
        "act,run,kind,controls\n"
        'run,SEQ-9,sequencing,"control=NTC,kind=negative,result=passed;control=P,kind=positive"\n',
    )
    batches.record_batch(lab.bruno, batches.read_batch(path, lab.bruno), path)
    assert lab.amina.state.runs["SEQ-9"].controls == {
        "NTC": ("negative", "passed"), "P": ("positive", "")
    }  # fmt: skip


def test_a_dry_run_checks_the_rows_after_one_another_and_records_nothing(lab):
    before = lab.size
    receipts = recorded(lab, table(lab, DAY), dry_run=True)
    assert len(receipts) == 5 and all(receipt.fingerprint is None for receipt in receipts)
    assert lab.size == before and "D4" not in lab.amina.state.cases
    assert recorded(lab, table(lab, DAY))[0].seq == before + 1


def test_a_refused_row_is_named_and_nothing_is_recorded(lab):
    before, files = lab.size, lab.amina.files
    (lab.folder / "bag.jpg").write_bytes(b"one bag")
    text = DAY.replace("D4/2;scales", "D4/1;scales").replace("act;", "attach;act;")
    path = table(lab, text.replace("\nrec", "\nbag.jpg;rec").replace("\ncase;", "\n;case;"))
    path.write_text(
        path.read_text().replace("\nstore", "\n;store").replace("\noffer;;D4/2", "\n;offer;;D4/1")
    )
    with pytest.raises(BatchRefusedError) as caught:
        recorded(lab, path)
    assert "Nothing was recorded." in str(caught.value)
    assert f"{path}, line 4: receive D4: refused by rule THING-KNOWN" in str(caught.value)
    assert "line 6: offer D4/1: refused by rule LOCATION-TO-LOCATION" in str(caught.value)
    assert "Correct the first one first" in str(caught.value)
    assert caught.value.exit_code == 5
    assert lab.size == before and "D4" not in lab.amina.state.cases
    assert not list(files.iterdir()) if files.exists() else True
    assert lab.verify().ok
    lab.amina.case(case="C9")  # the state is that of the file


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("case,title\nD4,x\n", "act"),
        ("act,colour\ncase,red\n", "colour"),
        ("act,case,case\ncase,D4,D4\n", "case"),
        ("act,case\n", "no rows"),
        (
            "act,thing,to\noffer,D4/9,bruno\n",
            "line 2: The ledger has no exhibit, sample or container D4/9",
        ),
        ("act,case\ndance,D4\n", "line 2: There is no type of event 'dance'"),
        ("act,case\ninit,D4\n", "line 2: “init” cannot be recorded in a batch; use"),
        ("act,case,location\ncase,D4,safe\n", "line 2: “case” has no field location"),
        ("act,case,quantity\ncase,D4\nreceive,D4,many\n", "line 3: quantity"),
        ("act,case\ncase,D4,\ncase,C3,C4\n", "line 3: More cells than columns"),
        ("act,case,at\ncase,D4,noon\n", "line 2: at"),
        ("act,case,attach\ncase,D4,none.jpg\n", "The file to attach does not exist"),
    ],
)
def test_what_is_wrong_in_a_table_is_said_with_its_line_before_anything_is_signed(lab, text, says):
    before = lab.size
    with pytest.raises((InputError, UsageError)) as caught:
        recorded(lab, table(lab, text))
    assert says in str(caught.value)
    assert lab.size == before


def test_all_wrong_rows_are_said_at_once(lab):
    text = "act,case\n" + "dance,D4\n" * 30
    with pytest.raises(InputError) as caught:
        batches.read_batch(table(lab, text), lab.amina)
    assert str(caught.value).count("dance") == 20 and "… and 10 more" in str(caught.value)


def test_acts_that_need_a_look_of_their_own_are_in_no_batch():
    assert batches.BY_THEMSELVES < set(registry.TYPES)
    assert {"authorise", "erase", "finding"} < batches.BY_THEMSELVES


def test_an_erasure_is_not_recorded_with_other_acts(lab):
    acts = [NewAct("case", {"case": "C7"}), NewAct("erase", {"event": 3})]
    with pytest.raises(UsageError, match="recorded alone"):
        lab.amina.add_all(acts)
    assert lab.amina.add_all([]) == []


def test_an_act_with_which_the_ledger_would_not_verify_is_named_among_others(lab):
    photo = lab.photo()
    seq, digest = lab.attached(attachments=[photo])
    lab.erased(seq, files=[digest])
    before = lab.size
    acts = [
        NewAct("case", {"case": "N1"}),
        NewAct("attach", {"case": "C1", "description": "x"}, None, [photo]),
        NewAct("case", {"case": "N2"}),
        NewAct("case", {"case": "N1"}),
    ]
    with pytest.raises(BatchRefusedError) as caught:
        lab.amina.add_all(acts)
    assert [(place, error.rule) for place, error in caught.value.refusals] == [
        (1, "VERIFIES"), (3, "CASE-KNOWN"),
    ]  # fmt: skip
    assert str(caught.value).startswith("act 2 of 4: ")
    assert lab.size == before and lab.verify().ok and not list(lab.amina.files.iterdir())


def test_one_act_alone_is_refused_as_by_add(lab):
    with pytest.raises(RefusedError):
        lab.amina.add_all([NewAct("store", {"case": "C1", "things": ["X"], "location": "safe"})])


@pytest.mark.parametrize("how", ["absolute", "above", "link"])
def test_a_table_attaches_nothing_that_lies_elsewhere(lab, tmp_path_factory, how):
    """Who sends a list of exhibits must not get at a key, or at a file of another case, by it."""
    if how == "link" and os.name == "nt":
        pytest.skip("a link takes special rights there")
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.key"
    secret.write_text("secret")
    folder = table(lab, "x").parent
    name = str(secret)
    if how == "above":
        name = os.path.relpath(secret, folder)
    elif how == "link":
        (folder / "photo.jpg").symlink_to(secret)
        name = "photo.jpg"
    path = table(lab, f"act,case,attach,description\nattach,C1,{name},a\n")
    with pytest.raises(InputError, match="line 2: .*beside the table"):
        batches.read_batch(path, lab.amina)


def test_attached_files_of_a_batch_are_in_place(lab):
    photo = lab.photo("bag.jpg", b"one bag")
    path = table(
        lab, f"act,case,attach,description\nattach,C1,{photo.name},a\nattach,C1,{photo.name},b\n"
    )
    path = path.rename(photo.parent / "morning.csv")
    recorded(lab, path)
    assert lab.verify().ok and len(list(lab.amina.files.iterdir())) == 1


# -- a scanner's list -------------------------------------------------------------------


def two_cases(lab):
    recorded(
        lab, table(lab, DAY.replace("store;;D4/1;safe;;;;;;;\noffer;;D4/2;;;;;;;;bruno\n", ""))
    )
    return lab.amina.state.ledger


def scanned(lab, text, act="store", **values):
    path = table(lab, text, "scans.txt")
    acts = batches.read_scans(path, lab.amina, act, values)
    return batches.record_batch(lab.amina, acts, path)


def test_scanned_labels_of_several_cases_give_an_event_for_each_case(lab):
    ledger = two_cases(lab)
    receipts = scanned(
        lab,
        f"{scan_text('D4/1', ledger)}\nC1/1\nD4/2\n{ledger}\n{lab.amina.fingerprint}\n\nD4/2\n",
        location="safe",
    )
    assert [(r.fields["case"], r.fields["things"]) for r in receipts] == [
        ("D4", ["D4/1", "D4/2"]),
        ("C1", ["C1/1"]),
    ]
    assert lab.verify().ok


def test_an_act_on_one_thing_is_an_event_for_each_thing(lab):
    two_cases(lab)
    receipts = scanned(lab, "D4/1\nD4/2\n", act="open", condition="bag intact")
    assert [receipt.fields["thing"] for receipt in receipts] == ["D4/1", "D4/2"]


def test_a_label_of_another_ledger_or_keyboard_is_said_with_its_line(lab):
    ledger = two_cases(lab)
    garbled = ledger.translate(str.maketrans("0123456789abcdef", "à&é\"'(-è_çqbcdef"))
    with pytest.raises(InputError) as caught:
        scanned(lab, f"C1/1\nD4/1 {'0' * 32}\nD4/2 {garbled}\n", location="safe")
    assert "line 2: D4/1: this label is of another ledger" in str(caught.value)
    assert "line 3" in str(caught.value) and "another keyboard" in str(caught.value)


def test_a_list_needs_an_act_on_things(lab):
    with pytest.raises(UsageError, match="cannot be recorded from a list"):
        scanned(lab, "C1/1\n", act="location", location="x")
    with pytest.raises(InputError, match="is empty"):
        scanned(lab, "\n")


def test_a_name_is_taken_as_it_is_typed():
    ledger = "0" * 32
    assert read_scan("C1/1", ledger, {"C1/1"}) == "C1/1"
    assert read_scan("C1/9", ledger, {"C1/1"}) == "C1/9"
    assert read_scan(scan_text("box 7", ledger), ledger, {}) == "box 7"
    assert read_scan(f"x {ledger}", "1" * 32, {f"x {ledger}"}) == f"x {ledger}"


# -- several cases in one act -----------------------------------------------------------


def test_seals_go_with_the_things_that_bear_them(lab):
    two_cases(lab)
    state = lab.amina.state
    seals = list(state.things["C1/1"].seals)
    acts = batches.by_case(
        state, {"things": ["C1/1", "D4/1"], "seals": ["B7", *seals], "to": "bruno"}
    )
    assert [(a["case"], a["things"], sorted(a["seals"]), a["to"]) for a in acts] == [
        ("C1", ["C1/1"], sorted(seals), "bruno"),
        ("D4", ["D4/1"], ["B7"], "bruno"),
    ]


def test_a_seal_that_nothing_bears_is_not_given_to_one_of_several_cases(lab):
    two_cases(lab)
    with pytest.raises(UsageError, match="each case separately"):
        batches.by_case(lab.amina.state, {"things": ["C1/1", "D4/1"], "seals": ["Z9"]})
    one_case = {"things": ["C1/1"], "seals": ["Z9"]}
    assert batches.by_case(lab.amina.state, one_case) == [one_case]


FIELDS = (Field("thing", IDENTIFIER),)


def test_items_in_a_second_sheet_are_not_dropped_without_a_word(tmp_path):
    path = workbook(tmp_path / "l.xlsx", Scales=[["thing"], ["S1"]], Ivory=[["thing"], ["S2"]])
    with pytest.raises(InputError, match=r"2 sheets .*Scales, Ivory"):
        read_rows(path, FIELDS, State())


def test_sheets_that_are_empty_do_not_count(tmp_path):
    path = workbook(
        tmp_path / "l.xlsx", Empty=[], Scales=[["thing"], ["S1"]], Blank=[[" "], [None]]
    )
    assert read_rows(path, FIELDS, State()) == [{"thing": "S1"}]
