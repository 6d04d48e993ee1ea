"""The catalogue of notices: what is written of each kind, and that each is used as it is written."""

import ast
import json
import tomllib

import pytest

import forensics.notices
from forensics.barcode.locus import BLOCKING, DECIDING
from forensics.core.notice import Plural
from forensics.notices import SEQUENCE_SUBJECTS, SUBJECTS, Kinds


def test_codes_and_parameters_are_those_that_are_stored(root):
    """Renew tests/golden/notices.json by hand: a code or a parameter that is gone was read by somebody."""
    golden = json.loads((root / "tests" / "golden" / "notices.json").read_text(encoding="utf-8"))
    now = {
        subject: {
            code: {variant: sorted(kind.parameters_of(variant)) for variant in kind.variants}
            for code, kind in sorted(Kinds(subject).items())
        }
        for subject in SUBJECTS
    }
    assert now == golden


@pytest.mark.parametrize("subject", SUBJECTS)
def test_what_is_read_kind_by_kind_is_what_toml_has(root, subject):
    text = (root / "forensics" / "notices" / f"{subject}.toml").read_text(encoding="utf-8")
    entries = forensics.notices._entries(subject)
    read = {code: forensics.notices._values(lines) for code, lines in entries.items()}
    assert read == tomllib.loads(text) and len(read) > 2
    keys = {"severity", "text", "counted", "meaning", "advice"}
    assert [code for code, values in read.items() if values.keys() - keys] == []


def test_the_tables_are_the_subjects(root):
    assert {path.stem for path in (root / "forensics/notices").glob("*.toml")} == set(SUBJECTS)
    assert all(getattr(forensics.notices, subject).subjects == (subject,) for subject in SUBJECTS)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_kind_says_what_it_means_and_what_to_do(subject):
    for kind in Kinds(subject).values():
        assert kind.meaning.endswith((".", "?")) and kind.advice.endswith((".", "?")), kind.code


def test_both_forms_of_a_plural_have_the_number_that_decides():
    for subject in SUBJECTS:
        for kind in Kinds(subject).values():
            for text in kind.variants.values():
                for sentence in text:
                    if isinstance(sentence, Plural):
                        assert f"{{{sentence.number}" in sentence.many, kind.code


def test_no_code_stands_in_two_subjects_of_a_sequence():
    codes = [code for subject in SEQUENCE_SUBJECTS for code in Kinds(subject)]
    assert len(codes) == len(set(codes)) > 50
    assert set(BLOCKING) | set(DECIDING) <= set(codes)


# -- what the code makes of them ------------------------------------------------------------------


def imported_subjects(tree):
    """Return the subject that each name of a module stands for; "" for the catalogue itself."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in ("forensics", "forensics.notices"):
            for one in node.names:
                if node.module == "forensics" and one.name == "notices":
                    names[one.asname or one.name] = ""
                elif node.module == "forensics.notices" and one.name in SUBJECTS:
                    names[one.asname or one.name] = one.name
    return names


def code_of(node, names):
    """Return subject and code of `calls.DISTANT` or `notices.calls.DISTANT`; None of another expression."""
    if not (isinstance(node, ast.Attribute) and node.attr.isupper()):
        return None
    match node.value:
        case ast.Name(id=name) if names.get(name):
            return names[name], node.attr
        case ast.Attribute(value=ast.Name(id=name), attr=subject) if names.get(name) == "":
            return subject, node.attr
    return None


def faults_of_call(call, kind):
    """Yield what a call gives that is not of its text, or lacks."""
    match call.args:
        case []:
            variants = [""]
        case [ast.Constant(value=str(name))]:
            variants = [name]
        case [ast.IfExp(body=ast.Constant(value=str(one)), orelse=ast.Constant(value=str(other)))]:
            variants = [one, other]
        case _:
            variants = list(kind.variants)
    given = {keyword.arg for keyword in call.keywords}
    fits = [
        variant in kind.variants
        and (
            given - {None} <= kind.parameters_of(variant)
            if None in given  # **more: what it holds is seen when it runs
            else given == kind.parameters_of(variant)
        )
        for variant in variants
    ]
    is_named = not call.args or not isinstance(call.args[0], (ast.Name, ast.Starred))
    if not (all(fits) if is_named else any(fits)):
        yield f"{kind.code} line {call.lineno}"


def test_every_notice_that_the_code_makes_is_in_the_catalogue_with_its_parameters(root):
    used, faults, calls = set(), [], 0
    for path in (root / "forensics").rglob("*.py"):
        if "notices" not in (text := path.read_text(encoding="utf-8")):
            continue
        tree = ast.parse(text)
        if not (names := imported_subjects(tree)):
            continue
        for node in ast.walk(tree):
            if found := code_of(node, names):
                subject, code = found
                if code in Kinds(subject):
                    used.add(found)
                else:
                    faults.append(f"{path.name}: {subject} has no {code}")
            if isinstance(node, ast.Call) and (found := code_of(node.func, names)):
                calls += 1
                if (kind := Kinds(found[0]).get(found[1])) is not None:
                    faults += [f"{path.name}: {fault}" for fault in faults_of_call(node, kind)]
    assert faults == [] and calls > 140
    assert {(subject, code) for subject in SUBJECTS for code in Kinds(subject)} - used == set()


@pytest.mark.parametrize(
    ("code", "is_fault"),
    [
        ("calls.SINGLE_RECORD(species=1)", False),
        ("calls.SINGLE_RECORD()", True),
        ("calls.SINGLE_RECORD(species=1, more=2)", True),
        ("calls.UNCALIBRATED('library')", False),
        ("calls.UNCALIBRATED('loci')", True),
        ("calls.UNCALIBRATED()", True),
        ("calls.UNCALIBRATED(which, loci=1)", False),
        ("calls.DOMESTIC_FORM('several', **facts)", False),
        ("calls.DOMESTIC_FORM('several', species=1, **facts)", True),
    ],
)
def test_faults_of_calls_are_recognised(code, is_fault):
    call = ast.parse(code, mode="eval").body
    found = code_of(call.func, {"calls": "calls"})
    assert bool(list(faults_of_call(call, Kinds("calls")[found[1]]))) is is_fault
