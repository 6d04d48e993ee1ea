import hashlib
import json
import random
from dataclasses import replace

import pytest
from simulation import ancestors, far_sequence, mutate, random_sequence

from forensics.barcode.calling import criteria as criteria_of_profile
from forensics.barcode.calling.criteria import examine_call, read_profile
from forensics.barcode.calling.decision import Call
from forensics.barcode.calling.reasons import Congeners, SpeciesSupport
from forensics.barcode.matching.search import Candidate
from forensics.barcode.reference.library import open_library
from forensics.barcode.reference.records import ReferenceRecord
from forensics.barcode.reference.writing import write_library
from forensics.core.provenance import Provenance
from forensics.errors import UsageError
from forensics.examination import identify

ALBUS, NIGER, VIRIDIS = "Fictus albus", "Fictus niger", "Fictus viridis"
SEQUENCE = ancestors("COI")[ALBUS]


def made(tmp_path, *records, elsewhere=(), genus="Fictus", name="library"):
    """Return a library of simulated records of one species: (institution, voucher)."""
    rng = random.Random("criteria")
    pairs = [
        (
            ReferenceRecord.named(
                f"SIM{n}.1", ALBUS, locus="COI", institution=where, voucher=voucher
            ),
            mutate(rng, SEQUENCE, substitutions=n),
        )
        for n, (where, voucher) in enumerate(records)
    ]
    pairs = [(replace(record, genus=genus), sequence) for record, sequence in pairs]
    pairs += [
        (ReferenceRecord.named(f"SIM12S{n}", name, locus="12S"), random_sequence(rng, 390))
        for n, name in enumerate(elsewhere)
    ]
    write_library(tmp_path / name, pairs, name="simulated", calibrated=False)
    return open_library(tmp_path / name)


SOUND = (("Museum A", "V1"), ("Museum B", ""))


def run(library, criteria="casework", **options):
    (result,) = identify(SEQUENCE, library=library, criteria=criteria, **options)
    return result


def met(result):
    return {c["code"]: c["met"] for c in result.to_dict()["criteria"]["criteria"]}


def warning(result):
    return next((w.message for w in result.warnings if w.code == "CRITERIA_NOT_MET"), None)


def test_a_call_that_meets_the_criteria_stands(tmp_path):
    library = made(tmp_path, *SOUND, elsewhere=(ALBUS,))
    result = run(library)
    assert (result.rank, result.taxon) == ("species", ALBUS)
    assert warning(result) is None
    assert result.to_dict()["criteria"]["met"] is True
    assert met(result) == {
        "records": True, "vouchered": True, "institutions": True, "congeners_sampled": True,
        "coverage": True, "accession_version": None, "database": None, "program": None,
        "runner_up": None, "decision": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    "records, unmet",
    [
        ([("Museum A", "V1")], {"records", "institutions"}),
        ([("Museum A", ""), ("Museum B", "")], {"vouchered"}),
        ([("Museum A", "V1"), ("Museum A", "V2")], {"institutions"}),
        ([("Museum A", "V1"), ("", "V2")], {"institutions"}),
        ([("", ""), ("", "")], {"vouchered", "institutions"}),
    ],
)
def test_weak_references_take_the_call_back_to_the_genus(tmp_path, records, unmet):
    library = made(tmp_path, *records)
    assert run(library, "none").rank == "species"
    result = run(library)
    assert (result.status, result.rank, result.taxon) == ("identified", "genus", "Fictus")
    assert {code for code, value in met(result).items() if value is False} == unmet
    for code in unmet:
        assert f"[{code}]" in warning(result)
    assert ALBUS in warning(result)
    assert "Report no species" in dict(result.lines())["What to do"]
    assert json.loads(result.to_json())["criteria"]["criteria"][-1]["found"]["taxon"] == ALBUS


def test_an_unsampled_congener_is_named_as_not_excluded(tmp_path):
    result = run(made(tmp_path, *SOUND, elsewhere=(VIRIDIS, "Exemplum primum")))
    assert (result.rank, result.taxon) == ("genus", "Fictus")
    assert result.call.not_excluded == (ALBUS, VIRIDIS)
    assert f"Not excluded: {ALBUS}, {VIRIDIS}." in warning(result)


def test_a_checklist_knows_what_the_library_does_not(tmp_path):
    library = made(tmp_path, *SOUND)
    assert met(run(library))["congeners_sampled"] is None
    path = tmp_path / "ours.toml"
    text = (
        f'name = "ours"\n[species]\ncongeners_sampled = true\n[checklist]\nFictus = ["{NIGER}"]\n'
    )
    path.write_text(text)
    result = run(library, path)
    assert NIGER in warning(result) and "criteria ours" in warning(result)


def test_without_a_genus_nothing_is_called(tmp_path):
    result = run(made(tmp_path, ("Museum A", "V1"), genus=""))
    genus = result.candidates[0].genus
    assert genus == "" and (result.status, result.rank, result.taxon) == (
        "inconclusive",
        None,
        None,
    )


def test_criteria_and_their_profile_are_in_the_provenance(tmp_path):
    library = made(tmp_path, *SOUND)
    asked = run(library).provenance.parameters["criteria"]
    assert asked == read_profile("casework").to_dict()
    assert run(library, "none").provenance.parameters["criteria"] is None
    assert run(library, "none").to_dict()["criteria"] is None


def test_what_is_recorded_without_being_asked(tmp_path):
    library = made(tmp_path, *SOUND)
    found = {c["code"]: c for c in run(library).to_dict()["criteria"]["criteria"]}
    assert found["accession_version"]["found"] == "SIM0.1"
    assert found["database"]["found"]["sha256"] == library.sha256
    assert found["program"]["found"]["parameters"]["floor"] == 0.9
    assert found["runner_up"]["found"] is None
    assert found["decision"]["found"]["rank"] == "species"
    assert all(c["why"].endswith(".") for c in found.values())


def test_the_probability_of_the_genus_is_that_of_the_evidence():
    from forensics.barcode.calling.criteria import Criterion, Evaluation, limit_call

    unmet = Evaluation(read_profile("casework"), ALBUS, (Criterion("records", 2, 1, False, "x"),))
    subject = type("Subject", (), {"genus": "Fictus"})
    shares = {"species": {ALBUS: 0.96, "none": 0.04}, "genus": {"Fictus": 0.99, "none": 0.01}}
    call = Call("identified", "species", ALBUS, 0.96, shares, (ALBUS,))
    limited = limit_call(call, subject, unmet)
    assert (limited.rank, limited.probability, limited.probabilities) == ("genus", 0.99, shares)
    without = call._replace(probabilities={"species": shares["species"]})
    assert limit_call(without, subject, unmet).probability == 0.96
    for other in (Call("inconclusive"), Call("identified", "genus", "Fictus", 0.97)):
        assert limit_call(other, subject, unmet) is other


def test_nothing_near_has_no_criteria(tmp_path):
    (result,) = identify(far_sequence(), library=made(tmp_path, *SOUND), criteria="casework")
    assert (result.status, result.criteria) == ("nothing_near", None)


def test_criteria_never_name_more_than_the_lineage_allows(tmp_path):
    """A line that two genera share is called by the family; weak references leave it there."""
    record = ReferenceRecord.named("SIM1", "Vicugna pacos", locus="COI", family="Camelidae")
    write_library(tmp_path / "vicugna", [(record, SEQUENCE)], name="simulated", calibrated=False)
    library = open_library(tmp_path / "vicugna")
    for criteria in ("none", "casework"):
        result = run(library, criteria)
        assert (result.rank, result.taxon) == ("family", "Camelidae")
    assert met(result)["records"] is False
    assert warning(result) is None


# -- each criterion by itself, from facts as a test states them ---------------------------


SUBJECT = Candidate(
    ALBUS, "Fictus", "Fictidae", True, 0.99, 0.8, 6, 658, "JQ173884.1", 3, None
)  # fmt: skip
OTHER = replace(SUBJECT, species=NIGER, identity=0.96, accession="JQ173885.1")


def criteria(profile=None, *, subject=SUBJECT, other=None, congeners=((), (), ())):
    """Return the criteria by their codes, with what is asked of two records and two institutions."""
    facts = {"minimum_records": 2, "minimum_institutions": 2, **(profile or {})}
    asked = replace(read_profile("casework"), **facts)
    made = Provenance("f", "0", {}, {"name": "L"}, {"floor": 0.9}, {})
    _call, found = examine_call(
        asked, Call("identified", "species", ALBUS, 0.97), subject, other,
        backing=SpeciesSupport(2, 1, ("A",), ()), congeners=Congeners(*congeners), provenance=made,
    )  # fmt: skip
    return {criterion.code: criterion for criterion in found.criteria}


def test_what_is_asked_is_met_by_as_much_and_what_is_not_asked_is_recorded_alone():
    found = criteria({"minimum_vouchered": 0, "minimum_coverage": 0.8})
    assert (found["records"].required, found["records"].met) == (2, True)
    assert found["records"].why == "Records of the species at this locus: 2. At least 2 asked."
    assert (found["institutions"].found, found["institutions"].met) == (1, False)
    assert (found["vouchered"].required, found["vouchered"].met) == (None, None)
    assert found["vouchered"].why == "Records with a voucher: 1."
    assert found["coverage"].met is True and "compared: 0.80." in found["coverage"].why
    assert criteria({"minimum_coverage": 0.81})["coverage"].met is False


@pytest.mark.parametrize("asked", [True, False])
@pytest.mark.parametrize("congeners, found, met, why", [
    (((), (VIRIDIS,), ("12S",)), [VIRIDIS], False,
     f"Known congeners without a record at this locus: {VIRIDIS}."),
    (((NIGER,), (), ("12S", "checklist")), [], True,
     "No congener without a record at this locus is known from 12S, checklist."),
    (((), (), ()), [], None, "Not evaluated: neither another locus of the library"),
])  # fmt: skip
def test_congeners_are_asked_for_as_far_as_any_are_known(asked, congeners, found, met, why):
    criterion = criteria({"congeners_sampled": asked}, congeners=congeners)["congeners_sampled"]
    assert criterion.required is (True if asked else None) and criterion.found == found
    assert criterion.met is (met if asked else None) and criterion.why.startswith(why)


def test_the_accession_and_the_closest_other_species_are_recorded():
    found = criteria(other=OTHER)
    assert found["accession_version"].why == "The best record; its accession has a version."
    assert found["runner_up"].found == {
        "species": NIGER, "accession": "JQ173885.1", "identity": 0.96, "gap": 0.99 - 0.96,
    }  # fmt: skip
    assert found["runner_up"].why == "The closest other species."
    found = criteria(subject=replace(SUBJECT, accession="LAB-7"))
    assert "has no version" in found["accession_version"].why
    assert found["runner_up"].found is None
    assert found["runner_up"].why == "No other species was found near it."


GOOD = 'name = "ours"\nversion = "3"\n[species]\nminimum_records = 4\n'


@pytest.fixture
def written(tmp_path):
    def written(text):
        path = tmp_path / "ours.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def test_the_packaged_profile_asks_for_what_the_documentation_says(root):
    found = read_profile("casework")
    assert (found.minimum_records, found.minimum_vouchered, found.minimum_institutions) == (2, 1, 2)
    assert found.congeners_sampled is True
    assert found.minimum_coverage == 0.75
    assert found.checklist == {}
    text = (root / "docs" / "reasons.md").read_text(encoding="utf-8")
    for name in criteria_of_profile._NOTHING:
        assert f"| `{name}` | {str(getattr(found, name)).lower()} |" in text


def test_none_is_none():
    assert read_profile("none") is None


def test_a_laboratory_edits_its_own(written):
    path = written("\ufeff" + GOOD + '[checklist]\nFictus = ["Fictus albus"]\n')
    found = read_profile(path)
    assert (found.name, found.version, found.minimum_records) == ("ours", "3", 4)
    assert (found.minimum_vouchered, found.congeners_sampled) == (0, False)
    assert found.checklist == {"Fictus": ("Fictus albus",)}
    assert found.to_dict()["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    "text, part",
    [
        ("", "species"),
        ("[species]\n", "name"),
        ("name = ", "not a profile"),
        (GOOD + "minimum_vouchers = 1\n", "minimum_vouchers"),
        ("colour = 1\n" + GOOD, "colour"),
        (GOOD + 'minimum_vouchered = "one"\n', "minimum_vouchered"),
        (GOOD + "minimum_vouchered = -1\n", "minimum_vouchered"),
        (GOOD + "minimum_vouchered = true\n", "minimum_vouchered"),
        (GOOD + "congeners_sampled = 1\n", "congeners_sampled"),
        (GOOD + "minimum_coverage = 75\n", "minimum_coverage"),
        ('name = "x"\nspecies = 3\n', "not a profile"),
        (GOOD + '[checklist]\nFictus = "Fictus albus"\n', "checklist"),
        (GOOD + '[checklist]\nFictus = ["albus"]\n', "checklist"),
    ],
)
def test_a_line_that_would_silently_ask_for_nothing_is_refused(written, text, part):
    with pytest.raises(UsageError, match=part):
        read_profile(written(text))


def test_a_profile_that_is_missing_is_told(tmp_path):
    with pytest.raises(UsageError, match="there is no such file.*none, casework"):
        read_profile(tmp_path / "missing.toml")
