"""A simulated laboratory with a ledger, its people and two cases; every test gets a copy."""

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from forensics.custody import PrivateKey, create_ledger, open_ledger, verify
from forensics.custody.canonical import time_text

__all__ = [
    "BURNT",
    "C1",
    "LIBRARY",
    "Clock",
    "Laboratory",
    "amina",
    "bruno",
    "chen",
    "dora",
    "field_ledger",
    "row",
]

PEOPLE = {
    "amina": ["administrator", "manager", "custodian"],
    "bruno": ["analyst", "custodian"],
    "chen": ["manager", "reviewer", "custodian", "analyst"],
    "dora": ["outside"],
}
LIBRARY = "ab" * 32
C1 = {"case": "C1", "things": ["C1/1"]}
BURNT = {"method": "burnt"}


def row(exhibit: str, **more) -> dict:
    """Return what a receipt says of an exhibit, where little of it matters."""
    return {"exhibit": exhibit, "description": "x", "quantity": "1", "unit": "g", **more}


def field_ledger(path: Path, clock):
    """Begin a ledger in the field, of a ranger."""
    return create_ledger(
        path, key=PrivateKey.generate(), laboratory="Field device 3", person="ranger", name="J. Roe",
        roles=["administrator", "custodian"], clock=clock,
    )  # fmt: skip


class Clock:
    """A clock that goes on by a minute whenever it is read."""

    def __init__(self, start=datetime(2026, 3, 2, 8, 0, tzinfo=UTC)):
        self.time = start

    def __call__(self) -> str:
        self.time += timedelta(minutes=1)
        return time_text(self.time)

    def forward(self, **duration) -> None:
        self.time += timedelta(**duration)


class Laboratory:
    """The ledger in `folder`, opened by each of its people: ``lab.amina.store(…)``."""

    def __init__(self, folder: Path, keys: dict, clock: Clock):
        self.folder, self.keys, self.clock = Path(folder), keys, clock
        self.path = self.folder / "laboratory.db"
        self._open = {}
        self.numbers: dict[str, int] = {}
        self.erased_row: tuple = ()
        self.erasures: dict[int, int] = {}  # number of an erasure to that of its event

    @classmethod
    def founded(cls, folder: Path) -> "Laboratory":
        lab = cls(folder, {name: PrivateKey.generate() for name in PEOPLE}, Clock())
        create_ledger(
            lab.path,
            key=lab.keys["amina"],
            laboratory="Simulated laboratory",
            person="amina",
            name="Amina Dupré",
            roles=PEOPLE["amina"],
            clock=lab.clock,
        ).close()
        for name in ("bruno", "chen", "dora"):
            lab.enrolled(name, *PEOPLE[name], key=lab.keys[name], name=f"Full name of {name}")
        for name in ("officer", "courier"):
            lab.amina.enrol(person=name, name=f"Full name of {name}", roles=["outside"])
        lab.amina.location(location="laboratory")
        lab.amina.location(location="freezer", parent="laboratory")
        lab.amina.location(location="safe", parent="laboratory")
        lab.amina.case(case="C1", agency="Customs", title="Horn in a suitcase")
        lab.amina.case(case="C2")
        lab.amina.receive(
            case="C1",
            exhibits=[
                row("C1/1", description="horn", quantity="120.5", seals=["A1", "A2"]),
                row("C1/2", description="tooth", unit="pieces", seals=["A3"]),
            ],
            seizure_place="Warehouse 4, Quay Street",
            seizure_position="-6.8161, 39.2894",
            received_from="Officer Jane Roe",
        )
        exhibit = row("C2/1", description="powder", quantity="5", seals=["B1"])
        lab.amina.receive(case="C2", exhibits=[exhibit])
        lab.close()
        return lab

    def copy(self, folder: Path) -> "Laboratory":
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        clock = Clock(self.clock.time)
        copy = Laboratory(folder, dict(self.keys), clock)
        copy.numbers, copy.erased_row = self.numbers, self.erased_row
        copy.erasures = self.erasures
        return copy

    def __getattr__(self, name: str):
        if name.startswith("_") or name not in self.keys:
            raise AttributeError(name)
        return self.as_(name)

    def as_(self, name: str):
        if name not in self._open:
            self._open[name] = open_ledger(self.path, key=self.keys[name], clock=self.clock)
        return self._open[name]

    def close(self) -> None:
        for ledger in self._open.values():
            ledger.close()
        self._open.clear()

    @property
    def size(self) -> int:
        with open_ledger(self.path) as ledger:
            return ledger.size

    @property
    def state(self):
        return self.amina.state

    def verify(self, *heads):
        return verify(self.path, heads)

    def in_hours(self, hours: float) -> str:
        return time_text(self.clock.time + timedelta(hours=hours))

    @property
    def received(self) -> int:
        """The number of the receipt of C1."""
        return next(event.seq for event in self.amina.events(case="C1") if event.type == "receive")

    def enrolled(self, person: str, *roles: str, key: PrivateKey | None = None, **options) -> int:
        """Enrol a person with a key of its own; return the number of the event."""
        self.keys[person] = key = key or PrivateKey.generate()
        said = {"name": person.title(), "public_key": key.public.text, **options}
        said.setdefault("proof", self.amina.proof(person, key))
        return self.amina.enrol(person=person, roles=list(roles), **said).seq

    def court(self, person: str = "court", **options) -> PrivateKey:
        """Enrol a witness outside, and return its key."""
        said = {"name": "District Court", "agency": "District Court", **options}
        self.enrolled(person, "witness", **said)
        return self.keys[person]

    def photo(self, name: str = "photo.jpg", content: bytes = b"simulated photograph") -> Path:
        path = self.folder.parent / f"{self.folder.name}-{name}"
        path.write_bytes(content)
        return path

    def erased(self, seq: int, *names: str, files=(), case: str = "C1", **more) -> int:
        """Erase fields or files of an event by order of a court, agreed by chen; return the event."""
        said = {"order": "Court order 7/2026", "reason": "protection", **more}
        said |= {"erased": list(names)} if names else {}
        said |= {"erased_files": list(files)} if files else {}
        agreed = self.authorise("erase", subject=str(seq), case=case, content=said)
        return self.amina.erase(case=case, event=seq, authorisation=agreed, **said).seq

    def corrected(self, seq: int, field: str, old, new, *, by: str = "amina") -> tuple[int, int]:
        """Correct a field of an event of C1; return the numbers of the approval and the correction."""
        said = {"field": field, "old": old, "new": new, "reason": "misheard"}
        agreed = self.authorise("correct", subject=str(seq), content=said)
        receipt = self.as_(by).correct(case="C1", event=seq, authorisation=agreed, **said)
        return agreed, receipt.seq

    def attached(self, **fields) -> tuple[int, str]:
        """Attach a photograph to C1; return the number of the event and the digest of the file."""
        fields = {"description": "x", "attachments": [self.photo()], **fields}
        receipt = self.amina.attach(case="C1", **fields)
        return receipt.seq, receipt.fields["attachments"][0]["sha256"]

    # -- acts in several steps, as tests need them ------------------------------------------

    def hand_over(self, giver: str, receiver: str, *things: str, case: str = "C1") -> None:
        self.as_(giver).offer(
            case=case, things=list(things), to=receiver, deadline=self.in_hours(24)
        )
        self.as_(receiver).accept(case=case, things=list(things))

    def sampled(self) -> None:
        """Hand C1/1 to bruno, who opens it and takes sample S1 of 10 g."""
        self.hand_over("amina", "bruno", "C1/1")
        self.bruno.open(case="C1", thing="C1/1", condition="as received")
        self.bruno.split(
            case="C1", thing="C1/1", samples=[{"sample": "S1", "quantity": "10", "unit": "g"}]
        )

    def authorise(self, act: str, *things: str, by: str = "chen", **options) -> int:
        case = options.pop("case", "C1")
        options |= {"things": list(things)} if things else {}
        return self.as_(by).authorise(act=act, case=case, reason="agreed", **options).seq

    def relaxed(self, **policy) -> int:
        """Change the policy, agreed by chen; return the number of the event."""
        change = {"policy": policy, "reason": "x"}
        agreed = self.chen.authorise(act="policy", content=change, reason="agreed").seq
        return self.amina.policy(authorisation=agreed, **change).seq

    def run(self, name: str = "R1", kind: str = "amplification", **results: str) -> None:
        """Record a run of bruno's with the controls that are asked for, and S1 in it."""
        controls = {"NTC": "negative", "POS": "positive"}
        self.bruno.run(
            run=name,
            kind=kind,
            controls=[
                {"control": control, "kind": what}
                | ({"result": results[control]} if control in results else {})
                for control, what in controls.items()
            ],
        )
        self.bruno.load(case="C1", run=name, loaded=[{"thing": "S1", "well": "A1"}])

    def validated(self, library: str = LIBRARY) -> None:
        self.amina.validate(
            library=library,
            name="library 1",
            scope="COI of rhinoceroses",
            attachments=[self.photo("validation.pdf")],
        )

    def prepared(self, library: str = LIBRARY) -> None:
        """Have all that a finding on S1 takes: good controls and a library that was accepted."""
        self.sampled()
        self.run(NTC="passed", POS="passed")
        self.validated(library)

    def found(self) -> int:
        """Return the number of a finding of bruno's on S1, with good controls and library."""
        self.prepared()
        return self.bruno.finding(
            case="C1",
            thing="S1",
            kind="identification",
            runs=["R1"],
            library=LIBRARY,
            result={"taxon": "Ceratotherium simum", "probability": "0.99"},
        ).seq

    def story(self) -> None:
        """A case from the hand-over to the disposal, with a head, a correction and an erasure."""
        finding = self.found()
        self.chen.reviewed(case="C1", finding=finding, outcome="agrees")
        self.bruno.report(
            case="C1", findings=[finding], attachments=[self.photo("report.pdf", b"report" * 500)]
        )
        received = self.received
        approval, corrected = self.corrected(
            received, "received_from", "Officer Jane Roe", "Officer Joan Roe"
        )
        self.amina.sign_head()
        with closing(sqlite3.connect(self.path)) as connection:
            self.erased_row = connection.execute(
                "SELECT * FROM openings WHERE seq = ? AND name = 'received_from'", (received,)
            ).fetchone()
        # What was approved and corrected says the same, and is erased before the field itself.
        for seq, *names in (
            (approval, "content"),
            (corrected, "old", "new"),
            (received, "received_from"),
        ):
            self.erased(seq, *names)
        self.bruno.seal(
            case="C1",
            sealed=[{"thing": "C1/1", "seal": "Z1"}],
            condition="good",
            attachments=[self.photo("sealed.jpg", bytes(range(256)) * 20)],
        )
        self.hand_over("bruno", "amina", "C1/1")
        self.amina.store(case="C1", things=["C1/1"], location="safe", witness="chen")
        self.amina.hold(case="C2", order="Order 9", reason="appeal")
        agreed = self.authorise("dispose", "C1/2", content={"method": "burnt"})
        self.amina.dispose(case="C1", things=["C1/2"], method="burnt", authorisation=agreed)
        self.amina.sign_head()


class Doing:
    """What a person will do: ``amina.store(…)`` is a step of a scene, a function of the laboratory.

    Where a field is given as a function, its value is asked for when the step is taken.
    """

    def __init__(self, person: str):
        self.person = person

    def __getattr__(self, act: str):
        def planned(**fields):
            def step(lab):
                given = {n: field(lab) if callable(field) else field for n, field in fields.items()}
                return lab.as_(self.person).add(act, **given)

            return step

        return planned


amina, bruno, chen, dora = map(Doing, PEOPLE)


@pytest.fixture(scope="session")
def _founded(tmp_path_factory):
    return Laboratory.founded(tmp_path_factory.mktemp("founded"))


@pytest.fixture
def lab(_founded, tmp_path):
    opened = _founded.copy(tmp_path / "lab")
    yield opened
    opened.close()
