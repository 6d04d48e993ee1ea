"""What a release carries: pinned requirements, metadata, citation, the pages of its description."""

import configparser
import re
import tomllib

import pytest

import forensics

packaging = pytest.importorskip("packaging", reason="packaging reads requirements")

from packaging.requirements import Requirement  # noqa: E402
from packaging.utils import canonicalize_name  # noqa: E402

OWN = "wildlife-forensics"
MAX_NOT_TYPED = 0
"""Modules in which mypy still ignores errors; to be lowered with each that is typed."""
LINK = re.compile(r"\]\(([^)\s]+)\)")


@pytest.fixture(scope="module")
def setup_cfg(root):
    parser = configparser.ConfigParser()
    parser.read(root / "setup.cfg", encoding="utf-8")
    return parser


def lines(text):
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def declared(setup_cfg, *extras):
    """Return the requirements of the package and of some extras, by name."""
    texts = lines(setup_cfg["options"]["install_requires"])
    for extra in extras:
        texts += lines(setup_cfg["options.extras_require"][extra])
    needed = [Requirement(text) for text in texts]
    return [one for one in needed if canonicalize_name(one.name) != OWN]


def pinned(path):
    """Return the pinned requirements of a file, and how many hashes each has."""
    entries = path.read_text(encoding="utf-8").replace("\\\n", " ")
    found = []
    for line in lines(entries):
        text, *hashes = line.split(" --hash=")
        found.append((Requirement(text.strip()), len(hashes)))
    return found


@pytest.mark.parametrize(
    ("file", "extras"), [("run", ("report",)), ("test", ("test",)), ("docs", ("docs",))]
)
def test_every_requirement_is_pinned_to_a_version_that_setup_cfg_allows(
    root, setup_cfg, file, extras
):
    if file == "test":
        others = ("all", "docs", "mutants")
        extras = [name for name in setup_cfg["options.extras_require"] if name not in others]
    versions = {}
    for requirement, _hashes in pinned(root / "requirements" / f"{file}.txt"):
        (specifier,) = requirement.specifier
        assert specifier.operator == "==", requirement
        versions.setdefault(canonicalize_name(requirement.name), []).append(specifier.version)
    for requirement in declared(setup_cfg, *extras):
        allowed = versions.get(canonicalize_name(requirement.name), [])
        assert allowed, f"{requirement} is not in requirements/{file}.txt: make constraints"
        for version in allowed:
            assert requirement.specifier.contains(version), (requirement, version)


@pytest.mark.parametrize("file", ["run", "test", "docs"])
def test_every_pinned_version_has_its_hashes(root, file):
    entries = pinned(root / "requirements" / f"{file}.txt")
    assert len(entries) > 10
    assert [str(requirement) for requirement, hashes in entries if not hashes] == []


def test_the_versions_that_run_the_package_are_those_that_the_tests_use(root):
    tested = {str(one) for one, _hashes in pinned(root / "requirements" / "test.txt")}
    names = {canonicalize_name(Requirement(one).name) for one in tested}
    run = {str(Requirement(str(one)).name) for one, _ in pinned(root / "requirements" / "run.txt")}
    assert {canonicalize_name(name) for name in run} <= names
    versions = {
        (canonicalize_name(one.name), str(one.specifier))
        for one, _ in pinned(root / "requirements" / "test.txt")
    }
    for one, _hashes in pinned(root / "requirements" / "run.txt"):
        assert (canonicalize_name(one.name), str(one.specifier)) in versions


def test_the_site_is_built_with_the_versions_of_the_tests(root):
    """Who builds the site keeps the environment of the tests."""
    tested = {
        canonicalize_name(requirement.name): requirement.specifier
        for requirement, _hashes in pinned(root / "requirements" / "test.txt")
    }
    shared = [
        requirement
        for requirement, _hashes in pinned(root / "requirements" / "docs.txt")
        if canonicalize_name(requirement.name) in tested and not requirement.marker
    ]
    assert len(shared) > 10
    for requirement in shared:
        assert requirement.specifier == tested[canonicalize_name(requirement.name)], requirement


def test_what_builds_the_package_is_pinned_too(root):
    with open(root / "pyproject.toml", "rb") as file:
        needed = tomllib.load(file)["build-system"]["requires"]
    listed = lines((root / "requirements" / "build.in").read_text(encoding="utf-8"))
    assert {str(Requirement(one)) for one in needed} == {str(Requirement(one)) for one in listed}


def test_no_address_of_a_package_index_stands_in_the_requirements(root):
    for path in (root / "requirements").iterdir():
        text = path.read_text(encoding="utf-8")
        assert "://" not in text and "--index-url" not in text, path.name


def test_no_requirement_has_an_upper_bound_but_those_that_a_test_asks_for(setup_cfg):
    # datasette 1.0 has another plugin interface; tests/trade/publishing need 0.65. MkDocs 2 has no plug-ins.
    bounded = {
        requirement.name
        for requirement in declared(setup_cfg, *setup_cfg["options.extras_require"])
        if any(one.operator in ("<", "<=", "==", "~=") for one in requirement.specifier)
    }
    assert bounded == {"datasette", "mkdocs"}
    assert setup_cfg["options"]["python_requires"] == ">=3.11"


def test_the_citation_names_this_version(root):
    text = (root / "CITATION.cff").read_text(encoding="utf-8")
    assert re.search(r"^version: (.+)$", text, re.M).group(1) == forensics.__version__


def test_every_relative_link_of_the_description_is_in_the_source_distribution(root):
    """A page that shows the README elsewhere has the links of the sdist to follow."""
    manifest = (root / "MANIFEST.in").read_text(encoding="utf-8")
    packed = set(re.findall(r"^graft (\S+)$", manifest, re.M))
    single = {
        name for line in re.findall(r"^include (.+)$", manifest, re.M) for name in line.split()
    }
    links = {
        link.partition("#")[0] for link in LINK.findall((root / "README.md").read_text("utf-8"))
    }
    for link in links:
        if link and "://" not in link:
            assert (root / link).exists(), link
            assert link.split("/")[0] in packed or link in single | {"LICENSE"}, link


def test_modules_that_mypy_passes_over_exist(root):
    """The list in .ci/mypy.ini only shrinks."""
    text = (root / ".ci" / "mypy.ini").read_text(encoding="utf-8")
    sections = re.findall(r"^\[mypy-(.+)\]\nignore_errors = True$", text, re.M)
    listed = [name for line in sections for name in line.split(",")]
    assert text.count("ignore_errors") == len(sections)
    for name in listed:
        path = root.joinpath(*name.split("."))
        assert path.with_suffix(".py").is_file() or (path / "__init__.py").is_file(), name
    assert len(listed) <= MAX_NOT_TYPED
