"""Kinds of notices, and notices with their parameters."""

import pickle

import pytest

from forensics.core.notice import (
    Figure,
    NoticeKind,
    Plural,
    Severity,
    codes_of,
    read_notice,
)
from forensics.fit import Fit, FitStatistic
from forensics.messages import speak
from forensics.notices import age

COUNTED = NoticeKind(
    "COUNTED",
    Severity.INFORMS,
    {"": (Plural("{count} read is left out ({why}).", "{count} reads are left out ({why})."),)},
)


def test_a_notice_has_the_code_the_severity_and_the_parameters():
    notice = age.SITES_MISSING(count=3)
    assert (notice.code, notice.severity) == ("SITES_MISSING", Severity.INFORMS)
    assert notice.parameters == {"count": 3}
    assert notice.message == "Typical values replace 3 sites that were not measured."
    assert notice.to_dict() == {"code": "SITES_MISSING", "message": notice.message}


@pytest.mark.parametrize("given", [{}, {"number": 3}, {"count": 3, "more": 1}])
def test_parameters_that_are_not_those_of_the_text_are_refused(given):
    with pytest.raises(TypeError, match="SITES_MISSING takes count"):
        age.SITES_MISSING(**given)


def test_a_variant_that_there_is_not_is_refused():
    with pytest.raises(TypeError, match="NO_FIT has the variants 'joint', 'direction'"):
        age.NO_FIT(p=0.1, level=0.01)


def test_the_number_decides_between_singular_and_plural():
    assert COUNTED(count=1, why="short").message == "1 read is left out (short)."
    assert COUNTED(count=2, why="short").message == "2 reads are left out (short)."
    with pytest.raises(TypeError, match="COUNTED takes count, why"):
        COUNTED(why="short")


def test_the_sentence_is_made_in_the_language_of_the_reader():
    notice = age.NO_YEAR_FITS(distance=4.25)
    english = notice.message
    try:
        speak("fr")
        french = notice.message
    finally:
        speak("en")
    assert "4.2 standard deviations" in english and "4,2" in french and french != english
    assert notice.message == english


def test_a_p_value_in_a_notice_is_never_0_and_has_the_signs_of_the_language():
    tiny = Fit((FitStatistic("deviance", 99.0, 1.0, 1e-30),))
    notice = age.NO_FIT("joint", **tiny.parameters())
    assert "p = < 1e-09, must be above 0.01" in notice.message
    assert notice.parameters["p"] == 1e-30
    try:
        speak("fr")
        assert "0,01" in notice.message
    finally:
        speak("en")


def test_a_stored_notice_keeps_its_sentence_and_gets_the_severity_of_its_code():
    record = {"code": "SITES_MISSING", "message": "Des valeurs typiques."}
    notice = read_notice(record, age)
    assert notice.to_dict() == record and notice.severity is Severity.INFORMS
    assert notice.parameters == {}


def test_a_code_of_a_later_version_limits():
    record = {"code": "OF_TOMORROW", "message": "Something."}
    notice = read_notice(record, age)
    assert notice.to_dict() == record and notice.severity is Severity.LIMITS


def test_a_notice_survives_the_way_to_another_process():
    notice = age.NO_FIT("direction", p=0.001, level=0.01)
    copy = pickle.loads(pickle.dumps(notice))
    assert copy == notice and copy.message == notice.message
    assert codes_of([copy]) == {"NO_FIT"}


def test_a_figure_keeps_its_form_in_every_language_and_process():
    kind = NoticeKind("MEASURED", Severity.INFORMS, {"": ("{share} of {all:.1f}",)})
    notice = pickle.loads(pickle.dumps(kind(share=Figure(0.12345, ".3f"), all=Figure(2, ".0f"))))
    assert notice.message == "0.123 of 2.0"
    assert notice.parameters["share"] == 0.12345


def test_a_notice_may_be_the_reason_that_another_gives():
    outer = NoticeKind("OUTER", Severity.INFORMS, {"": ("It fails: {reason}",)})
    assert outer(reason=age.RATE_AT_BOUND()).message.startswith("It fails: The growth rate is")


def test_notices_of_one_code_and_the_same_parameters_are_one_in_a_set():
    made = [age.NO_FIT("joint", p=0.001, level=0.01) for _number in range(2)]
    assert len(set(made)) == 1 and age.NO_FIT("direction", p=0.001, level=0.01) not in set(made)
