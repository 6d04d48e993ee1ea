"""The file that people write: what is understood, and what is refused by name."""

import pytest

from forensics.errors import InputError
from forensics.report.details import TABLES, Details, read_details
from forensics.report.statement import details_of


@pytest.fixture
def written(tmp_path):
    def written(text, encoding="utf-8"):
        path = tmp_path / "détails.toml"
        path.write_bytes(text.encode(encoding))
        return path

    return written


def test_what_is_written_is_read(written):
    found = read_details(
        written(
            '\ufeff[report]\r\nnumber = "R-1"\r\nissued = 2026-03-09\r\n'
            '[customer]\r\nname = "Agence d\'État"\r\n[[opinion]]\r\nauthor = "chen"\r\n'
            'kind = "estimation"\r\ntext = "x"\r\nfindings = [3, 4]\r\n'
        )
    )
    assert found.get("report", "issued") == "2026-03-09"
    assert found.get("customer", "name") == "Agence d'État"
    assert found.get("customer", "address") is None
    assert found.opinions[0]["findings"] == [3, 4] and len(found.sha256) == 64


def test_without_a_file_everything_is_missing():
    assert Details().get("report", "number") is None


@pytest.mark.parametrize("text, told", [
    ('[reprot]\nnumber = "1"', "reprot is not known"),
    ('[report]\nnumbre = "1"', r"\[report\] numbre is not known"),
    ("[report]\nnumber = 7", "number is 7; expected: text"),
    ('[report]\nissued = "9 March"', "issued is '9 March'; expected: date"),
    ("[report]\nissued = 2026-03-09T10:00:00Z", "expected: date"),
    ('[[opinion]]\nkind = "sure"', "likelihood_ratio | probability"),
    ('[opinion]\ntext = "x"', r"\[\[opinion\]\]"),
    ('[[report]]\nnumber = "1"', r"write report as a table: \[report\]"),
    ("opinion = [1]", "opinion: 1 is not known"),
    ('[laboratory]\nsites = "here"', "sites is 'here'; expected: list of texts"),
    ("[[opinion]]\nfindings = [true]", "findings is .True.; expected: list of numbers"),
    ("[report", "is not TOML"),
    ('report = 3', "write report as a table"),
])  # fmt: skip
def test_what_is_not_understood_is_refused_by_name(written, text, told):
    with pytest.raises(InputError, match=told):
        read_details(written(text))


def test_another_encoding_and_a_missing_file_are_told(written, tmp_path):
    with pytest.raises(InputError, match="UTF-8"):
        read_details(written('[customer]\nname = "Dupré"', "latin-1"))
    with pytest.raises(InputError, match="there is no such file"):
        read_details(tmp_path / "none.toml")


def test_every_table_is_documented(root):
    page = (root / "docs/report.md").read_text(encoding="utf-8")
    for table, cls in TABLES.items():
        assert f"`{table}`" in page
        for name in details_of(cls):
            assert f"`{name}`" in page, (table, name)
