"""Labels on sheets: each in its place, whole, and read back by a scanner."""

import re
import xml.etree.ElementTree as ElementTree

import pytest

from forensics.custody.heads import Fingerprint
from forensics.custody.paper import SHEETS, code_of, read_scan, scan_text, write_label, write_sheets
from forensics.errors import UsageError

pytest.importorskip("segno")
NAMES = ["C1/1", "C1/2", "C2/1"]


def pages_of(path):
    text = path.read_text(encoding="utf-8")
    return [ElementTree.fromstring(page) for page in re.findall(r"<svg.*?</svg>", text, re.DOTALL)]


def texts_of(page):
    return [
        (float(text.get("x")), float(text.get("y")), float(text.get("font-size")), text.text or "")
        for text in page.iter("{http://www.w3.org/2000/svg}text")
    ]


@pytest.mark.parametrize("kind", SHEETS)
def test_labels_lie_on_the_page_beside_one_another(kind):
    sheet = SHEETS[kind]
    assert sheet.number == int(kind)
    corners = [sheet.corner(place) for place in range(sheet.number)]
    assert len(set(corners)) == sheet.number
    for left, top in corners:
        assert 0 < left and left + sheet.width < 210
        assert 0 < top and top + sheet.height < 297
    (first, _top), (second, _same) = corners[:2]
    assert second - first == pytest.approx(sheet.width + 2.54)
    # The margins that the makers give for the sheet of 21: 7.2 and 15.1 mm.
    assert SHEETS["21"].corner(0) == pytest.approx((7.21, 15.15), abs=0.05)


@pytest.mark.parametrize("kind", SHEETS)
def test_name_and_fingerprint_stand_whole_in_their_label(lab, tmp_path, kind):
    sheet = SHEETS[kind]
    assert write_sheets(lab.amina, NAMES, tmp_path / "labels.html", sheet=sheet) == 1
    [page] = pages_of(tmp_path / "labels.html")
    printed = texts_of(page)
    for place, name in enumerate(NAMES):
        left, top = sheet.corner(place)
        own = [
            row
            for row in printed
            if left <= row[0] < left + sheet.width and top <= row[1] <= top + sheet.height
        ]
        assert own[0][3] == name
        joined = " ".join(row[3] for row in own)
        assert str(lab.amina.fingerprint) in joined
        assert all(row[0] + 0.6 * row[2] * len(row[3]) <= left + sheet.width for row in own)
        assert all(row[2] >= 1.5 for row in own)


def test_used_labels_are_left_out_and_a_full_sheet_goes_on_with_the_next(lab, tmp_path):
    sheet = SHEETS["10"]
    path = tmp_path / "labels.html"
    assert write_sheets(lab.amina, NAMES, path, sheet=sheet, skip=8) == 2
    first, second = map(texts_of, pages_of(path))
    assert {row[3] for row in first} >= {"C1/1", "C1/2"} and second[0][3] == "C2/1"
    assert first[0][0] > sheet.corner(8)[0] and first[0][1] > sheet.corner(8)[1]


def test_the_code_is_what_a_scanner_types_for_the_thing(lab, tmp_path):
    write_sheets(lab.amina, ["C1/1"], tmp_path / "labels.html", sheet=SHEETS["21"])
    ledger = lab.amina.state.ledger
    text = (tmp_path / "labels.html").read_text(encoding="utf-8")
    drawn = re.search(r'<path stroke="#000" d="([^"]*)"', text)[1]
    assert drawn in code_of(scan_text("C1/1", ledger)).svg_inline()
    assert read_scan(scan_text("C1/1", ledger), ledger, {}) == "C1/1"


def test_the_code_of_a_label_by_itself_also_proves_that_the_ledger_only_grew(lab, tmp_path):
    ledger, head = lab.amina.state.ledger, lab.amina.fingerprint
    scan = scan_text("box 7", ledger, head)
    assert read_scan(scan, ledger, {}) == "box 7"
    assert Fingerprint.parse(scan.rsplit(" ", 1)[1]) == head
    write_label(lab.amina, "C1/1", tmp_path / "label.svg")
    text = (tmp_path / "label.svg").read_text(encoding="utf-8")
    drawn = re.search(r'd="(M[^"]*)"', text)[1]
    assert drawn in code_of(scan_text("C1/1", ledger, head)).svg_inline(scale=4)


@pytest.mark.parametrize(
    ("names", "name", "skip"),
    [([], "a.html", 0), (["C9/9"], "a.html", 0), (["C1/1"], "a.pdf", 0), (["C1/1"], "a.html", 21)],
)
def test_what_cannot_be_printed_is_refused_and_nothing_written(lab, tmp_path, names, name, skip):
    with pytest.raises(UsageError):
        write_sheets(lab.amina, names, tmp_path / name, sheet=SHEETS["21"], skip=skip)
    assert not (tmp_path / name).exists()
