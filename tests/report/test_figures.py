"""Pictures are drawn when a finding is recorded, attached to it, and placed with their words."""

import base64
import gzip
import shutil
from dataclasses import replace

import every_kind
import pytest
from training_case import FINDING, as_person
from typed_reports import as_finding

import forensics
from forensics import pictures
from forensics.barcode.options import IdentifyOptions
from forensics.barcode.reading.samples import read_sample, samples_of
from forensics.custody import open_ledger
from forensics.errors import RefusedError
from forensics.examination import examine, identify_each
from forensics.origin.models import open_model
from forensics.pictures import pictures_of
from forensics.reanalysis.comparison import recompute_identification
from forensics.report import pages
from forensics.report.building import build_report
from forensics.report.layout import read_template
from forensics.report.pages import render
from forensics.report.sections import MAX_PIXELS, count_pixels, figure_of

pytest.importorskip("matplotlib", reason="drawing needs the extra plot")


@pytest.fixture
def traces(root, tmp_path):
    """Two real chromatograms of one bumblebee, unpacked as an instrument gives them."""
    found = []
    for name in ("Bombus_ignitus_short_F.ab1", "Bombus_ignitus_short_R.ab1"):
        source = root / "reference_sequences/demonstration" / f"{name}.gz"
        found.append(tmp_path / name)
        found[-1].write_bytes(gzip.decompress(source.read_bytes()))
    return found


def test_the_training_case_has_the_tree_of_its_finding(statement):
    (figure,) = statement["findings"][0]["figures"]
    assert figure["name"] == "tree.png"
    assert base64.b64decode(figure["base64"]).startswith(b"\x89PNG")
    page = render(statement, read_template(), ".html").decode()
    assert "Tree of the questioned sequence and its nearest records" in page
    assert 'alt="Tree of the questioned sequence scale with' in page


def test_a_trace_and_a_tree_are_the_same_bytes_every_time(traces, embedded):
    (sample,) = samples_of(traces).samples
    (result,) = identify_each(read_sample(sample), library=embedded, tree=True)
    drawn = []
    for _again in range(2):
        with pictures_of(result, traces) as found:
            assert not found.missing
            drawn.append({path.name: path.read_bytes() for path in found.paths})
    assert set(drawn[0]) >= {"chromatogram.png"} and drawn[0] == drawn[1]
    assert not any(path.exists() for path in found.paths)


def test_an_origin_has_its_map_with_the_reference_sites(tmp_path):
    result, _files = every_kind.results(every_kind.files(tmp_path))["places"]
    with pictures_of(result, [tmp_path / "map.csv"], model=open_model("simulated-range")) as found:
        assert [path.name for path in found.paths] == ["map.png"] and not found.missing
        assert found.paths[0].read_bytes().startswith(b"\x89PNG")


def test_without_matplotlib_a_finding_is_recorded_and_the_lack_is_told(monkeypatch, embedded, root):
    monkeypatch.setattr(pictures, "can_draw", lambda: False)
    query = root / "reference_sequences/demonstration/scale.fasta"
    result = forensics.identify(query, library=embedded, tree=True)[0]
    with pictures_of(result, [query]) as found:
        assert found.paths == () and "matplotlib" in found.missing[0]


def test_a_picture_that_cannot_be_drawn_stops_nothing(traces, embedded, tmp_path):
    (sample,) = samples_of(traces).samples
    (result,) = identify_each(read_sample(sample), library=embedded)
    damaged = shutil.copyfile(traces[0], tmp_path / "x.ab1")
    damaged.write_bytes(damaged.read_bytes()[:3000])
    with pictures_of(result, [damaged]) as found:
        assert found.paths == () and "chromatogram.png was not drawn" in found.missing[0]


def test_a_sample_that_was_examined_is_found_again_although_pictures_are_attached(case, embedded):
    (sample,) = samples_of([case / "S1.fasta"]).samples
    with as_person(case, "bruno") as bruno:
        (one,) = examine(bruno, {"S1": sample}, library=embedded, runs=["SEQ-7"])
        assert one.previous_event == FINDING
        (again,) = examine(bruno, {"S1": sample}, library=embedded, runs=["SEQ-7"], rerun=True)
        names = [
            entry["name"] for entry in bruno.event(again.receipt.seq).fields["attachments"]
        ]  # fmt: skip
    assert names == ["S1.fasta", "tree.png"] and again.pictures_missing == ()


def test_a_sample_has_the_kind_of_specimen_of_its_exhibit_where_none_is_given(case, embedded):
    (sample,) = samples_of([case / "S1.fasta"]).samples
    again = {"library": embedded, "runs": ["SEQ-7"], "rerun": True}
    with as_person(case, "bruno") as bruno:
        for options, kind in ((None, "scales"), (IdentifyOptions(kind="skins"), "skins")):
            (one,) = examine(bruno, {"S1": sample}, options, **again)
            assert one.result.provenance.parameters["kind"] == kind
            event = bruno.event(one.receipt.seq)
            same = recompute_identification(bruno, event, embedded, forensics.identify)
            assert same["provenance"]["parameters"]["kind"] == kind


def test_a_picture_of_another_name_has_its_name_as_caption(statement):
    finding = as_finding(statement["findings"][0])
    other = replace(finding.figures[0], name="gel.png")
    assert figure_of(finding, other, 2).caption == "Finding 2: gel.png"
    finding = replace(finding, result={**finding.result, "candidates": []})
    assert "tree.png" in figure_of(finding, finding.figures[0], 2).caption


def placed(statement, name, content):
    """Return the PDF with a picture in the place of the tree."""
    held = base64.b64encode(content).decode()
    figure = {"name": name, "kind": name[-3:], "sha256": "", "base64": held}
    statement["findings"][0]["figures"] = [figure]
    return render(statement, read_template(), ".pdf")


@pytest.mark.parametrize("name, content", [
    ("junk.png", b"no picture"),
    ("outside.svg", b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
                    b'<image href="file:///etc/hostname" width="9" height="9"/></svg>'),
])  # fmt: skip
def test_a_picture_that_no_page_can_show_is_told_in_its_place(
    statement, name, content, monkeypatch
):
    told, make_notice = [], pages._make_notice
    monkeypatch.setattr(
        pages,
        "_make_notice",
        lambda block, why: (make_notice(block, why), told.append(block["text"])),
    )
    assert placed(statement, name, content).startswith(b"%PDF-")
    (text,) = told
    assert f"Finding 1: {name}" in text and "cannot be shown on a page" in text


def test_a_picture_that_unpacks_to_too_much_is_not_unpacked():
    size = (40_000).to_bytes(4, "big")
    assert count_pixels(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + size * 2) == 1_600_000_000 > MAX_PIXELS
    head = b"\xff\xd8\xff\xe0\0\x04\0\0\xff\xc4\0\x03\0\xff\xc2\0\x11\x08"
    assert count_pixels(head + b"\x01\x00\x02\x00\x03") == 256 * 512
    for content in (b"", b"\xff\xd8", b"\xff\xd8\xff\xe0\0\0", b"<svg/>"):
        assert count_pixels(content) == 0


def test_a_picture_that_is_not_the_one_recorded_is_refused_and_not_shown(case, details, embedded):
    for stored in (case / "laboratory.db.files").iterdir():
        if stored.read_bytes().startswith(b"\x89PNG"):
            stored.write_bytes(stored.read_bytes() + b"another")
    asked = {"identify": forensics.identify, "libraries": [embedded]}
    with open_ledger(case / "laboratory.db") as ledger:
        with pytest.raises(RefusedError, match=r"PICTURE findings\.0\.figures\.0"):
            build_report(ledger, "T-2026-001", details, **asked)
        built = build_report(ledger, "T-2026-001", details, draft=True, **asked)
    page = render(built.statement, read_template(), ".html").decode()
    assert "The picture tree.png of finding 1 is not shown" in page and "<figure" not in page
