"""A simulated laboratory with a ledger, its people and two cases; every test gets a copy."""

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from forensics.custody import PrivateKey, create_ledger, open_ledger, verify
from forensics.custody.canonical import time_text

__all__ = ["LIBRARY", "Clock", "Laboratory"]

PEOPLE = {
    "amina": ["administrator", "manager", "custodian"],
    "bruno": ["analyst", "custodian"],
    "chen": ["manager", "reviewer", "custodian", "analyst"],
    "dora": ["outside"],
}
LIBRARY = "ab" * 32


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
            lab.amina.enrol(
                person=name,
                name=f"Full name of {name}",
                roles=PEOPLE[name],
                public_key=lab.keys[name].public.text,
                proof=lab.amina.proof(name, lab.keys[name]),
            )
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
                {
                    "exhibit": "C1/1",
                    "description": "horn",
                    "quantity": "120.5",
                    "unit": "g",
                    "seals": ["A1", "A2"],
                },
                {
                    "exhibit": "C1/2",
                    "description": "tooth",
                    "quantity": "1",
                    "unit": "pieces",
                    "seals": ["A3"],
                },
            ],
            seizure_place="Warehouse 4, Quay Street",
            seizure_position="-6.8161, 39.2894",
            received_from="Officer Jane Roe",
        )
        lab.amina.receive(
            case="C2",
            exhibits=[
                {
                    "exhibit": "C2/1",
                    "description": "powder",
                    "quantity": "5",
                    "unit": "g",
                    "seals": ["B1"],
                }
            ],
        )
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

    def court(self, person: str = "court", **options) -> PrivateKey:
        """Enrol a witness outside, and return the key that only it has."""
        key = PrivateKey.generate()
        self.amina.enrol(
            person=person,
            name="District Court",
            agency="District Court",
            roles=["witness"],
            public_key=key.public.text,
            proof=self.amina.proof(person, key),
            **options,
        )
        return key

    def photo(self, name: str = "photo.jpg", content: bytes = b"simulated photograph") -> Path:
        path = self.folder.parent / f"{self.folder.name}-{name}"
        path.write_bytes(content)
        return path

    def erased(self, seq: int, *names: str, case: str = "C1", **more) -> int:
        """Erase fields of an event by order of a court, agreed by chen; return the event."""
        said = {
            "erased": list(names),
            "order": "Court order 7/2026",
            "reason": "protection",
            **more,
        }
        agreed = self.authorise("erase", subject=str(seq), case=case, content=said)
        return self.amina.erase(case=case, event=seq, authorisation=agreed, **said).seq

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

    def validated(self) -> None:
        self.amina.validate(
            library=LIBRARY,
            name="library 1",
            scope="COI of rhinoceroses",
            attachments=[self.photo("validation.pdf")],
        )

    def found(self) -> int:
        """Return the number of a finding of bruno's on S1, with good controls and library."""
        self.sampled()
        self.run(NTC="passed", POS="passed")
        self.validated()
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
        received = next(e.seq for e in self.amina.events(case="C1") if e.type == "receive")
        correction = {
            "field": "received_from",
            "old": "Officer Jane Roe",
            "new": "Officer Joan Roe",
            "reason": "misheard",
        }
        approval = self.authorise("correct", subject=str(received), content=correction)
        corrected = self.amina.correct(
            case="C1", event=received, authorisation=approval, **correction
        ).seq
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


@pytest.fixture(scope="session")
def _founded(tmp_path_factory):
    return Laboratory.founded(tmp_path_factory.mktemp("founded"))


@pytest.fixture
def lab(_founded, tmp_path):
    opened = _founded.copy(tmp_path / "lab")
    yield opened
    opened.close()
