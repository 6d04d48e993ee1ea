import hashlib

import pytest

from forensics.barcode.calling import criteria
from forensics.barcode.calling.criteria import read_profile
from forensics.errors import UsageError

GOOD = 'name = "ours"\nversion = "3"\n[species]\nminimum_records = 4\n'


@pytest.fixture
def written(tmp_path):
    def written(text):
        path = tmp_path / "ours.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def test_the_packaged_profile_asks_for_what_the_documentation_says(root):
    found = read_profile("casework")
    assert (found.minimum_records, found.minimum_vouchered, found.minimum_institutions) == (2, 1, 2)
    assert found.congeners_sampled is True
    assert found.minimum_coverage == 0.75
    assert found.checklist == {}
    text = (root / "docs" / "reasons.md").read_text(encoding="utf-8")
    for name in criteria._NOTHING:
        assert f"| `{name}` | {str(getattr(found, name)).lower()} |" in text


def test_none_is_none():
    assert read_profile("none") is None


def test_a_laboratory_edits_its_own(written):
    path = written("\ufeff" + GOOD + '[checklist]\nFictus = ["Fictus albus"]\n')
    found = read_profile(path)
    assert (found.name, found.version, found.minimum_records) == ("ours", "3", 4)
    assert (found.minimum_vouchered, found.congeners_sampled) == (0, False)
    assert found.checklist == {"Fictus": ("Fictus albus",)}
    assert found.to_dict()["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    "text, part",
    [
        ("", "species"),
        ("[species]\n", "name"),
        ("name = ", "not a profile"),
        (GOOD + "minimum_vouchers = 1\n", "minimum_vouchers"),
        ("colour = 1\n" + GOOD, "colour"),
        (GOOD + 'minimum_vouchered = "one"\n', "minimum_vouchered"),
        (GOOD + "minimum_vouchered = -1\n", "minimum_vouchered"),
        (GOOD + "minimum_vouchered = true\n", "minimum_vouchered"),
        (GOOD + "congeners_sampled = 1\n", "congeners_sampled"),
        (GOOD + "minimum_coverage = 75\n", "minimum_coverage"),
        ('name = "x"\nspecies = 3\n', "not a profile"),
        (GOOD + '[checklist]\nFictus = "Fictus albus"\n', "checklist"),
        (GOOD + '[checklist]\nFictus = ["albus"]\n', "checklist"),
    ],
)
def test_a_line_that_would_silently_ask_for_nothing_is_refused(written, text, part):
    with pytest.raises(UsageError, match=part):
        read_profile(written(text))


def test_a_profile_that_is_missing_is_told(tmp_path):
    with pytest.raises(UsageError, match="there is no such file.*none, casework"):
        read_profile(tmp_path / "missing.toml")
