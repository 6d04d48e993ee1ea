"""What every result gives follows from what it must answer."""

import pytest

from forensics.core.stored import PlainResult


class Whole(PlainResult):
    sample = "S1 <b>"

    def to_dict(self):
        return {"sample": "é", "value": 1.5}

    def lines(self):
        return [("Result", "a horn"), ("Note", "Cut off.")]


@pytest.mark.parametrize("missing", ["to_dict", "lines"])
def test_a_result_that_does_not_say_what_it_holds_cannot_be_made(missing):
    kept = {name: value for name, value in vars(Whole).items() if name != missing}
    with pytest.raises(TypeError, match=missing):
        type("Half", (PlainResult,), kept)()


def test_json_text_and_table_follow_from_the_values_and_the_lines():
    whole = Whole()
    assert whole.to_json() == '{"sample": "é", "value": 1.5}'
    assert whole.explanation() == "Result: a horn. Note: Cut off."
    assert "<caption>S1 &lt;b&gt;</caption>" in whole._repr_html_()
