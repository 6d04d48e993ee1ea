"""What is installed is what is here: wheel, sdist, checkout, and where resources are found."""

import ast
import configparser
import email
import fnmatch
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path

import click
import lazy_loader
import pytest
from simulation import SPECIES, query, reference_records
from sources import modules, name_of

from forensics.barcode.matching import kernel
from forensics.barcode.reference.writing import write_library
from forensics.bundle import install
from forensics.errors import LibraryError
from forensics.io import files

IGNORED = shutil.ignore_patterns(
    "__pycache__", ".git", ".venv", ".venv-newest", "build", "dist", "*.egg-info", ".*_cache", ".hypothesis",
    "index.bin", "*.partial", "*.so", "*.pyd",
)  # fmt: skip
SHIPPED = ("forensics", "models", "reference_sequences")


@pytest.fixture(scope="session")
def setup_cfg(root):
    parser = configparser.ConfigParser()
    parser.read(root / "setup.cfg", encoding="utf-8")
    return parser


@pytest.fixture(scope="session")
def packages(setup_cfg, root):
    """Folder of every listed package."""
    places = dict(
        (part.strip() for part in line.split("="))
        for line in setup_cfg["options"]["package_dir"].split("\n")
        if line
    )
    found = {}
    for name in setup_cfg["options"]["packages"].split():
        parts, rest = name.split("."), []
        while ".".join(parts) not in places:
            rest.insert(0, parts.pop())
        found[name] = root.joinpath(places[".".join(parts)], *rest)
    return found


def test_the_list_of_packages_is_complete(packages, root):
    with_code = {path.parent for path in modules(root)}
    mapped = {root / name for name in files.FOLDERS}
    assert set(packages.values()) == with_code | mapped
    for name in files.FOLDERS:
        assert packages[f"forensics.{name}"] == root / name


def test_every_package_folder_has_an_init(root):
    for folder in {path.parent for path in modules(root)}:
        assert (folder / "__init__.py").is_file()


def test_every_file_beside_the_code_is_package_data(setup_cfg, packages, root):
    patterns = {k: v.split() for k, v in setup_cfg["options.package_data"].items()}
    for name, folder in packages.items():
        for path in folder.rglob("*"):
            inner = [parent for parent in path.parents if folder in parent.parents]
            if any(parent in packages.values() for parent in inner) or not path.is_file():
                continue  # of a package inside this one
            relative = path.relative_to(folder)
            made = (".pyc", ".so", ".pyd", ".partial", ".po")  # .po: a wheel has them compiled
            if path.suffix in (".py", *made) or "__pycache__" in path.parts:
                continue
            if any(part.startswith(".") for part in relative.parts):
                continue
            assert any(
                len(Path(pattern).parts) == len(relative.parts)
                and fnmatch.fnmatch(str(relative), pattern)
                for pattern in (*patterns["*"], *patterns.get(name, ()))
            ), f"{name}: {relative} would not be shipped"


@pytest.fixture(scope="session")
def before_building(root):
    """What was there before."""
    return left_by_builds(root)


@pytest.fixture(scope="session")
def copy(root, before_building, tmp_path_factory):
    """The project without what is ignored, so that building leaves nothing in the checkout."""
    path = tmp_path_factory.mktemp("copy") / "project"
    shutil.copytree(root, path, ignore=IGNORED)
    embedded = path / "reference_sequences"
    if not (embedded / "library.json").is_file():
        write_library(embedded.with_name("made"), reference_records(), name="embedded")
        shutil.copytree(embedded.with_name("made"), embedded, dirs_exist_ok=True, ignore=IGNORED)
        shutil.rmtree(embedded.with_name("made"))
    return path


def left_by_builds(root):
    """Return what building could leave in a checkout."""
    patterns = ("*", "reference_sequences/*/index.bin", "*.egg-info/*", "**/*.partial")
    return {str(path) for pattern in patterns for path in root.glob(pattern)}


def build(*arguments):
    found = subprocess.run(
        [sys.executable, "-m", *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.fixture(scope="session")
def wheel(copy, tmp_path_factory):
    setuptools = pytest.importorskip("setuptools", "77", reason="setuptools>=77 builds the wheel")
    assert setuptools
    target = tmp_path_factory.mktemp("wheel")
    build("pip", "wheel", copy, "--no-deps", "--no-build-isolation", "--no-index", "-w", target)
    (path,) = target.glob("*.whl")
    return path


def test_the_build_requires_what_making_the_indexes_imports(root, library_folder):
    """Where pip builds by itself, it installs what pyproject.toml names for that, and no more."""
    script = (
        "import sys, pathlib\n"
        "from forensics.barcode.reference.library import Library\n"
        "from forensics.barcode.reference.writing import write_index\n"
        f"place = pathlib.Path({str(library_folder)!r})\n"
        "for locus in Library(place).loci: write_index(place / locus)\n"
        "print(*{name.partition('.')[0] for name in sys.modules} - set(sys.stdlib_module_names))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True
    ).stdout.split()
    named = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    needed = {re.split(r"\W", each)[0] for each in named["build-system"]["requires"]}
    assert {name for name in loaded if not name.startswith(("_", "forensics"))} <= needed


@pytest.mark.slow
def test_the_wheel_holds_only_the_package(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert "forensics" in tops
    assert all(top == "forensics" or top.endswith(".dist-info") for top in tops), tops


@pytest.mark.slow
def test_the_metadata_name_every_licence_of_the_code_and_its_data(wheel, root):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (metadata,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        said = email.message_from_bytes(archive.read(metadata))
    licences = set(said["License-Expression"].split(" AND "))
    folder = metadata.removesuffix("METADATA") + "licenses/"
    assert {name.removeprefix(folder) for name in names if name.startswith(folder)} == {
        *said.get_all("License-File")
    }
    written = {
        path.relative_to(root).as_posix()
        for pattern in ("LICENSE*", "COPYING*", "NOTICE*", "licences/*")
        for place in (root, *(root / top for top in ("forensics", "models", "reference_sequences")))
        for path in (place.glob(pattern) if place == root else place.rglob(pattern))
    }
    assert {*said.get_all("License-File")} == written
    # What the tables of sources name; what is in none of these words is in nobody's wheel.
    sources = "\n".join(
        path.read_text(encoding="utf-8")
        for top in ("forensics", "models", "reference_sequences")
        for path in (root / top).rglob("SOURCES.md")
    )
    words = {
        "BSD-3-Clause": "BSD-3-Clause", "Apache-2.0": "Apache-2.0", "MIT": "MIT", "ISC licence": "ISC",
        "GPL-2.0-or-later": "GPL-2.0-or-later", "GPL-3.0-or-later": "GPL-3.0-or-later",
        "Biopython License": "LicenseRef-Biopython", "Unicode licence": "Unicode-3.0",
    }  # fmt: skip
    assert {licence for word, licence in words.items() if word in sources} == licences


@pytest.mark.slow
def test_the_wheel_holds_everything(wheel, root, copy, packages):
    names = set(zipfile.ZipFile(wheel).namelist())
    missing = []
    for name, folder in packages.items():
        place = copy / folder.relative_to(root)
        for path in place.rglob("*"):
            relative = path.relative_to(place)
            inner = root.joinpath(path.relative_to(copy))
            if any(
                parent in packages.values() for parent in inner.parents if folder in parent.parents
            ):
                continue  # of a package inside this one
            hidden = any(part.startswith(".") or part == "__pycache__" for part in relative.parts)
            # The scripts that make the library are for the checkout.
            script = name.endswith(("reference_sequences", "models")) and path.suffix == ".py"
            script = script or path.suffix == ".po"  # a wheel has them compiled
            if path.is_file() and not hidden and not script:
                inside = "/".join((*name.split("."), *relative.parts))
                if inside not in names:
                    missing.append(inside)
    assert not missing


@pytest.mark.slow
def test_every_name_in_the_wheel_can_be_one_on_windows(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    refused = re.compile(
        r"""[<>:"|?*\\\x00-\x1f]|[ .](/|$)|(^|/)(con|prn|aux|nul|com\d|lpt\d)(\.|/|$)""", re.I
    )
    assert [name for name in names if refused.search(name)] == []
    assert len({name.casefold() for name in names}) == len(names)
    longest = max(map(len, names)) + len("Lib/site-packages//")
    assert longest + install.MAX_FOLDER_LENGTH < 260


@pytest.mark.slow
def test_the_wheel_holds_compiled_catalogues_and_no_sources_of_them(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    for language in ("es", "fr"):
        assert f"forensics/locale/{language}/LC_MESSAGES/forensics.mo" in names
    assert not [name for name in names if name.endswith(".po")]


@pytest.mark.slow
def test_the_wheel_holds_an_index_for_every_locus(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        loci = json.loads(archive.read("forensics/reference_sequences/library.json"))["loci"]
    for locus in loci:
        assert f"forensics/reference_sequences/{locus}/index.bin" in names


@pytest.fixture(scope="session")
def installed(wheel, tmp_path_factory):
    """Run the command from a folder that holds the unpacked wheel, with nothing of the checkout."""
    site, outside = tmp_path_factory.mktemp("site"), tmp_path_factory.mktemp("outside")
    zipfile.ZipFile(wheel).extractall(site)
    # Python without the site's packages, which might hold an editable install of this project.
    dependencies = tmp_path_factory.mktemp("dependencies")
    for module in (click, lazy_loader):
        if hasattr(module, "__path__"):
            shutil.copytree(module.__path__[0], dependencies / module.__name__)
        else:
            shutil.copy(module.__file__, dependencies)

    def run(*arguments):
        script = (
            f"import sys; sys.path[1:1] = [{str(site)!r}, {str(dependencies)!r}]\n"
            "from forensics.cli import main; main(prog_name='forensics')"
        )
        return subprocess.run(
            [sys.executable, "-I", "-S", "-c", script, *map(str, arguments)],
            cwd=outside,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )

    return run


@pytest.mark.slow
def test_the_wheel_alone_identifies_outside_the_checkout(installed, library, tmp_path):
    path = tmp_path / "x.fasta"
    path.write_text(f">a\n{query()}\n")
    found = installed("identify", path, "--library", library.path, "--format", "json")
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout)["taxon"] == SPECIES[0]


@pytest.mark.slow
def test_the_embedded_library_of_the_wheel_has_its_indexes(installed, tmp_path):
    path = tmp_path / "x.fasta"
    path.write_text(f">a\n{query()}\n")
    found = installed("identify", path, "--format", "json")
    assert found.returncode == 0, found.stderr
    result = json.loads(found.stdout)
    assert result["provenance"]["library"]["name"] == "embedded"
    assert "INDEX_BUILT_IN_MEMORY" not in [warning["code"] for warning in result["warnings"]]


@pytest.mark.slow
def test_the_wheel_speaks_french(installed, monkeypatch):
    monkeypatch.setenv("LANGUAGE", "fr")
    found = installed("--help")
    assert found.returncode == 0
    assert "Exemple" in found.stdout


@pytest.fixture(scope="session")
def sdist(copy, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sdist")
    build("build", "--sdist", "--no-isolation", copy, "-o", folder)
    (path,) = folder.glob("*.tar.gz")
    return path


@pytest.mark.slow
def test_the_metadata_of_both_distributions_are_accepted(sdist, wheel):
    pytest.importorskip("twine", reason="twine checks the metadata")
    build("twine", "check", "--strict", sdist, wheel)


@pytest.mark.slow
def test_the_source_distribution_has_lessons_documentation_and_tests(sdist):
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for name in (
        "README.md", "CITATION.cff", "SECURITY.md", "docs/README.md", "docs/biltong-tree.svg",
        "notebooks/README.md", "notebooks/sources/fr/01_identify.po", "notebooks/fr/01_identify.ipynb", "requirements/test.txt", "tests/conftest.py", "benchmarks/speed.py",
        "forensics/locale/fr/LC_MESSAGES/forensics.po",
    ):  # fmt: skip
        assert name in names
    assert not [name for name in names if name.endswith((".pyc", ".so", "index.bin"))]


@pytest.mark.slow
def test_the_source_distribution_builds_the_same_wheel(sdist, wheel, tmp_path):
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "sdist", filter="data")
    (unpacked,) = (tmp_path / "sdist").iterdir()
    build(
        "pip", "wheel", unpacked, "--no-deps", "--no-build-isolation", "--no-index", "-w", tmp_path
    )
    (again,) = tmp_path.glob("*.whl")

    def contents(wheel):
        with zipfile.ZipFile(wheel) as archive:
            # A compiler may write the folder that it worked in into what it makes.
            made = ("RECORD", ".so", ".pyd")
            return {n: archive.read(n) for n in archive.namelist() if not n.endswith(made)}

    assert contents(again) == contents(wheel)


@pytest.mark.slow
def test_an_editable_install_finds_the_checkout(copy, library, tmp_path):
    pytest.importorskip("setuptools", "77", reason="setuptools>=77 builds the package")
    place = Path(shutil.copytree(copy, tmp_path / "project"))
    venv.create(tmp_path / "venv")
    scripts = "Scripts" if os.name == "nt" else "bin"
    python = tmp_path / "venv" / scripts / "python"
    (site,) = (tmp_path / "venv").rglob("site-packages")
    # The new environment borrows the packages of this one, but not its editable installs.
    paths = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    (site / "borrowed.pth").write_text("\n".join(paths))
    options = ("--no-deps", "--no-build-isolation", "--no-index", "--ignore-installed")
    build("pip", "--python", python, "install", *options, "--editable", place)
    path = tmp_path / "x.fasta"
    path.write_text(f">a\n{query()}\n")
    for arguments, name in ((("--library", library.path), "simulated"), ((), "embedded")):
        found = subprocess.run(
            [python, "-m", "forensics", "identify", path, "--format", "json", *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        assert found.returncode == 0, found.stderr
        result = json.loads(found.stdout)
        assert result["provenance"]["library"]["name"] == name
        assert "INDEX_BUILT_IN_MEMORY" not in [warning["code"] for warning in result["warnings"]]


@pytest.mark.slow
def test_building_leaves_the_checkout_alone(before_building, root, wheel):
    assert left_by_builds(root) == before_building


# -- resources --------------------------------------------------------------------------


@pytest.mark.parametrize("compiler, ends_with", [("no-compiler", 0), ("", 1)])
def test_only_a_missing_compiler_leaves_the_kernel_out(root, tmp_path, compiler, ends_with):
    if not compiler and not kernel.is_compiled():
        pytest.skip("nothing can be compiled here")
    for name in ("setup.py", "setup.cfg", "README.md", "forensics/__init__.py", "forensics/__init__.pyi",
                 "forensics/building.py"):  # fmt: skip
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(root / name, tmp_path / name)
    folder = "forensics/barcode/matching"
    shutil.copytree(root / folder, tmp_path / folder, ignore=IGNORED)
    (tmp_path / folder / "_kernel.c").write_text("int fault = ;\n")
    environment = {**os.environ, **({"CC": compiler} if compiler else {})}
    command = [sys.executable, "setup.py", "--quiet", "build_ext"]
    found = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, encoding="utf-8"
    )
    assert found.returncode == ends_with, found.stderr
    assert ("int fault = ;" in found.stderr) == bool(ends_with)


def test_resources_of_an_installed_package(tmp_path, monkeypatch):
    (tmp_path / "forensics" / "models").mkdir(parents=True)
    (tmp_path / "models").mkdir()
    monkeypatch.setattr(files, "_PACKAGE", tmp_path / "forensics")
    assert files.folder("models") == tmp_path / "forensics" / "models"


def test_resources_of_a_checkout(tmp_path, monkeypatch):
    (tmp_path / "models").mkdir()
    (tmp_path / "setup.cfg").write_text("")
    monkeypatch.setattr(files, "_PACKAGE", tmp_path / "forensics")
    assert files.folder("models") == tmp_path / "models"


@pytest.mark.parametrize("beside", [True, False])
def test_resources_that_are_nowhere_are_told(tmp_path, monkeypatch, beside):
    if beside:  # a folder of that name that is not ours
        (tmp_path / "models").mkdir()
    monkeypatch.setattr(files, "_PACKAGE", tmp_path / "forensics")
    with pytest.raises(LibraryError, match="models is neither .* install the package again"):
        files.folder("models")


def test_resources_of_no_known_name_are_a_programming_error():
    with pytest.raises(ValueError, match="there are models, reference_sequences"):
        files.folder("nothing")


def test_the_checkout_finds_its_own(root):
    for name in files.FOLDERS:
        assert files.folder(name) == root / name


# -- style ------------------------------------------------------------------------------


def test_every_module_says_what_it_is(root):
    for path in modules(root):
        if path.name == "__main__.py":  # imported, it runs the command line
            assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
            continue
        module = importlib.import_module(name_of(path, root))
        assert module.__doc__, f"{path} has no docstring"


def explained(member, owner):
    """Whether a function, class or method says what it is for; an override may leave it to its base."""
    if ast.get_docstring(member):
        return True
    if isinstance(member, ast.FunctionDef) and owner is not None:
        overridden = [
            vars(base)[member.name] for base in owner.__mro__ if member.name in vars(base)
        ]
        return any(getattr(method, "__doc__", None) for method in overridden)
    return False


def test_every_public_thing_has_a_docstring(root):
    without = []
    for path in modules(root):
        # The help of a command stands in its decorator; setuptools says what its hooks are for.
        if path.parent.name == "cli" or path.name in ("building.py", "__main__.py"):
            continue
        module = importlib.import_module(name_of(path, root))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            owner = None
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                owner = getattr(module, node.name, None)
                members = [node, *(m for m in node.body if isinstance(m, ast.FunctionDef))]
            elif isinstance(node, ast.Module):
                members = [m for m in node.body if isinstance(m, ast.FunctionDef)]
            else:
                continue
            without += [
                f"{path}: {member.name}"
                for member in members
                if not member.name.startswith("_")
                and not explained(member, owner)
                # The signatures of an overloaded function are explained by its implementation.
                and not any(ast.unparse(mark) == "overload" for mark in member.decorator_list)
            ]
    assert not without


def test_an_override_needs_no_docstring_of_its_own_and_a_method_does():
    class Base:
        def described(self):
            """Say something."""

    class Derived(Base):
        def described(self):
            pass

        def bare(self):
            pass

    tree = ast.parse("class D:\n def described(self): pass\n def bare(self): pass").body[0]
    assert [explained(member, Derived) for member in tree.body] == [True, False]
