"""Results that the program wrote are read back by one function."""

import copy
import json
import sqlite3
from contextlib import closing

import pytest
from golden_results import every_record, identifications, record
from laboratory import _founded, lab  # noqa: F401
from simulation import SPECIES, query
from tampering import tampering

import forensics
from forensics.age.results import RadiocarbonAge
from forensics.barcode.calling.combine import Combination
from forensics.barcode.identification import Identification
from forensics.barcode.mixture.results import Mixture
from forensics.custody import record_finding, record_identification
from forensics.errors import InputError, VerificationError
from forensics.individual.results import Individual
from forensics.io.files import folder
from forensics.origin.results import PopulationOrigin
from forensics.origin.seizure import SeizureOrigin
from forensics.stored_results import KINDS, LedgerFindings, find_kind, read_result


@pytest.fixture(scope="module")
def results():
    return forensics.identify(folder("reference_sequences") / "demonstration" / "exhibits.fasta")


def test_a_file_of_identifications_is_read_as_identifications(results, tmp_path):
    path = tmp_path / "results.jsonl"
    path.write_text(results.to_json(), encoding="utf-8")
    again = forensics.read_results(path)
    assert type(again) is forensics.Identifications
    assert again.to_json() == results.to_json()
    assert again.to_frame().equals(results.to_frame())
    assert repr(again) == repr(results)


def test_lines_and_an_open_file_are_read_too(results, tmp_path):
    path = tmp_path / "results.jsonl"
    path.write_text(results.to_json(), encoding="utf-8-sig")
    with path.open(encoding="utf-8-sig") as lines:
        assert forensics.read_results(lines).to_json() == results.to_json()
    assert forensics.read_results(str(path)).to_json() == results.to_json()


def test_records_of_several_kinds_are_each_of_their_class(results, tmp_path):
    combined = next(one for one in identifications() if "combined" in one)
    records = [
        record("age", "two_times"),
        record("individual", "match"),
        record("origin", "populations_1"),
        record("origin", "together_few"),
        json.loads(results[0].to_json()),
        combined,
        record("mixture", "blank"),
    ]
    path = tmp_path / "all.json"
    path.write_text(json.dumps(records, indent=1), encoding="utf-8")  # one text over many lines
    read = forensics.read_results(path)
    assert [type(each) for each in read] == [
        RadiocarbonAge,
        Individual,
        PopulationOrigin,
        SeizureOrigin,
        Identification,
        Combination,
        Mixture,
    ]
    assert [each.to_dict() for each in read] == records


def test_every_golden_result_is_read_by_what_it_holds():
    classes = set()
    for stored in every_record():
        result = read_result(stored)
        assert result.to_dict() == stored, str(stored)[:80]
        classes.add(type(result).__name__)
    assert classes >= {
        "RadiocarbonAge", "SeriesAge", "MethylationAge", "Individual", "Kinship", "Parentage", "Network",
        "Husbandry", "Consignment", "Mixture", "SeizureOrigin", "ClassifiedOrigin",
    }  # fmt: skip


def test_each_golden_result_is_of_one_kind_with_the_finding_that_records_it_and_without():
    """Of other results none has the keys; so their order in the table decides nothing."""
    seen = set()
    for stored in [*every_record(), *identifications()]:
        (kind,) = [kind for kind in KINDS if kind.keys <= stored.keys()]
        assert find_kind(stored) is find_kind(stored, kind.finding) is kind
        seen.add(kind.name)
    assert {kind.name for kind in KINDS} - seen == {"listing", "shares", "haplotype"}


@pytest.mark.parametrize("name", ["match", "kinship", "claim", "network", "captive", "mixture"])
def test_a_result_is_read_without_the_sentences_that_follow_from_its_figures(name):
    stem, case = {"captive": ("captive", "supported"), "mixture": ("mixture", "blank")}.get(
        name, ("individual", name)
    )
    stored = record(stem, case)
    bare = {key: value for key, value in stored.items() if key not in ("result", "explanation")}
    (result,) = forensics.read_results([json.dumps(bare)])
    assert result.headline() == stored["result"]


def test_an_empty_record_and_one_of_no_finding_are_of_no_kind():
    assert find_kind({}) is find_kind({}, "identification") is find_kind("a horn", "age") is None
    assert find_kind({"taxon": "Loxodonta africana"}) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "results.json: it has no result"),
        ("\n\n{", "results.json, line 3: this is not JSON"),
        ("{}\n", "results.json, line 1: this result cannot be read back"),
        ('\n{"tool": 1, "x": 2}', "line 2: .* its keys are: tool, x"),
        ("[3]", "line 1: this is JSON, but not a result: 3"),
        ("query,index,length\nA,1,600\n", "line 1: these are rows for a spreadsheet"),
        ("query\tindex\tlength\nA\t1\t600\n", "line 1: these are rows for a spreadsheet"),
        ("sample,age\nA,3\n", "line 1: this is not JSON"),
    ],
)
def test_what_cannot_be_read_is_named_with_file_and_line(text, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        forensics.read_results("results.json")


def test_a_wrong_value_is_named_with_its_line(results, tmp_path):
    record = json.loads(results[1].to_json())
    record["status"] = "certain"
    lines = [results[0].to_json(), json.dumps(record)]
    with pytest.raises(InputError, match="^line 2: .*status is 'certain'"):
        forensics.read_results(lines)


def test_a_file_that_is_missing_or_not_text_is_refused(tmp_path):
    with pytest.raises(InputError, match="there is no such file"):
        forensics.read_results(tmp_path / "none.json")
    (tmp_path / "noise.json").write_bytes(b"{}\n\xff\xfe")
    with pytest.raises(InputError, match="line 2: this is not JSON"):
        forensics.read_results(tmp_path / "noise.json")


def _places(value, place=()):
    yield place
    parts = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value[:2])
        if isinstance(value, list)
        else ()
    )
    for key, part in parts:
        yield from _places(part, (*place, key))


@pytest.mark.parametrize("changed", [None, "", True, 10**30, [], ["a"], {}, "nothing", ...])
def test_an_altered_record_is_read_or_refused_wherever_it_was_altered(changed):
    """`...`: the key is left out. Nothing but InputError comes out of a file that a hand changed."""
    records = [
        record("age", "two_times"),
        record("individual", "match"),
        record("origin", "populations_1"),
        record("mixture", "blank"),
        identifications()[0],
    ]
    refused = 0
    for stored in records:
        for *path, key in filter(None, list(_places(stored))):
            altered = copy.deepcopy(stored)
            part = altered
            for step in path:
                part = part[step]
            if changed is not ...:
                part[key] = changed
            elif isinstance(part, dict):
                del part[key]
            try:
                forensics.read_results([json.dumps(altered)])
            except InputError:
                refused += 1
    assert refused > 50


def test_a_record_without_end_is_refused():
    for text in ("[" * 100_000, '{"query": ' * 100_000):
        with pytest.raises(InputError, match="line 1"):
            forensics.read_results([text])


def test_a_rank_that_is_not_one_is_refused(results):
    record = json.loads(results[0].to_json())
    record["rank"] = "certainly"
    with pytest.raises(InputError, match="rank is 'certainly'"):
        forensics.read_results([json.dumps(record)])


@pytest.fixture
def examined(lab, library):  # noqa: F811
    """A laboratory with two findings: an identification, and one that a person wrote."""
    lab.sampled()
    lab.run(NTC="passed", POS="passed")
    lab.amina.validate(
        library=library.sha256, name="simulated", scope="none", attachments=[lab.photo("v.pdf")]
    )
    (result,) = forensics.identify(f">S1\n{query()}\n", library=library)
    first = record_identification(lab.bruno, "S1", result, runs=["R1"]).seq
    second = lab.bruno.finding(
        case="C1", thing="S1", kind="morphology", result="two horns, one above the other"
    ).seq
    lab.close()
    return lab, result, first, second


def test_results_are_what_was_recorded(examined):
    laboratory, result, first, second = examined
    before = laboratory.path.read_bytes()
    findings = forensics.read_results(laboratory.path)
    assert isinstance(findings, LedgerFindings)
    (again,) = findings
    assert isinstance(again, forensics.Identification)
    assert (again.taxon, again.headline()) == (SPECIES[0], result.headline())
    assert again.to_row() == result.to_row()
    (finding,) = findings.findings
    assert (finding.event, finding.case, finding.sample) == (first, "C1", "S1")
    assert findings.size == laboratory.size
    assert findings.fingerprint == str(laboratory.verify().fingerprint)
    assert laboratory.path.read_bytes() == before
    assert findings[:1] == (again,)


def test_what_cannot_be_read_back_is_named_and_not_lost(examined):
    laboratory, _result, first, second = examined
    findings = forensics.read_results(laboratory.path)
    (unread,) = findings.unread
    assert (unread.event, unread.sample, unread.kind) == (second, "S1", "morphology")
    assert "not a result of this package" in unread.reason
    assert repr(findings).endswith(
        f"1 finding of {laboratory.path}; not read: {second}>".lstrip("<")
    )
    frame = findings.to_frame()
    assert frame["event"].tolist() == [first, second]
    assert frame["unread"].notna().tolist() == [False, True]
    assert SPECIES[0] in frame["result"][0]


def test_what_was_recorded_as_something_else_is_no_result_of_its_kind(examined):
    """Under ``other`` no run is asked for, and the report states it as a person's own."""
    laboratory, result, _first, _second = examined
    record_finding(laboratory.bruno, "S1", result, kind="other")
    laboratory.close()
    findings = forensics.read_results(laboratory.path)
    assert len(findings) == 1
    assert [each.kind for each in findings.unread] == ["morphology", "other"]
    assert "its keys are: candidates" in findings.unread[1].reason


def test_corrections_are_named_and_change_no_result(examined):
    laboratory, result, first, _second = examined
    said = {"field": "runs", "old": ["R1"], "new": [], "reason": "misread"}
    agreed = laboratory.authorise("correct", subject=str(first), content=said)
    correction = laboratory.amina.correct(case="C1", event=first, authorisation=agreed, **said).seq
    laboratory.close()
    (finding,) = forensics.read_results(laboratory.path).findings
    assert finding.corrections == (correction,)
    assert finding.result.to_row() == result.to_row()


def test_a_ledger_that_does_not_hold_is_refused(examined):
    laboratory, _result, first, _second = examined
    with tampering(laboratory.path) as connection:
        changed = connection.execute(
            "UPDATE openings SET value = replace(value, ?, 'Felis catus') WHERE seq = ? "
            "AND name = 'result'",
            (SPECIES[0], first),
        ).rowcount
    assert changed == 1
    with pytest.raises(VerificationError, match=f"event {first}"):
        forensics.read_results(laboratory.path)


def test_a_database_that_is_no_ledger_is_refused(tmp_path):
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE birds (name TEXT)")
        connection.commit()
    with pytest.raises(VerificationError):
        forensics.read_results(tmp_path / "other.db")
    with pytest.raises(InputError, match="there is no such file"):
        forensics.read_results(tmp_path / "none.db")
