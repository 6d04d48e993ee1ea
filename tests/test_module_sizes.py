"""No module of the package is too long to be read in one go."""

MAX_LINES = 500
LONGER = {
    # Stands alone in every bundle: whoever checks one reads a single file.
    "custody/verify_bundle.py": 1437,
    "custody/disclosure.py": 505,
}
"""Modules that are longer, with the lines that they have at most; the list only shrinks."""


def test_no_module_is_longer_than_the_limit(root):
    package = root / "forensics"
    lengths = {
        path.relative_to(package).as_posix(): path.read_bytes().count(b"\n")
        for path in package.rglob("*.py")
    }
    assert len(lengths) > 500
    long = {name: count for name, count in lengths.items() if count > MAX_LINES}
    assert long.keys() == LONGER.keys()
    assert {name: count for name, count in long.items() if count > LONGER[name]} == {}
