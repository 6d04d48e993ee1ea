"""``forensics listing``: what the golden scenes do not compare."""

from command_line import rows, typed


def test_csv_has_the_same_in_every_language_but_for_sentences():
    asked = "listing 'Loxodonta africana' 'Canis lupus' --date 2018-05-01 --format csv --lang"
    english, french = (rows(typed(asked, language)) for language in ("en", "fr"))
    assert len(english) == len(french) > 5
    for one, other in zip(english, french):
        assert {name for name in one if one[name] != other[name]} <= {"conditions", "national"}
    assert [row["conditions"] for row in english] != [row["conditions"] for row in french]
