"""The catalogue of notices: codes and names of parameters are a stored format."""

import importlib
import json
import pkgutil

import pytest

import forensics.notices
from forensics.core.notice import NoticeKind, Severity
from forensics.notices import SEQUENCE_SUBJECTS

SUBJECTS = sorted(module.name for module in pkgutil.iter_modules(forensics.notices.__path__))


def kinds_of(subject):
    return importlib.import_module(f"forensics.notices.{subject}").KINDS


def test_codes_and_parameters_are_those_that_are_stored(root):
    """Renew tests/golden/notices.json by hand: a code or a parameter that is gone was read by somebody."""
    golden = json.loads((root / "tests" / "golden" / "notices.json").read_text(encoding="utf-8"))
    now = {
        subject: {
            code: {variant: sorted(kind.parameters_of(variant)) for variant in kind.variants}
            for code, kind in sorted(kinds_of(subject).items())
        }
        for subject in SUBJECTS
    }
    assert now == golden


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_kind_has_a_severity_a_meaning_and_advice(subject):
    kinds = kinds_of(subject)
    assert kinds
    for kind in kinds.values():
        assert isinstance(kind, NoticeKind) and isinstance(kind.severity, Severity)
        assert kind.meaning.endswith((".", "?")) and kind.advice.endswith((".", "?")), kind.code


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_code_is_the_name_that_its_module_offers(subject):
    module = importlib.import_module(f"forensics.notices.{subject}")
    kinds = {name for name, value in vars(module).items() if isinstance(value, NoticeKind)}
    assert kinds == set(module.KINDS)


def test_the_subjects_of_the_catalogue_are_its_modules():
    assert sorted(forensics.notices.SUBJECTS) == SUBJECTS


def test_no_code_stands_in_two_subjects_of_a_sequence():
    codes = [code for subject in SEQUENCE_SUBJECTS for code in kinds_of(subject)]
    assert len(codes) == len(set(codes)) > 50
