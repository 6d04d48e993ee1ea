"""Every file of a stranger comes in through `forensics.io`: no other module opens one by itself."""

import ast
from pathlib import Path

import forensics

PACKAGE = Path(forensics.__file__).parent
# What opens or unpacks a file, or turns its bytes into objects.
MODULES = (
    "gzip",
    "bz2",
    "lzma",
    "tarfile",
    "openpyxl",
    "shapefile",
    "zipfile.ZipFile",
    "zlib.decompress",
)
CALLS = {
    "open", "io.open", "json.load", "json.loads", "tomllib.load", "tomllib.loads", "np.load",
    "np.loadtxt", "np.genfromtxt", "np.fromfile", "pandas.read_csv", "pandas.read_excel",
    "pandas.read_table", "pandas.read_json", "pandas.read_pickle", "pickle.load", "pickle.loads",
    "rasterio.open", "skops.loads",
}  # fmt: skip
METHODS = {"read_text", "read_bytes"}
WORDS = {word.rpartition(".")[2] + "(" for word in CALLS | METHODS} | set(MODULES)

PACKAGED = "reads a file of the package"
OWN = "reads what this program wrote, where it works"
LIBRARY = "reads a library by the sums of its manifest, or maps its index"
LEDGER = "reads a ledger, its attachments or a bundle, by the budgets of custody/budgets.py"
ALONE = "runs where the package is not installed"
STORED = "reads a text of a database of its own"
BEHIND = "is given bytes that the gate has read and looked at"
WRITES = "writes"
# Each module that opens something by itself, and why it may.
EXCEPTIONS = {
    "barcode/contamination.py": PACKAGED,
    "barcode/examination.py": PACKAGED,
    "barcode/fetch/bold.py": "reads an answer of a server, whose length server.py bounds",
    "barcode/fetch/request.py": OWN,
    "barcode/matching/index.py": LIBRARY,
    "barcode/mixture/denoising.py": OWN,
    "barcode/packaged.py": PACKAGED,
    "barcode/recognition.py": PACKAGED,
    "barcode/reference/library.py": LIBRARY,
    "barcode/reference/transfer.py": WRITES,
    "barcode/reference/writing.py": WRITES,
    "building.py": ALONE,
    "bundle/install.py": ALONE,
    "bundle/making.py": OWN,
    "cli/output.py": WRITES,
    "cli/resuming.py": OWN,
    "custody/storage.py": LEDGER,
    "custody/canonical.py": LEDGER,
    "custody/disclosure.py": LEDGER,
    "custody/traces.py": LEDGER,
    "custody/verify_bundle.py": ALONE,
    "demonstration.py": "opens a case",
    "glossary.py": PACKAGED,
    "learning/estimators.py": BEHIND,
    "learning/models.py": BEHIND,
    "notices/__init__.py": PACKAGED,
    "origin/isoscape.py": "gives GDAL a file whose first bytes were looked at; its windows are bounded",
    "origin/maps.py": WRITES,
    "origin/models.py": PACKAGED,
    "origin/outlines.py": PACKAGED,
    "origin/polygons.py": BEHIND,
    "report/pages.py": PACKAGED,
    "selftest.py": PACKAGED,
    "store/connections.py": STORED,
    "store/copies.py": STORED,
    "taxonomy/listings/kinds.py": PACKAGED,
    "taxonomy/listings/law.py": PACKAGED,
    "taxonomy/listings/table.py": PACKAGED,
    "taxonomy/mentions.py": PACKAGED,
    "taxonomy/names.py": PACKAGED,
    "trade/checks.py": PACKAGED,
    "trade/listing.py": PACKAGED,
    "trade/publishing/writing.py": OWN,
    "trade/store.py": STORED,
    "trade/vocabulary.py": PACKAGED,
    "training/lessons.py": PACKAGED,
    "training/rounds.py": PACKAGED,
    "training/scenes.py": PACKAGED,
    "verbal.py": PACKAGED,
}


def name_of(node):
    if isinstance(node, ast.Attribute):
        return f"{name_of(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


def mode_of(call, place):
    given = [word.value for word in call.keywords if word.arg == "mode"] + call.args[
        place : place + 1
    ]
    return given[0].value if given and isinstance(given[0], ast.Constant) else "r"


def opens(call):
    """Whether a call opens a file for reading, or unpacks or parses what stands in one."""
    name = name_of(call.func)
    method = name.rpartition(".")[2]
    if name in ("open", "io.open"):
        return not set(str(mode_of(call, 1))) & set("wax")
    if name in CALLS or name.startswith(MODULES) or method in METHODS:
        return True
    # Of a path; `Index.open(path)`, `ledger.open(thing)` and members of an archive are something else.
    given = not call.args or isinstance(call.args[0], ast.Constant)
    return method == "open" and given and "r" in str(mode_of(call, 0))


def openers():
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        module = path.relative_to(PACKAGE).as_posix()
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text if any(word in text for word in WORDS) else "")
        lines = [
            node.lineno for node in ast.walk(tree) if isinstance(node, ast.Call) and opens(node)
        ]
        if lines and not module.startswith("io/"):
            found[module] = lines
    return found


def test_no_module_opens_a_file_beside_the_gate():
    found = openers()
    assert {module: found[module] for module in found if module not in EXCEPTIONS} == {}
    assert sorted(EXCEPTIONS.keys() - found.keys()) == []
