"""What is public: listed, reachable, and seen by type checkers and editors."""

import ast
import importlib
import json

import pytest
from public_names import PACKAGES, public_names

import forensics


def test_public_names_are_those_of_the_snapshot(root):
    """A difference is a change of what is promised: see docs/public-api.md, then edit the snapshot by hand."""
    snapshot = root / "tests" / "golden" / "public_names.txt"
    expected = snapshot.read_text(encoding="utf-8").splitlines()
    names = public_names()
    assert sorted(set(names) - set(expected)) == [], "new: add to tests/golden/public_names.txt"
    assert sorted(set(expected) - set(names)) == [], (
        "gone: take it out of tests/golden/public_names.txt"
    )
    assert names == expected


def test_subpackages_are_attributes_after_import_forensics(run):
    code = (
        "import forensics, json, sys\n"
        "assert 'forensics.custody' not in sys.modules\n"
        "forensics.custody.open_ledger, forensics.origin.assign_with, forensics.taxonomy.listings\n"
        "print(json.dumps(dir(forensics)))"
    )
    done = run("-c", code)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == sorted(forensics.__all__)
    assert {"custody", "barcode", "origin", "identify"} <= set(forensics.__all__)


def test_subpackages_are_public_from_the_documentation(root):
    text = (root / "docs" / "public-api.md").read_text(encoding="utf-8")
    for package in PACKAGES[1:]:
        assert f"`{package}`" in text, package


def test_the_stub_of_a_package_says_what_is_public(root):
    """Type checkers and editors read it, and `lazy_loader` makes of it what is imported when it is first used."""
    packages = {
        ".".join(path.parent.relative_to(root).parts): ast.parse(path.read_text("utf-8"))
        for path in sorted((root / "forensics").rglob("__init__.pyi"))
    }
    assert set(PACKAGES) - set(packages) == {"forensics.errors", "forensics.examination"}
    for package, stub in packages.items():
        module = importlib.import_module(package)
        imported = [node for node in stub.body if isinstance(node, ast.ImportFrom)]
        names = [alias.name for node in imported for alias in node.names]
        assert sorted(names) == sorted(module.__all__), package
        for node in imported:
            source = importlib.import_module(f"{package}.{node.module}" if node.module else package)
            for alias in node.names:
                assert getattr(source, alias.name) is getattr(module, alias.name), package


@pytest.mark.parametrize("package", PACKAGES)
def test_a_name_that_is_not_public_is_an_attribute_error(package):
    module = importlib.import_module(package)
    with pytest.raises(AttributeError, match="attribute '?identfy"):
        module.identfy  # noqa: B018


def test_the_package_says_that_it_is_typed(root):
    assert (root / "forensics" / "py.typed").is_file()
