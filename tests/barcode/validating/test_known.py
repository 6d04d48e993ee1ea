"""A laboratory's own specimens (invented here), as people keep such tables."""

import re

import pytest

from forensics.barcode.validating.validation import read_known, score
from forensics.errors import InputError

TABLE = """specimen,true species,called taxon,group
A1,Fictus albus,Fictus albus,repeat
A2,Fictus albus,Fictus,dilution
A3,Fictus niger,Fictus albus,dilution
A4,Fictus niger,,tissue
A5,Fictus niger,inconclusive,tissue
A6,Fictus albus + Exemplum primum,Exemplum primum,mixture
A7,Fictus albus,Fictidae,repeat
A8,Fictus albus,Exemplum,repeat
"""


def write(tmp_path, content, name="results.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_outcomes(tmp_path):
    specimens = read_known([write(tmp_path, TABLE)])
    assert [s.outcome() for s in specimens] == [
        "right", "right_genus", "wrong", "unassigned", "unassigned", "right", "unassigned", "wrong",
    ]  # fmt: skip


def test_the_score_has_groups_and_the_wrong_ones(tmp_path):
    path = write(tmp_path, TABLE)
    found = score(read_known([path]), [path])
    assert found["all"]["specimens"] == 8 and found["all"]["species"] == 3
    assert found["all"]["wrong"]["count"] == 2
    assert [one["group"] for one in found["groups"]] == [
        "dilution", "mixture", "repeat", "tissue",
    ]  # fmt: skip
    assert [one["specimen"] for one in found["wrong"]] == ["A3", "A8"]
    assert found["files"][0]["file"] == "results.csv" and len(found["files"][0]["sha256"]) == 64


@pytest.mark.parametrize(
    "content",
    [
        TABLE.replace(",", ";"),
        TABLE.replace(",", "\t"),
        b"\xef\xbb\xbf" + TABLE.encode(),
        TABLE.replace("\n", "\r\n"),
        TABLE.replace("repeat", "répété").encode("cp1252"),
        "\n" + TABLE.replace("specimen,true species", "Specimen, True  Species"),
    ],
)
def test_tables_are_read_as_people_have_them(tmp_path, content):
    if isinstance(content, str) and content.startswith("\n"):
        content = content.lstrip("\n")
    specimens = read_known([write(tmp_path, content)])
    assert len(specimens) == 8 and specimens[0].truth == ("Fictus albus",)
    if b"\xe9" in (content if isinstance(content, bytes) else b""):
        assert specimens[0].group == "répété"


def test_truth_is_joined_with_what_identify_wrote(tmp_path):
    truth = write(tmp_path, "specimen;true species\nA1;Fictus albus\nA2;Fictus niger\n", "t.csv")
    calls = write(
        tmp_path,
        "query,index,status,rank,taxon,probability\n"
        "A2,1,identified,genus,Fictus,0.99\nA1,2,nothing_near,,,0.96\nA9,3,identified,species,Fictus albus,1\n",
        "identified.csv",
    )
    assert [s.outcome() for s in read_known([truth, calls])] == ["unassigned", "right_genus"]


@pytest.mark.parametrize(
    "content, place, part",
    [
        ("", "", "the file is empty"),
        ("a,b\n1,2\n", "line 1", "found the columns a, b"),
        ("specimen,true species,called\nA1,Fictus albus\n", "line 2", "2 cells, but the header names 3"),
        ("specimen,true species,called\n,Fictus albus,x\n", "line 2", "'specimen' is empty"),
        ("specimen,true species,called\nA1,Fictus,x\n", "line 2", "'true species': 'Fictus' is no"),
        (
            "specimen,true species,called\nA1,Fictus albus,x\nA1,Fictus albus,x\n",
            "line 3",
            "A1 occurs twice",
        ),
        ("specimen,query,called\nA1,A1,x\n", "line 1", "two columns have the same meaning"),
        ("specimen,true species\nA1,Fictus albus\n", "", "Nothing was called for 1 specimens"),
        ("specimen,called\nA1,Fictus albus\n", "", "No table has the true species"),
        (b"PK\x03\x04xx", "", "The XLSX cannot be read"),
    ],
)  # fmt: skip
def test_bad_tables_are_told_with_their_place(tmp_path, content, place, part):
    path = write(tmp_path, content)
    with pytest.raises(InputError, match=re.escape(part)) as caught:
        read_known([path])
    assert "results.csv" in str(caught.value) and place in str(caught.value)
    assert caught.value.exit_code == 3


def test_a_missing_table_is_told(tmp_path):
    with pytest.raises(InputError, match="there is no such file"):
        read_known([tmp_path / "none.csv"])
