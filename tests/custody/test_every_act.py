"""After every act that is accepted, a ledger verifies, is backed up, disclosed and merged into another.

A machine of Hypothesis does what people and scripts do, in any order, with values that nobody should give.
What is refused leaves nothing behind; what is accepted breaks nothing that comes after it.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from laboratory import Clock, Laboratory, field_ledger, row

from forensics.custody import (
    PrivateKey,
    appending,
    canonical,
    checked,
    disclosure,
    open_ledger,
    ordinals,
    verification,
    verify,
    verify_bundle,
)
from forensics.custody.budgets import BYTES_OF_A_VALUE, MAX_FIELD_BYTES, MAX_FIELD_DEPTH
from forensics.custody.canonical import LARGEST_INTEGER
from forensics.custody.disclosure import Withheld, disclose_case
from forensics.custody.heads import countersign
from forensics.custody.ledger import NewAct, merge
from forensics.custody.storage import files_folder
from forensics.errors import ForensicsError, InputError, RefusedError

BUNDLE = 2**20
EVENT = BUNDLE // 8
FIELD = EVENT // 2 - 2**12


def scale(monkeypatch, most=BUNDLE):
    """Make all limits of sizes smaller, by the rules by which they follow from one another."""
    for module, name, value in (
        (verify_bundle, "MAX_BUNDLE_JSON_BYTES", most),
        (disclosure, "MAX_BUNDLE_JSON_BYTES", most),
        (verify_bundle, "MAX_JSON_VALUES", most // BYTES_OF_A_VALUE),
        (canonical, "MAX_JSON_VALUES", most // BYTES_OF_A_VALUE),
        (verify_bundle, "MAX_ZIP_ENTRIES", 16),
        (appending, "MAX_CASE_BYTES", most * 3 // 4),
        (appending, "MAX_CASE_FILES", 12),
        (appending, "MAX_EVENT_BYTES", most // 8),
        (appending, "MAX_FIELD_BYTES", most // 16 - 2**12),
        (verification, "MAX_NESTED_LEDGERS", 2),
    ):
        monkeypatch.setattr(module, name, value)


@dataclass(frozen=True)
class Spelt:
    """A value that is printed by how it is made: a failure would otherwise print megabytes."""

    piece: object
    times: int

    @property
    def value(self):
        if isinstance(self.piece, int):
            return [self.piece] * self.times
        if self.piece != "nested":
            return self.piece * self.times
        inside = "x"
        for level in range(self.times):
            inside = {"é": inside} if level % 3 else [inside]
        return inside


def value_of(drawn):
    return drawn.value if isinstance(drawn, Spelt) else drawn


TEXTS = st.sampled_from([
    "horn", "e\u0301tage", "قرن وحيد القرن", "\u202egpj.exe", "\ud800", "a\x00b", "犀牛角", "😀" * 9, "\U0001e08f",
    "..", " x", "C1", "C2/1", "İ", "ﬁ", '"\\,:[{', "−1", Spelt("x", 80), Spelt("x", 81), Spelt("x", 501),
    Spelt("y", 20_001),
]) | st.text(max_size=12)  # fmt: skip
NUMBERS = st.sampled_from(
    [0, -1, LARGEST_INTEGER, -LARGEST_INTEGER, LARGEST_INTEGER + 1, 10**400, 0.5, True, None]
)
DEEP = st.sampled_from([1, MAX_FIELD_DEPTH, MAX_FIELD_DEPTH + 1, 28, 31, 32, 33, 600]).map(
    lambda depth: Spelt("nested", depth)
)
LARGE = st.builds(
    lambda piece, most, more: Spelt(piece, most // len(str(piece).encode()) + more),
    st.sampled_from(["x", ",", "é", "😀", '"', 7]),
    st.sampled_from([FIELD, FIELD // BYTES_OF_A_VALUE, EVENT, BUNDLE]),
    st.integers(-3, 3),
)
VALUES = st.one_of(
    TEXTS,
    NUMBERS,
    DEEP,
    LARGE,
    st.just({"é": 1, "e\u0301": 2}),
    st.dictionaries(st.text(max_size=3), st.text(max_size=9) | NUMBERS, max_size=4),
)
FILES = st.sampled_from([b"a picture", b"another", b"", Spelt(b"\x00", 5000)]) | st.binary(
    min_size=1, max_size=4
)
PEOPLE = st.sampled_from(["amina", "bruno", "chen", "dora"])
CASES = st.sampled_from(["C1", "C2"])


class EveryAct(RuleBasedStateMachine):
    """A laboratory with two cases, and a ledger in the field that it takes in."""

    founded: Laboratory
    plainly = False  # whether the verifier is also run as its reader runs it

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="every-act-"))
        self.lab = self.founded.copy(self.folder / "lab")
        self.lab.sampled()
        self.attached: list[tuple[str, int, str]] = []
        self.findings: list[int] = []
        self.number = 0
        self.inner = None
        self.new_field()

    def teardown(self):
        self.lab.close()
        self.field.close()
        shutil.rmtree(self.folder)

    # -- doing ------------------------------------------------------------------------------

    def new_field(self):
        """Begin a ledger in the field, in which the one before it is taken in."""
        self.number += 1
        self.field = field_ledger(self.folder / f"field-{self.number}.db", self.lab.clock)
        self.field.case(case="C1")
        self.field.receive(case="C1", exhibits=[row(f"R{self.number}")])

    def file(self, content):
        self.number += 1
        path = self.folder / f"{self.number}.bin"
        path.write_bytes(value_of(content))
        return path

    def do(self, attempt, /, *given, ledger=None, **fields):
        """Try an act; where it is accepted, everything else must still be possible."""
        path = (ledger or self.lab.amina).path
        fields = {name: value_of(value) for name, value in fields.items()}
        before = verify(path).size
        files = {one.name for one in files_folder(path).glob("*")}
        try:
            done = attempt(*given, **fields)
        except ForensicsError:
            report = verify(path)
            assert report.ok and report.size == before, report.problems
            assert {one.name for one in files_folder(path).glob("*")} == files
            return None
        if path == self.lab.path:
            self.check_laboratory()
        else:
            self.check_field()
        return done

    # -- what must be possible then ---------------------------------------------------------

    def check_laboratory(self):
        report = verify(self.lab.path)
        assert report.ok, report.problems
        with open_ledger(self.lab.path) as begun_late, open_ledger(self.lab.path) as replayed:
            replayed.check_openings()
            assert begun_late.state == replayed.state
            assert begun_late.fingerprint == replayed.fingerprint
        copy = Path(tempfile.mkdtemp(dir=self.folder))
        with open_ledger(self.lab.path) as ledger:
            ledger.backup(copy / "laboratory.db")
        # A head is not dated back; the clock was mended by then.
        reached = datetime.fromisoformat(self.lab.state.recorded_at)
        lab = Laboratory(copy, self.lab.keys, Clock(max(reached, self.lab.clock.time)))
        for case in list(lab.state.cases):
            numbers = ordinals.related(
                lab.state, {f"case {case}", *ordinals.related_series(lab.state, case)}
            )
            made = disclose_case(lab.amina, case, copy / f"{len(numbers)}.zip", recipient="x")[0]
            with zipfile.ZipFile(made.path) as archive:
                size = archive.getinfo("bundle.json").file_size
                assert len(json.loads(archive.read("bundle.json"))["events"]) <= len(numbers) + 1
            bound, _files = lab.amina._bundle_size(lab.amina._database, case)
            assert size - 6000 < bound  # the tally, its head and the frame came after it
            if self.plainly:
                found = subprocess.run(
                    [sys.executable, "-I", verify_bundle.__file__, made.path], capture_output=True
                )
                assert found.returncode == 0, found.stdout
            made.path.unlink()
        assert verify(lab.path).ok
        lab.close()
        shutil.rmtree(copy)

    def check_field(self):
        report = verify(self.field.path)
        assert report.ok, report.problems
        # With what was taken in before, one more around it would be too deep.
        if report.nested < verification.MAX_NESTED_LEDGERS:
            copy = self.founded.copy(Path(tempfile.mkdtemp(dir=self.folder)) / "lab")
            copy.clock = self.lab.clock
            receipt = merge(copy.amina, self.field.path)
            assert receipt.fields["root"] == report.root
            assert copy.verify().ok, copy.verify().problems
            copy.close()

    # -- acts -------------------------------------------------------------------------------

    @rule(result=VALUES, provenance=st.none() | VALUES)
    def find(self, result, provenance):
        done = self.do(
            self.lab.bruno.finding, case="C1", thing="S1", kind="morphology", result=result,
            provenance=provenance,
        )  # fmt: skip
        if done:
            self.findings.append(done.seq)

    @precondition(lambda self: self.findings)
    @rule(data=st.data(), new=VALUES)
    def correct(self, data, new):
        """Whatever was found can be corrected to something like it."""
        seq = data.draw(st.sampled_from(self.findings))
        change = {
            "field": "result", "old": self.lab.amina.event(seq).fields["result"],
            "new": value_of(new), "reason": "x",
        }  # fmt: skip
        agreed = self.do(
            self.lab.chen.authorise, act="correct", case="C1", subject=str(seq), content=change,
            reason="x",
        )  # fmt: skip
        if agreed:
            self.do(
                self.lab.bruno.correct, case="C1", event=seq, authorisation=agreed.seq, **change
            )

    @rule(name=TEXTS, title=TEXTS)
    def open_case(self, name, title):
        self.do(self.lab.amina.case, case=name, title=title)

    @rule(case=CASES, name=TEXTS, description=TEXTS, place=TEXTS)
    def receive(self, case, name, description, place):
        exhibit = row(value_of(name), description=value_of(description), seals=["Z1"])
        self.do(self.lab.amina.receive, case=case, exhibits=[exhibit], seizure_place=place)

    @rule(case=CASES, contents=st.lists(FILES, min_size=1, max_size=4), note=st.none() | TEXTS)
    def attach(self, case, contents, note):
        done = self.do(
            self.lab.amina.attach, case=case, description="x", note=note,
            attachments=[self.file(content) for content in contents],
        )  # fmt: skip
        if done:
            self.attached += [
                (case, done.seq, entry["sha256"]) for entry in done.fields["attachments"]
            ]

    @precondition(lambda self: self.attached)
    @rule(data=st.data())
    def erase_file(self, data):
        case, seq, digest = data.draw(st.sampled_from(self.attached))
        self.erase(case, seq, erased_files=[digest])

    @precondition(lambda self: self.findings)
    @rule(data=st.data(), name=st.sampled_from(["result", "note", "kind", "provenance"]))
    def erase_field(self, data, name):
        self.erase("C1", data.draw(st.sampled_from(self.findings)), erased=[name])

    def erase(self, case, seq, **what):
        said = {**what, "order": "Order 1", "reason": "x"}
        agreed = self.do(
            self.lab.chen.authorise,
            act="erase",
            case=case,
            subject=str(seq),
            content=said,
            reason="x",
        )
        if agreed:
            self.do(self.lab.amina.erase, case=case, event=seq, authorisation=agreed.seq, **said)

    @rule(result=st.sampled_from(["passed", "failed"]), observed=TEXTS)
    def run(self, result, observed):
        self.number += 1
        run = f"R{self.number}"
        controls = [{"control": "NTC", "kind": "negative"}]
        if self.do(self.lab.bruno.run, run=run, kind="amplification", controls=controls):
            loaded = [{"thing": "S1", "well": "A1"}]
            self.do(self.lab.bruno.load, case="C1", run=run, loaded=loaded)
            self.do(
                self.lab.bruno.control, run=run, control="NTC", result=result, observed=observed,
                attachments=[self.file(b"a sheet")],
            )  # fmt: skip

    @rule(names=st.lists(TEXTS, min_size=2, max_size=4), content=FILES)
    def batch(self, names, content):
        acts = [NewAct("case", {"case": value_of(name)}) for name in names]
        acts.append(
            NewAct("attach", {"case": "C2", "description": "x"}, None, [self.file(content)])
        )
        self.do(self.lab.amina.add_all, acts)

    @rule(person=PEOPLE, size=st.none() | st.integers(1, 20), late=st.booleans())
    def keep_head(self, person, size, late):
        def countersigned():
            signed = self.lab.as_(person).sign_head(size)
            key = PrivateKey.generate()
            time = self.lab.in_hours(30 if late else 0)
            self.lab.amina.keep_head(countersign(signed, key, name="Court", seen=0, time=time))

        self.do(countersigned)

    @rule(hours=st.sampled_from([-30, -1, 1, 30]))
    def set_clock(self, hours):
        self.lab.clock.forward(hours=hours)

    @rule(person=st.sampled_from(["bruno", "dora"]))
    def revoke(self, person):
        self.do(self.lab.amina.revoke, person=person, reason="left")

    @rule(hours=st.integers(1, 40))
    def enrol_for_a_while(self, hours):
        self.number += 1
        name, key = f"p{self.number}", PrivateKey.generate()
        self.do(
            self.lab.amina.enrol, person=name, name="x", roles=["custodian"], public_key=key.public.text,
            proof=self.lab.amina.proof(name, key), key_expires=self.lab.in_hours(hours),
        )  # fmt: skip

    @rule(case=CASES, size=st.integers(1, 3), root=st.booleans())
    def claim_a_disclosure(self, case, size, root):
        root = self.lab.amina.tree().root(size).hex() if root else "0" * 64
        self.do(
            self.lab.amina.disclose, case=case, recipient="x", bundle="0" * 64, size=size, root=root
        )

    @rule(case=CASES, withheld=st.sampled_from([(), ("note",), ("seizure_place",)]))
    def disclose(self, case, withheld):
        self.number += 1
        path = self.folder / f"{self.number}.zip"
        try:
            disclose_case(
                self.lab.amina, case, path, recipient="x", withheld=Withheld(fields=withheld)
            )
        except ForensicsError:
            assert not path.exists()  # the tally before it may be there
        self.check_laboratory()

    # -- in the field -----------------------------------------------------------------------

    @rule(description=TEXTS, contents=st.lists(FILES, min_size=1, max_size=3))
    def work_in_the_field(self, description, contents):
        files = [self.file(content) for content in contents]
        self.do(
            self.field.attach,
            ledger=self.field,
            case="C1",
            description=description,
            attachments=files,
        )

    @rule()
    def merge_in_the_field(self):
        """Another ledger in the field takes in this one."""
        inner = self.field
        self.new_field()
        self.do(merge, self.field, inner.path, ledger=self.field)
        inner.close()

    @rule()
    def merge(self):
        done = self.do(merge, self.lab.amina, self.field.path)
        if done:
            self.attached += [
                ("C1", done.seq, entry["sha256"]) for entry in done.fields["attachments"]
            ]


@pytest.fixture
def machine(_founded, monkeypatch):
    scale(monkeypatch)
    monkeypatch.setattr(checked, "EVERY", 1)  # a state is kept after every act
    monkeypatch.setattr(EveryAct, "founded", _founded, raising=False)
    return EveryAct


HOWEVER_LONG = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "phases": [Phase.generate],  # making a story shorter takes minutes; it is printed as it was
    "report_multiple_bugs": False,
}


def test_what_is_accepted_breaks_nothing_that_comes_after_it(machine):
    few = settings(max_examples=4, stateful_step_count=6, derandomize=True, **HOWEVER_LONG)
    run_state_machine_as_test(machine, settings=few)


@pytest.mark.slow
def test_what_is_accepted_breaks_nothing_in_long_stories(machine):
    many = settings(max_examples=60, stateful_step_count=25, **HOWEVER_LONG)
    run_state_machine_as_test(machine, settings=many)


# -- the limits themselves --------------------------------------------------------------------


@pytest.mark.parametrize("depth", [MAX_FIELD_DEPTH, MAX_FIELD_DEPTH + 1, 28, 31, 32, 900, 100_000])
def test_what_is_nested_deeper_than_a_bundle_can_hold_is_refused_by_name(lab, tmp_path, depth):
    """Results nested 28 to 31 levels were recorded, and their case could not be disclosed."""
    lab.sampled()
    said = {"case": "C1", "thing": "S1", "kind": "morphology"}
    value = "x"
    for _level in range(depth):
        value = [value]
    if depth > MAX_FIELD_DEPTH:
        with pytest.raises(ForensicsError, match="nested"):
            lab.bruno.finding(**said, result=value)
        if depth < 100:
            with pytest.raises(RefusedError, match=f"result: .* {MAX_FIELD_DEPTH} levels"):
                lab.bruno.finding(**said, result=value)
        return
    seq = lab.bruno.finding(**said, result=value).seq
    lab.corrected(seq, "result", value, value[0], by="bruno")
    disclose_case(lab.amina, "C1", tmp_path / "b.zip", recipient="x")
    assert lab.verify().ok


@pytest.mark.parametrize("piece", ["x", ",", "é", "files"])
def test_a_case_is_filled_no_further_than_it_can_be_disclosed(lab, tmp_path, monkeypatch, piece):
    """Bytes, values and files of a bundle are bounded: the act that would be too many is refused."""
    scale(monkeypatch)
    lab.sampled()
    said = {"case": "C1", "thing": "S1", "kind": "morphology"}
    weight = len(piece.encode()) if piece != "," else BYTES_OF_A_VALUE
    recorded = 0
    with pytest.raises(RefusedError, match="VERIFIES.*case C1 could not be disclosed"):
        for recorded in range(100):
            if piece == "files":
                photo = lab.photo(f"{recorded}.jpg", bytes([recorded + 1]))
                lab.bruno.attach(case="C1", description="x", attachments=[photo])
            else:
                lab.bruno.finding(**said, result=piece * ((FIELD - 100) // weight))
    assert recorded == 12 if piece == "files" else 5 < recorded < 13
    assert lab.verify().ok
    disclose_case(lab.amina, "C1", tmp_path / "b.zip", recipient="x")
    lab.bruno.attach(case="C2", description="x", attachments=[lab.photo()])  # another case goes on


@pytest.mark.parametrize("piece", ["x", ","])
def test_a_field_is_no_longer_than_a_correction_can_repeat(lab, piece):
    lab.sampled()
    said = {"case": "C1", "thing": "S1", "kind": "morphology"}
    most = MAX_FIELD_BYTES // BYTES_OF_A_VALUE if piece == "," else MAX_FIELD_BYTES - 2  # quotes
    with pytest.raises(RefusedError, match="result is too long; attach"):
        lab.bruno.finding(**said, result=piece * (most + 1))
    seq = lab.bruno.finding(**said, result=piece * most).seq
    change = {
        "field": "result",
        "old": piece * most,
        "new": piece * (most - 1),
        "reason": "y" * 20_000,
    }
    agreed = lab.authorise("correct", subject=str(seq), content=change)
    lab.bruno.correct(case="C1", event=seq, authorisation=agreed, **change)
    assert lab.verify().ok


def test_two_names_that_are_one_are_not_made_one_in_silence(lab):
    lab.sampled()
    with pytest.raises(InputError, match="are the same in Unicode form NFC"):
        lab.bruno.finding(
            case="C1", thing="S1", kind="morphology", result={"é": 1, "e\u0301": 2}
        )  # fmt: skip
