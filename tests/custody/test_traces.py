"""What counts as saying a withheld value, what is a coincidence, and what holds the value of a field."""

import json
import unicodedata
import zipfile
from types import SimpleNamespace

import pytest

from forensics.custody import traces
from forensics.custody.fields import ERASED
from forensics.custody.traces import Search, copies_of, group_of, repeats_of, sought_in, texts_of


@pytest.mark.parametrize(
    "text, personal, expected",
    [
        ("1", True, set()),
        ("g", False, set()),
        ("horn", False, set()),  # any case of a horn says so
        ("carved horn", False, {"carved horn"}),
        ("Pterocarpus", False, {"Pterocarpus"}),
        ("120.5", False, set()),  # equal weights are coincidence
        ("Roe", True, {"Roe"}),
        ("Jo", True, set()),
        ("李明", True, {"李明"}),
        ("  Officer\n Jane   Roe ", True, {"Officer Jane Roe"}),
        ("-6.8161, 39.2894", True, {"-6.8161, 39.2894", "6.8161", "39.2894"}),
        ("6.8161 S, 39.2894 E", True, {"6.8161 S, 39.2894 E", "6.8161", "39.2894"}),
        ("Market of 1998", True, {"Market of 1998"}),  # the year alone tells no place
        ("", True, set()),
        ("a horn", False, {"a horn"}),  # two words
        ("Dalbergi", False, {"Dalbergi"}),
        ("Dalberg", False, set()),
        ("120.5 67.25", False, set()),  # numbers
        ("J1", True, set()),
        ("123", True, set()),
        ("12345", True, {"12345"}),
        ("12.34 S", True, {"12.34 S", "12.34"}),
        ("1.34 S", True, {"1.34 S"}),
    ],
)
def test_a_value_is_sought_where_it_hardly_stands_by_coincidence(text, personal, expected):
    assert sought_in(text, personal=personal) == expected


@pytest.mark.parametrize(
    "text, said",
    [
        ("seen by Roe, at night", True),
        ("ROE", True),
        ("roe", True),
        ("Roebuck", False),
        ("heroes", False),
        ("J.Roe", True),
        ("Roe2", False),
        ("Monroe", False),
    ],
)
def test_a_name_is_found_as_a_whole_word_in_any_case(text, said):
    assert bool(Search(["Roe"]).in_text(text)) is said


def test_a_number_at_the_end_of_a_text_is_a_whole_one():
    assert Search(["Hut 9"]).in_text("near Hut 9.")
    assert not Search(["Hut 9"]).in_text("near Hut 95")
    assert not Search(["9 Mill Lane"]).in_text("19 Mill Lane")


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC"])
def test_a_name_is_found_in_any_unicode_form_and_with_any_spaces(form):
    search = Search(["Amina Koné"])
    assert search.in_text(unicodedata.normalize(form, "by AMINA\u00a0KONÉ\n")) == {"Amina Koné"}
    assert not search.in_text("Amina Kone")  # another spelling is another name


def test_a_name_in_a_script_without_spaces_is_found_inside_a_sentence():
    assert Search(["李明"]).in_text("由李明送来")


def test_values_are_searched_to_the_ground_with_their_names():
    search = Search(["Quay Street"])
    assert search.in_value({"a": [{"b": ["x", "Quay Street 4"]}]})
    assert search.in_value({"Quay Street": 1})
    assert not search.in_value({"a": [1, True, None, "Quay", "Street"]})
    deep = value = []
    for _ in range(100_000):
        value.append([])
        value = value[0]
    value.append("Quay Street")
    assert search.in_value(deep)


def written(folder, name, data):
    path = folder / name
    path.write_bytes(data)
    return path


SENTENCE = "Received from Officer Zoë Roe.\n"


@pytest.mark.parametrize(
    "data",
    [
        SENTENCE.encode(),
        unicodedata.normalize("NFD", SENTENCE).encode(),
        SENTENCE.encode("cp1252"),
        b"\xff\xfe" + SENTENCE.encode("utf-16-le"),
        b"\xfe\xff" + SENTENCE.encode("utf-16-be"),
        json.dumps({"from": f"\n{SENTENCE}"}).encode(),  # Zo\\u00eb, after \\n
        b"<p>from <b>Officer</b> Zo&euml;&nbsp;Roe</p>",
        b"from Officer Zo&euml; Roe",
        "from <b>Officer Zo</b>ë Roe".encode(),
        b'{"from": "Officer Zo\\u00eb Roe"}',
        '{"from": "to\\nOfficer Zoë Roe"}'.encode(),
        '{"from": "to\\tOfficer Zoë Roe"}'.encode(),
        b"x" * (2**20 - 18) + b" " + SENTENCE.encode(),  # over the end of a piece
        b"\x00\x01" * 50 + "OFFICER ZOË ROE".encode() + b"\x00",  # in a picture's description
        b"\x00\x01" * 50 + SENTENCE.encode("utf-16-le"),
        b"\x00\x01" * 50 + SENTENCE.encode("cp1252"),
    ],
)
def test_a_text_is_found_in_files_of_every_encoding(tmp_path, data):
    assert Search(["Officer Zoë Roe"]).in_file(written(tmp_path, "f", data)).texts
    assert not Search(["Officer Zoë Ray"]).in_file(tmp_path / "f").texts


def test_what_could_not_be_read_as_text_is_said(tmp_path):
    search = Search(["Officer Zoë Roe"])
    for data, readable in (
        (b"plain", True),
        (SENTENCE.encode("cp1252"), True),
        (bytes(range(256)) * 9, False),
        (bytes(range(1, 256)) * 9, False),
        (b"%PDF-1.7\nplain", False),
    ):
        assert search.in_file(written(tmp_path, "f", data)).readable is readable


def test_three_bytes_in_a_picture_are_no_name(tmp_path):
    path = written(tmp_path, "f", b"\x00\x01 Roe \x02" * 1000)
    assert not Search(["Roe"]).in_file(path).texts


def test_six_bytes_in_a_picture_are_a_name_and_half_a_name_is_none(tmp_path):
    path = written(tmp_path, "f", b"\x00\x01 Bakari \x02 Officer Roe \x03")
    assert Search(["Bakari"]).in_file(path).texts
    assert not Search(["Bakar"]).in_file(path).texts  # five bytes
    # What Windows-1252 has no letters for is not left out of what is sought.
    assert not Search(["Officer 李明"]).in_file(path).texts


def packed(path, content, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return path


def test_an_office_document_is_searched_inside(tmp_path):
    search = Search(["Officer Zoë Roe"])
    runs = "<w:t>from Officer Z</w:t><w:t>oë Roe</w:t>"
    found = search.in_file(packed(tmp_path / "a.docx", {"word/document.xml": runs}))
    assert found.texts and found.readable
    assert search.in_file(packed(tmp_path / "b.zip", {"Officer Zoë Roe.txt": b"x"})).texts
    for content in ({"a.txt": b"x", "b.bin": b"\x00\x01"}, {"b.bin": b"\x00\x01", "a.txt": b"x"}):
        found = search.in_file(packed(tmp_path / "c.zip", content))
        assert not found.texts and not found.readable


def test_a_bomb_and_a_damaged_zip_are_not_unpacked_and_not_called_readable(tmp_path, monkeypatch):
    monkeypatch.setattr(traces, "MAX_DOCUMENT_BYTES", 10_000)
    monkeypatch.setattr(traces, "MAX_ZIP_ENTRIES", 3)
    search = Search(["Officer Zoë Roe"])
    for size, entries, readable in (
        (10_000, 1, True),
        (10_001, 1, False),
        (1, 3, True),
        (1, 4, False),
    ):
        content = {str(number): b"x" * size for number in range(entries)}
        assert search.in_file(packed(tmp_path / "a.zip", content)).readable is readable
    assert not search.in_file(written(tmp_path, "c.zip", b"PK\x03\x04" + b"x" * 100)).readable


def test_without_texts_nothing_is_searched():
    search = Search([])
    assert not search and not search.in_value(["x"])


def event(seq, kind, /, **fields):
    return SimpleNamespace(seq=seq, type=kind, fields=fields)


def content(**values):
    return {name: {"salt": "00", "value": value} for name, value in values.items()}


def story(**changes):
    """Return a receipt, its correction with the approval, and a disposal with its own."""
    found = [
        event(1, "receive", received_from="Roe", note="seen"),
        event(2, "authorise", act="correct", subject="1", reason="said at night",
              content=content(field="received_from", old="Roe", new="Doe", reason="misread it")),
        event(3, "correct", event=1, field="received_from", old="Roe", new="Doe", reason="x",
              authorisation=2),
        event(4, "authorise", act="dispose", subject="1", content=content(method="burnt at dawn")),
        event(5, "dispose", method="burnt at dawn", authorisation=4),
    ]  # fmt: skip
    for one in found:
        one.fields |= changes.get(f"_{one.seq}", {})
    return {one.seq: one for one in found}


OF_NAME = {(1, "received_from"), (2, "content"), (3, "old"), (3, "new")}


@pytest.mark.parametrize(
    "place, copies",
    [
        ((1, "received_from"), OF_NAME),
        ((3, "old"), OF_NAME),
        (
            (3, "new"),
            {(3, "new"), (2, "content")},
        ),  # of the right value alone, not of the wrong one
        ((2, "content"), {(2, "content")}),
        ((2, "old"), {(2, "old")}),
        ((1, "note"), {(1, "note")}),
        ((5, "method"), {(5, "method"), (4, "content")}),
        ((9, "x"), {(9, "x")}),
    ],
)
def test_a_value_is_committed_to_by_its_correction_and_by_what_approved_it(place, copies):
    assert copies_of(story(), {place}) == copies


def test_of_an_approval_that_a_person_named_the_act_is_followed_too():
    everything = OF_NAME | {(3, "field"), (3, "reason")}
    place = (2, "content")
    assert copies_of(story(), {place}, named={place}) == everything


@pytest.mark.parametrize(
    "changes",
    [
        {"_2": {"subject": subject}} for subject in (None, ERASED, "x", "\uff11", "²", "", "7")
    ]
    + [{"_2": {"act": "erase"}}, {"_2": {"content": ERASED}},
       {"_2": {"content": {"field": "received_from"}}}, {"_2": {"content": content(field=5)}}],
)  # fmt: skip
def test_what_approves_no_correction_of_it_is_no_copy(changes):
    events = story(**changes)
    del events[3]
    assert copies_of(events, {(1, "received_from")}) == {(1, "received_from")}


@pytest.mark.parametrize(
    "change", [{"event": "1"}, {"event": 2}, {"field": ERASED}, {"field": "note"}]
)
def test_what_corrects_something_else_is_no_copy(change):
    events = story(_3=change)
    del events[2]
    assert copies_of(events, {(1, "received_from")}) == {(1, "received_from")}


def test_only_fields_that_are_there_are_copies():
    events = story()
    del events[3].fields["new"]
    assert copies_of(events, {(1, "received_from")}) == OF_NAME - {(3, "new")}
    del events[1]
    assert copies_of(events, {(3, "old")}) == {(3, "old"), (2, "content")}


@pytest.mark.parametrize(
    "place, group",
    [
        ((1, "received_from"), OF_NAME),
        ((3, "new"), OF_NAME),
        ((2, "content"), OF_NAME | {(3, "field"), (3, "reason")}),
        ((3, "reason"), {(3, "reason"), (2, "content")}),
        ((5, "method"), {(5, "method"), (4, "content")}),
        ((4, "content"), {(5, "method"), (4, "content")}),
        ((99, "old"), {(99, "old")}),
    ],
)
def test_a_group_is_followed_in_both_directions(place, group):
    assert group_of(story(), place) == group


@pytest.mark.parametrize(
    "place, texts",
    [
        ((1, "received_from"), {"Roe"}),  # of a person: three letters are enough
        ((1, "note"), {"seen"}),
        ((1, "gone"), set()),
        ((9, "note"), set()),
        ((2, "content"), {"Roe", "Doe"}),
        ((2, "reason"), {"said at night"}),
        ((3, "old"), {"Roe"}),
        ((3, "field"), set()),
        ((4, "content"), set()),  # what the act says is sought where the act is closed
        ((5, "method"), {"burnt at dawn"}),
    ],
)
def test_the_texts_of_a_field_are_sought_by_what_it_is_for(place, texts):
    assert texts_of(story(), {place}) == texts
    events = story()
    if place[0] in events:
        events[place[0]].fields[place[1]] = ERASED
        assert texts_of(events, {place}) == set()


def test_a_correction_of_a_correction_is_of_the_field_that_was_wrong():
    events = story()
    events[6] = event(6, "correct", event=3, field="new", old="Doe", new="Poe")
    events[7] = event(7, "attach", content="Taken by the informer")
    assert texts_of(events, {(6, "new")}) == {"Poe"}
    assert texts_of(events, {(7, "content")}) == {"Taken by the informer"}
    assert copies_of(events, {(1, "received_from")}) == OF_NAME | {(6, "old"), (6, "new")}
    del events[3]
    assert texts_of(events, {(6, "new")}) == {"Poe"}


@pytest.mark.parametrize(
    "kind, name, value, everywhere, texts",
    [
        ("finding", "result", "Ceratotherium", (), {"Ceratotherium"}),
        ("finding", "result", ["Ceratotherium", "white horn"], (), {"white horn"}),
        ("finding", "kind", "morphology", ("kind",), set()),
        ("store", "location", "strongroom", (), set()),
        ("store", "location", "strongroom", ("location",), {"strongroom"}),
        ("receive", "seizure_place", {"town": "Abidjan"}, (), {"Abidjan"}),
        ("receive", "exhibits", [{"description": "carved horn", "unit": "g"}], (), {"carved horn"}),
        ("receive", "exhibits", {"description": "carved horn"}, (), {"carved horn"}),
        ("receive", "exhibits", ["carved horn"], (), set()),
        ("attach", "attachments", [{"name": "Officer Roe.jpg"}], (), set()),
        ("of a later version", "x", "two words", (), {"two words"}),
        ("receive", "of a later version", "two words", (), {"two words"}),
    ],
)
def test_a_value_is_sought_by_its_kind(kind, name, value, everywhere, texts):
    events = {1: event(1, kind, **{name: value})}
    assert texts_of(events, {(1, name)}, everywhere=everywhere) == texts


def test_repeats_are_the_other_fields_in_which_a_text_stands():
    events = story().values()
    search = Search(["Roe"])
    assert repeats_of(events, search, but=()) == {
        (1, "received_from"), (2, "content"), (3, "old"),
    }  # fmt: skip
    assert repeats_of(events, search, but={(3, "old")}) == {(1, "received_from"), (2, "content")}
