"""Of the congeners that the library lacks, those that live in the region come first; nothing else changes."""

import csv
import json
import shutil

import pytest
from click.testing import CliRunner
from laboratory import _founded, lab  # noqa: F401

import forensics
from forensics.barcode.identification import Identification
from forensics.barcode.options import IdentifyOptions
from forensics.barcode.reading.samples import samples_of
from forensics.barcode.verdict import make_verdict
from forensics.cli import main
from forensics.cli import options as cli_options
from forensics.custody import record_identification
from forensics.custody.findings import recorded_findings
from forensics.errors import InputError, UsageError
from forensics.examination import examine
from forensics.reanalysis.comparison import recompute_identification
from forensics.reanalysis.recorded import CannotRecompute

# The embedded library has COI of no other pangolin; *M. nova* is of the laboratory alone.
ROWS = "species;country\nManis nova;CMR\nManis nova;GA\nManis temminckii;ZA\n"
OTHERS = [
    f"Manis {epithet}"
    for epithet in "crassicaudata culionensis gigantea javanica mysteria pentadactyla tetradactyla tricuspis".split()
]
ORDER = ["Manis nova", *OTHERS]


@pytest.fixture
def checklist(tmp_path):
    path = tmp_path / "species.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


@pytest.fixture
def query(root, tmp_path):
    """A sequence of Manis temminckii, and one that differs from its records at more places than they do."""
    text = (root / "reference_sequences/demonstration/scale.fasta").read_text(encoding="utf-8")
    bases = list("".join(text.splitlines()[1:]))
    for place in range(32, 1500, 165):
        bases[place] = {"A": "G", "G": "A", "C": "T", "T": "C"}[bases[place]]
    path = tmp_path / "S1.fasta"
    path.write_text(f"{text}>far\n{''.join(bases)}\n", encoding="utf-8")
    return path


def identify(query, checklist, embedded, *, region=("CM",), **more):
    return list(
        forensics.identify(query, library=embedded, region=region, checklist=checklist, **more)
    )


def test_those_that_live_in_the_region_come_first_and_nobody_is_left_out(
    query, checklist, embedded
):
    own, far = identify(query, checklist, embedded, region=["CM", "Gabon"], reasons=True)
    assert own.missing_congeners == {"Manis nova": ("CM", "GA")} | dict.fromkeys(OTHERS, ())
    assert (
        make_verdict(own)
        .evidence[0]
        .endswith(
            "or M. nova (in CM, GA), M. crassicaudata, M. culionensis or 6 others, which the library lacks"
        )
    )
    (named,) = (text for title, text in own.lines() if title == "Not in library")
    assert named.startswith("Manis nova (in CM, GA), Manis crassicaudata, ")
    stored = own.to_dict()
    assert stored["missing_congeners"] == ORDER
    assert stored["missing_in_region"] == {"Manis nova": ["CM", "GA"]}
    assert stored["reasons"]["congeners"]["unsampled"] == ORDER
    assert stored["reasons"]["congeners"]["in_region"] == {"Manis nova": ["CM", "GA"]}
    assert any("Manis nova (in CM, GA), Manis crassicaudata" in s for s in own.reasons.sentences())
    assert own.to_row()["missing_congeners"] == "; ".join(ORDER)
    assert own.to_row()["missing_in_region"] == "Manis nova (CM, GA)"
    doubt = next(notice for notice in far.notices if notice.code == "CONGENER_POSSIBLE")
    assert doubt.message.partition("COI: ")[2].startswith(
        "Manis nova (in CM, GA), Manis crassicaudata"
    )
    back = Identification.from_stored(json.loads(own.to_json()))
    assert back == own
    assert back.missing_congeners == own.missing_congeners


def test_in_another_region_another_comes_first(query, checklist, embedded):
    checklist.write_text(ROWS + "Manis gigantea;UG\n")
    (own, _far) = identify(query, checklist, embedded, region=["UG"])
    assert list(own.missing_congeners) == [
        "Manis gigantea",
        *(name for name in sorted(ORDER) if name != "Manis gigantea"),
    ]
    assert own.to_dict()["missing_in_region"] == {"Manis gigantea": ["UG"]}


def test_neither_names_nor_probabilities_depend_on_it(query, checklist, embedded):
    for criteria in ("none", "casework"):
        without = list(forensics.identify(query, library=embedded, criteria=criteria))
        given = identify(query, checklist, embedded, criteria=criteria)
        for one, other in zip(without, given, strict=True):
            assert one.call._replace(warnings=()) == other.call._replace(warnings=())
            assert one.candidates == other.candidates
            assert one.criteria == other.criteria or criteria == "casework"
            if criteria == "casework":
                found = [c.found for c in other.criteria.criteria if c.code == "congeners_sampled"]
                assert found == [["Manis pentadactyla"]]  # by the profile and other loci alone


def test_without_a_region_the_result_says_nothing_of_one(query, embedded):
    own, _far = forensics.identify(query, library=embedded)
    assert own.missing_congeners == dict.fromkeys(OTHERS, ())
    assert "missing_in_region" not in own.to_dict()
    assert not {"region", "checklist"} & own.provenance.parameters.keys()


def test_region_and_checklist_go_together(query, checklist):
    for given in ({"region": ["CM"]}, {"checklist": checklist}):
        with pytest.raises(UsageError, match="go together"):
            forensics.identify(query, **given)


def test_a_table_that_cannot_be_used_stops_the_run(query, checklist, embedded):
    with pytest.raises(InputError, match="lives in BR"):
        identify(query, checklist, embedded, region=["BR"])


@pytest.fixture
def laboratory(lab, embedded):  # noqa: F811
    lab.sampled()
    lab.run(NTC="passed", POS="passed")
    lab.amina.validate(
        library=embedded.sha256, name="embedded", scope="none", attachments=[lab.photo("v.pdf")]
    )
    return lab


def test_a_finding_is_computed_again_with_the_table_that_it_holds(
    laboratory, query, checklist, embedded
):
    own, _far = identify(query, checklist, embedded)
    bruno, amina = laboratory.bruno, laboratory.amina
    receipt = record_identification(bruno, "S1", own, runs=["R1"], inputs=[query, checklist])
    without = record_identification(bruno, "S1", own, runs=["R1"], inputs=[query])
    checklist.unlink()
    event = amina.event(receipt.seq)
    recorded = event.fields["provenance"]["parameters"]
    assert recorded["region"] == ["CM"]
    again = recompute_identification(amina, event, embedded, forensics.identify)
    before = event.fields["result"]
    assert {name: again[name] for name in before} == before
    made = again["provenance"]["parameters"]
    assert made["checklist"]["sha256"] == recorded["checklist"]["sha256"]
    with pytest.raises(CannotRecompute, match=r"^cannot be .* the checklist species.csv \(SHA"):
        recompute_identification(amina, amina.event(without.seq), embedded, forensics.identify)


def test_of_a_case_the_table_is_attached_and_is_no_input(laboratory, query, checklist, embedded):
    query.write_text("".join(query.read_text(encoding="utf-8").splitlines(True)[:-2]))
    samples = {sample.name: sample for sample in samples_of([str(query)]).samples}
    options = IdentifyOptions(region=("CM",), checklist=checklist)
    bruno = laboratory.bruno
    (name,) = samples
    found = list(examine(bruno, {"S1": samples[name]}, options, library=embedded, runs=["R1"]))
    event = bruno.event(found[0].receipt.seq)
    assert "species.csv" in [attached["name"] for attached in event.attachments]
    (again,) = examine(bruno, {"S1": samples[name]}, options, library=embedded, runs=["R1"])
    assert again.previous_event == event.seq
    assert len(recorded_findings(bruno, embedded)) == 1


def run(*arguments):
    return CliRunner().invoke(main, [*map(str, arguments)])


def test_the_command_shows_them_and_says_for_which_region(query, checklist):
    given = ("identify", query, "--region", "cmr", "--region", "GA", "--checklist", checklist)
    shown = run(*given)
    assert shown.exit_code == 0, shown.output
    said = " ".join(shown.stdout.split())
    assert "region CM, GA" in said
    assert "M. nova (in CM, GA)" in shown.stdout
    assert said.count("names 1 species that no backbone of names knows") == 1
    rows = list(csv.DictReader(run(*given, "--format", "csv").stdout.splitlines()))
    assert rows[0]["missing_in_region"] == "Manis nova (CM, GA)"
    refused = run("identify", query, "--region", "CM")
    assert refused.exit_code == 2
    assert "--checklist FILE" in refused.output
    checklist.write_text("species,country\nManis nova,Atlantis\n")
    refused = run("identify", query, "--region", "CM", "--checklist", checklist)
    assert refused.exit_code == 3
    assert "species.csv, line 2" in refused.output
    assert "'Atlantis'" in refused.output


def test_a_laboratory_sets_both_once(query, checklist, tmp_path, monkeypatch):
    monkeypatch.delenv("FORENSICS_NO_SETTINGS")
    monkeypatch.setattr(cli_options.click, "get_app_dir", lambda _name: str(tmp_path / "user"))
    (tmp_path / "user").mkdir()
    shutil.copy(checklist, tmp_path / "user" / "list.csv")
    settings = tmp_path / "user" / "settings.toml"
    settings.write_text('region = "CM GA"\nchecklist = "list.csv"\n')
    made = json.loads(run("identify", query, "--format", "json").stdout.splitlines()[0])
    assert made["missing_in_region"] == {"Manis nova": ["CM", "GA"]}
    assert set(made["provenance"]["settings"]) == {"region", "checklist"}
