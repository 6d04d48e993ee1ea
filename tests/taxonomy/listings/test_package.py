"""The law package: dated, named by its hash, and silent where it covers nothing."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.errors import ForensicsError, InputError, UsageError, VerificationError
from forensics.taxonomy.listings import build_law, listing_of, open_law
from forensics.taxonomy.listings.results import ListingResult
from forensics.taxonomy.listings.table import AS_OF, above, is_in_force, packaged

# The columns of the Index of CITES Species and of the History of CITES Listings, as downloaded.
INDEX = (
    "TaxonId,Kingdom,Phylum,Class,Order,Family,Genus,Species,Subspecies,FullName,AuthorYear,"
    "RankName,CurrentListing,FullAnnotationEnglish,#AnnotationSymbol,SynonymsWithAuthors\n"
)
HISTORY = (
    "TaxonId,Kingdom,Phylum,Class,Order,Family,Genus,Species,Subspecies,FullName,AuthorYear,RankName,"
    "Appendix,PartyIsoCode,PartyFullName,ChangeType,EffectiveAt,IsCurrent,#AnnotationSymbol,"
    "#Annotation,FullAnnotationEnglish\n"
)
DAY, SEIZED = date(2026, 11, 20), "2026-11-20"


def row(name, appendix, kingdom="Animalia", of_class="Mammalia", order=""):
    return f"1,{kingdom},Chordata,{of_class},{order},,{name.split()[0]},,,{name},,SPECIES,{appendix},,,\n"


def rows_of(*within):
    """Return a row for each taxon that the packaged table lists today, or those within some."""
    for name in packaged().listings:
        listed = [
            r for r in packaged().of(name) if is_in_force(r, AS_OF) and r.appendix in ("I", "II")
        ]
        if listed and (not within or {name, *above(name)} & set(within)):
            kingdom = "Animalia" if listed[0].kingdom == "animals" else "Plantae"
            appendix = "/".join(sorted({r.appendix for r in listed}))
            yield row(name, appendix, kingdom, "Mammalia" if kingdom == "Animalia" else "")


@pytest.fixture
def made(tmp_path):
    """A function that makes a law package of texts by the name of their file."""

    def make(name="law", covers=(), **texts):
        roles = {"official": [], "amendments": [], "national": []}
        for file, text in texts.items():
            path = tmp_path / f"{file}.csv"
            path.write_text(text, encoding="utf-8")
            role = file if file in roles else "official"
            roles[role].append(path)
        return build_law(tmp_path / name, as_of=DAY, covers=covers, **roles)

    return make


@pytest.fixture
def whole(made):
    changed = row("Okapia johnstoni", "I") + row("Gyps africanus", "I", of_class="Aves")
    return made(index=INDEX + "".join(rows_of()) + changed)


@pytest.fixture
def parrots(made):
    return made(index=INDEX + "".join(rows_of("Psittaciformes")), covers=["Psittaciformes"])


def test_an_official_list_of_the_day_answers_without_any_report(whole):
    assert (whole.kingdoms, set(whole.classes)) == (("animals", "plants"), {"Mammalia", "Aves"})
    for name in ("Okapia johnstoni", "Gyps africanus"):
        found = listing_of(name, date=SEIZED, law=whole)
        assert (found.status, found.appendices, found.as_of) == ("listed", ("I",), DAY)
    for name in (
        "Bos taurus",
        "Entandrophragma cylindricum",
    ):  # an animal, and a tree of a family not known
        found = listing_of(name, date=SEIZED, law=whole, spelling=False)
        assert found.status == "no listing found"
        after = listing_of(name, date="2026-11-27", law=whole, spelling=False)
        assert after.status == "not covered"
        assert "In no Appendix of 2026-11-20" in after.answers[0].reason


def test_one_of_parrots_answers_for_parrots_and_names_the_table_that_answers_elsewhere(parrots):
    assert (parrots.kingdoms, parrots.declared) == ((), ("Psittaciformes",))
    assert parrots.classes == ("Mammalia (Psittaciformes)",)  # as the made-up file names it
    assert ("Classes", "Mammalia (Psittaciformes)") in parrots.lines()
    grey = listing_of("Psittacus erithacus", date=SEIZED, law=parrots)
    assert (grey.appendices, grey.as_of, grey.disagreement) == (("I",), DAY, None)
    vulture = listing_of("Gyps africanus", date=SEIZED, law=parrots)
    assert vulture.status == "reported" and vulture.as_of == AS_OF
    assert vulture.disagreement.code == "NOT_IN_OFFICIAL_LIST"
    cow = listing_of("Bos taurus", date=SEIZED, law=parrots, spelling=False)
    assert cow.status == "not covered" and cow.disagreement.code == "NOT_IN_OFFICIAL_LIST"


def test_the_silence_of_a_part_counts_where_it_is_declared_whole(made):
    rows = [text for text in rows_of("Cetacea") if "Balaenoptera physalus" not in text]
    part = made("part", index=INDEX + "".join(rows))
    whales = made("whales", covers=["Cetacea"], index=INDEX + "".join(rows))
    asked = {"date": SEIZED, "spelling": False}
    assert listing_of("Balaenoptera physalus", law=part, **asked).appendices == ("I",)
    found = listing_of("Balaenoptera physalus", law=whales, **asked)
    assert found.disagreement.code == "OFFICIAL_DIFFERS" and found.as_of == DAY


@pytest.mark.parametrize("taxon", ["Cetacea", "Corvus", "Nonsensus"])
def test_what_a_list_does_not_hold_cannot_be_declared(made, taxon):
    with pytest.raises(UsageError, match=f"does not hold {taxon} whole"):
        made(index=INDEX + "".join(rows_of("Psittaciformes")), covers=[taxon])


def test_the_history_answers_for_earlier_days_and_the_index_for_today(made):
    history = HISTORY + (
        "1,Animalia,,,,,Okapia,,,Okapia johnstoni,,SPECIES,II,,,ADDITION,01/01/2020,true,,,\n"
    )
    both = made(index=INDEX + row("Okapia johnstoni", "I"), history=history)
    answers = [
        listing_of("Okapia johnstoni", date=day, law=both).appendices
        for day in ("2019-12-31", "2020-01-01", SEIZED, "2026-11-27")
    ]
    assert answers[1:] == [("II",), ("I",), ("I",)] and answers[0] != ("II",)


AMENDED = "taxon,action,before,after,populations,since,source\n"


def test_an_amendment_by_hand_answers_with_its_source_before_what_was_reported(made):
    law = made(
        amendments=AMENDED + "Bycanistes,include,,I,,2026-03-05,Notification 2026/007\n"
        "Loxodonta africana,transfer,II,I,BW,2026-03-05,Notification 2026/008\n"
    )
    found = listing_of("Bycanistes brevis", date=SEIZED, law=law)
    assert found.appendices == ("reported I",) and len(found.reports) == 1
    assert "Entered by hand in the law package" in found.explanation()
    paper = dict(found.lines(on_paper=True)[:1])["CITES"]
    assert paper.startswith("Appendix I as reported in Notification 2026/007; not verified")
    tusk = {"kind": "TUS", "source": "I", "date": SEIZED, "law": law}
    assert listing_of("Loxodonta africana", population="BW", **tusk).appendices == ("reported I",)
    assert listing_of("Loxodonta africana", population="NA", **tusk).appendices == ("I",)
    assert listing_of("Gyps africanus", date=SEIZED, law=law).status == "reported"


def test_national_law_of_a_package_stands_first(made):
    law = made(
        national="taxon,law,category,since\nManis javanica,Made-up Act,protected,1999-01-27\n"
    )
    found = listing_of("Manis javanica", date=SEIZED, law=law)
    assert found.lines()[0] == ("National law", "Made-up Act, protected (Manis javanica)")
    assert not listing_of("Manis javanica", date="1998-01-01", law=law).national


def test_the_hash_of_a_package_stands_in_each_result_that_it_answered_for(parrots):
    found = listing_of("Gyps africanus", date=SEIZED, law=parrots)
    assert found.to_dict()["provenance"]["library"]["law"]["sha256"] == parrots.sha256
    assert parrots.sha256 in found.explanation()
    assert ListingResult.from_stored(found.to_dict()).lines() == found.lines()


def test_the_same_files_make_the_same_package_whatever_it_is_called(made):
    text = INDEX + row("Okapia johnstoni", "I")
    assert made("one", index=text).sha256 == made("two", index=text).sha256
    assert made("three", index=text + row("Manis", "I")).sha256 != made("four", index=text).sha256


@pytest.mark.parametrize(
    "change", ["changed", "missing", "manifest", "escaping", "version", "no manifest"]
)
def test_a_package_that_is_not_as_it_was_made_is_refused(made, tmp_path, change):
    law = made(index=INDEX + row("Okapia johnstoni", "I"))
    folder, file = tmp_path / "law", tmp_path / "law" / "index.csv"
    manifest = json.loads((folder / "law.json").read_text())
    if change == "changed":
        file.write_text(file.read_text().replace(",I,", ",II,"))
    elif change == "missing":
        file.unlink()
    elif change == "manifest":
        (folder / "law.json").write_text("[]")
    elif change == "escaping":
        manifest["files"][0]["name"] = "../index.csv"
        (folder / "law.json").write_text(json.dumps(manifest))
    elif change == "version":
        (folder / "law.json").write_text(json.dumps(manifest | {"format": 2}))
    else:
        (folder / "law.json").unlink()
    expected = VerificationError if change in ("changed", "missing") else InputError
    with pytest.raises(expected):
        open_law(folder)
    assert law.files[0].role == "index"


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(
        st.sampled_from(["format", "as_of", "files", "declared", "kingdoms", "classes", "name", "role"]),
        inner, max_size=8),
))  # fmt: skip
def test_no_manifest_ends_in_another_error(tmp_path_factory, value):
    folder = tmp_path_factory.mktemp("law")
    (folder / "law.json").write_text(json.dumps(value), encoding="utf-8")
    with pytest.raises(ForensicsError):
        open_law(folder)


@pytest.mark.parametrize(
    "line, problem",
    [
        ("Manis,adopt,,I,,,x", "'adopt' is not an action"),
        ("Manis,include,,,,,x", "an Appendix .before, after. is missing"),
        ("Manis,include,,IV,,,x", "is not I, II or III"),
        ("Manis,transfer,,I,,,x", "an Appendix .before, after. is missing"),
        ("Manis,include,,I,Atlantis,,x", "'Atlantis' is not a code of a place"),
        ("Manis,include,,I,,yesterday,x", "since"),
        ("Manis,include,,I,,,", "source"),
        ("7,include,,I,,,x", "not a scientific name"),
    ],
)
def test_a_wrong_amendment_is_told_with_its_line(made, line, problem):
    with pytest.raises(InputError, match=problem) as told:
        made(amendments=AMENDED + line + "\n")
    assert "line 2" in str(told.value)


def test_what_cannot_be_packed_is_refused(made, tmp_path):
    with pytest.raises(UsageError, match="needs a file"):
        build_law(tmp_path / "none", as_of=DAY)
    (tmp_path / "law.csv").write_text("taxon,law,category\nManis,Act,protected\n")
    with pytest.raises(UsageError, match="--covers needs --official"):
        build_law(
            tmp_path / "none", as_of=DAY, national=[tmp_path / "law.csv"], covers=["Psittaciformes"]
        )
    text = INDEX + row("Okapia johnstoni", "I")
    with pytest.raises(UsageError, match="one index and one history"):
        made(one=text, two=text)
    made(index=text)
    with pytest.raises(UsageError, match="already exists"):
        made(index=text)
    other = tmp_path / "more"
    other.mkdir()
    (other / "index.csv").write_text(text)
    with pytest.raises(UsageError, match="called index.csv"):
        build_law(
            tmp_path / "new", as_of=DAY, official=[tmp_path / "index.csv", other / "index.csv"]
        )
    assert not (tmp_path / "new").exists()
