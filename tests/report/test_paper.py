"""What is meant for who runs the program is on no page of a report: no options, no commands, no advice."""

import ast
import re

import pytest
from typed_reports import as_statement

from forensics.core.notice import Plural
from forensics.notices import SUBJECTS, Kinds
from forensics.reanalysis.recorded import CannotRecompute
from forensics.report.layout import lay_out, read_template
from forensics.report.sections import SECTIONS

VERBS = "add|check|choose|compare|explain|give|load|look|repeat|run|sequence (?:a|the)|trim|try|use|write"
OPERATOR = re.compile(
    r"(?<![\w-])--[a-z]|`|\bforensics [a-z]+ |\bload (?:the|an?)\b"
    rf"|[:;] (?:{VERBS}) |(?:^|\. )(?:{VERBS.title().replace('(?:A|The)', '(?:a|the)')}) "
)
# Of a server that is not meant for the public.
STAGING = re.compile(r"https?://[^/\s]*\b(?:staging|stage|test|dev|preview|beta|localhost)\b[^\s]*")
# Whose sentences a report may print, and in them what it does not: options, and what `origin train` prints.
ROOMS = ("report", "reanalysis", "taxonomy/listings", "barcode/calling", "origin", "individual",
         "barcode/translation.py", "barcode/chimera.py", "barcode/contamination.py")  # fmt: skip
NOT_PRINTED = ("options.py", "training.py", "individual/network.py")


def texts_of(text):
    if isinstance(text, tuple):
        for one in text:
            yield from texts_of(one)
    elif isinstance(text, Plural):
        yield from (text.one, text.many)
    else:
        yield text


def test_no_notice_says_in_its_text_what_to_do_and_every_one_says_it_beside():
    kinds = [kind for subject in SUBJECTS for kind in Kinds(subject).values()]
    assert len(kinds) > 150
    found = {
        (kind.code, text)
        for kind in kinds
        for variant in kind.variants.values()
        for text in texts_of(variant)
        if OPERATOR.search(text)
    }
    assert found == set()
    assert [kind.code for kind in kinds if not kind.advice] == []


def sentences(tree):
    """Yield the texts of a module, without those of errors: an error is for who runs the program."""
    left = [tree]
    while left:
        node = left.pop()
        if isinstance(node, ast.Raise):
            # Of the two texts of this one a report prints the first.
            call = node.exc
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "CannotRecompute":
                left.append(call.args[0])
            continue
        if isinstance(node, ast.keyword) and node.arg == "help":
            continue
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", "")
            if name.endswith("Error"):
                continue
            if name in ("_", "N_", "ngettext"):
                yield from (
                    (part.lineno, part.value)
                    for part in node.args
                    if isinstance(part, ast.Constant) and isinstance(part.value, str)
                )
        left.extend(ast.iter_child_nodes(node))


@pytest.mark.parametrize("room", ROOMS)
def test_no_sentence_that_a_report_may_print_is_meant_for_an_operator(root, room):
    files = [
        file
        for file in [root / "forensics" / room, *(root / "forensics" / room).rglob("*.py")]
        if file.is_file() and not any(map(file.match, NOT_PRINTED))
    ]
    found = {
        f"{file.name}:{line}: {text}"
        for file in files
        for line, text in sentences(ast.parse(file.read_text("utf-8")))
        if OPERATOR.search(text) or STAGING.search(text)
    }
    assert files and found == set()


def test_no_source_that_a_report_may_cite_is_a_staging_site(root):
    for table in (root / "forensics/taxonomy").rglob("*.tsv"):
        assert STAGING.findall(table.read_text("utf-8")) == [], table.name


def test_the_pages_of_the_training_case_have_no_option_and_no_command(statement):
    pages = lay_out(as_statement(statement), read_template())
    assert {section.id for section in pages} <= set(SECTIONS)
    texts = [
        text for section in pages for block in section.blocks for text in strings(block.to_dict())
    ]
    assert len(texts) > 200
    assert [text for text in texts if OPERATOR.search(text) or STAGING.search(text)] == []


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list, tuple)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from strings(part)


def test_why_a_finding_was_not_computed_again_is_printed_without_the_advice():
    error = CannotRecompute("it used another library", "Give it with --library")
    assert (error.reason, str(error)) == (
        "it used another library", "it used another library. Give it with --library",
    )  # fmt: skip


def test_the_people_of_the_training_case_do_not_check_themselves(statement):
    (finding,) = statement["findings"]
    roles = [
        finding["analyst"], *(review["reviewer"] for review in finding["reviews"]),
        statement["opinions"][0]["author"], statement["authorisation"]["person"],
    ]  # fmt: skip
    assert len(roles) == len(set(roles)) == 5
    assert set(roles) <= {person["person"] for person in statement["people"]}
