"""One function says how a result was reached, and by which program."""

import ast

from forensics import __version__
from forensics.core.provenance import SOFTWARE, made_by, made_by_text, make_provenance


def test_it_says_name_version_and_time(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1764057600")
    made = make_provenance(library={"name": "x"}, parameters={"a": 1}, input={"file": "f"})
    assert made.to_dict() == {
        "software": "forensics", "version": __version__, "library": {"name": "x"},
        "parameters": {"a": 1}, "input": {"file": "f"}, "time": "2025-11-25T08:00:00Z",
        "dependencies": {},
    }  # fmt: skip
    assert made_by() == {"software": SOFTWARE, "version": __version__}
    assert made_by_text() == f"forensics {__version__}"


def test_nothing_else_in_the_package_states_the_software(root):
    """A second place would have a second name sooner or later, as there was."""
    stated = []
    for path in sorted((root / "forensics").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if "software" not in text and "Provenance(" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call):
                pairs = [(keyword.arg, keyword.value) for keyword in node.keywords]
                named = isinstance(node.func, ast.Name) and node.func.id == "Provenance"
            elif isinstance(node, ast.Dict):
                pairs = [
                    (getattr(key, "value", None), value)
                    for key, value in zip(node.keys, node.values)
                ]
                named = False
            else:
                continue
            states_it = any(
                name == "software" and isinstance(value, (ast.Constant, ast.JoinedStr))
                for name, value in pairs
            )
            if states_it or named:
                stated.append(path.relative_to(root).as_posix())
    assert stated == ["forensics/core/provenance.py"]
