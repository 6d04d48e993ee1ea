import pytest

from forensics import errors


@pytest.mark.parametrize(
    "name, code",
    [
        ("ForensicsError", 1),
        ("UsageError", 2),
        ("InputError", 3),
        ("IncompleteInputError", 3),
        ("LibraryError", 1),
        ("ModelError", 1),
        ("PluginError", 1),
        ("VerificationError", 4),
        ("RefusedError", 5),
    ],
)
def test_every_error_has_the_exit_code_of_the_plan(name, code):
    kind = getattr(errors, name)
    assert issubclass(kind, errors.ForensicsError)
    assert kind.exit_code == code


def test_the_table_above_is_complete():
    assert len(errors.__all__) == 9


@pytest.mark.parametrize(
    "place, text",
    [
        ({}, "wrong"),
        ({"source": "x.fa"}, "x.fa: wrong"),
        ({"source": "x.fa", "record": 2}, "x.fa, record 2: wrong"),
        ({"source": "x.fa", "record": 2, "line": 7}, "x.fa, record 2, line 7: wrong"),
        ({"source": "x.fa", "line": 7}, "x.fa, line 7: wrong"),
    ],
)
def test_an_input_error_says_where(place, text):
    error = errors.InputError("wrong", **place)
    assert str(error) == text
    assert error.message == "wrong"
