"""A template is a folder that a laboratory changes: what it may hold, and what is refused."""

import shutil

import pytest

from forensics.errors import UsageError
from forensics.report.layout import STANDARD, read_template
from forensics.report.sections import SECTIONS


@pytest.fixture
def own(tmp_path):
    return shutil.copytree(STANDARD, tmp_path / "own")


def change(folder, old, new):
    path = folder / "template.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_packaged_one_has_every_section_and_two_languages():
    found = read_template()
    assert set(found.sections) == set(SECTIONS)
    assert set(found.declaration) >= {"en", "fr"}


def test_every_change_changes_its_hash(own):
    before = read_template(own)
    change(own, 'footer = ""', 'footer = "Confidential"')
    after = read_template(own)
    assert after.footer == "Confidential" and after.sha256 != before.sha256
    (own / "report.typ").write_text("= x", encoding="utf-8")
    assert read_template(own).sha256 != after.sha256


@pytest.mark.parametrize("old, new, told", [
    ('colour = "#1d4e89"', 'color = "#1d4e89"', "color is not known"),
    ('colour = "#1d4e89"', 'colour = "blue"', "#rrggbb"),
    ('"summary", "declaration"', '"sumary", "declaration"', "sections: sumary"),
    ('"summary", "declaration"', '"summary", "summary", "declaration"', "each section once"),
    ('logo = ""', 'logo = "../secret.png"', "a file in the folder"),
    ('logo = ""', 'logo = "logo.exe"', "a file in the folder"),
    ('logo = ""', 'logo = "none.png"', "cannot be read"),
    ("letterhead = []", "letterhead = 3", "letterhead is not known"),
    ("letterhead = []", "letterhead = [", "is not TOML"),
])  # fmt: skip
def test_what_is_not_understood_is_refused_by_name(own, old, new, told):
    change(own, old, new)
    with pytest.raises(UsageError, match=told):
        read_template(own)


def test_a_folder_that_is_none_and_a_logo_too_large_are_told(own, tmp_path):
    with pytest.raises(UsageError, match=r"template\.toml cannot be read"):
        read_template(tmp_path)
    (own / "logo.png").write_bytes(bytes(2 * 2**20 + 1))
    change(own, 'logo = ""', 'logo = "logo.png"')
    with pytest.raises(UsageError, match="longer than 2097152 bytes"):
        read_template(own)
