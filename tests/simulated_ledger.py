"""Simulated events, heads and attachments of a ledger: every name and number is invented."""

import base64
import hashlib
import random
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from forensics.custody import disclosure, heads
from forensics.custody.canonical import canonical, time_text
from forensics.custody.keys import PrivateKey
from forensics.custody.proofs import Opening, Tree
from forensics.custody.storage import FIRST_PREVIOUS, seal_event

CASE, OTHER_CASE = "2026-17", "2026-18"
BEGIN = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


KEY_EVENTS = ("init", "enrol", "rotate", "reenrol", "revoke")


@dataclass
class SimulatedLedger:
    """Events sealed one after the other, with no rule applied; they say which one they are."""

    seed: int = 0
    events: list = field(default_factory=list)
    keys: dict = field(default_factory=dict)
    files: dict = field(default_factory=dict)
    every_key: list = field(default_factory=list)

    def __post_init__(self):
        self.random = random.Random(self.seed)
        self.counts, self.roots, self.loose = Counter(), {}, []
        self.id = self.random.randbytes(16).hex()
        self.time = BEGIN

    def new_key(self):
        self.every_key.append(PrivateKey(self.random.randbytes(32)))
        return self.every_key[-1]

    def add(self, signer, kind, *, key=None, at=None, salts=None, **fields):
        """Seal and keep an event, with the salts that are given and others; return its number."""
        self.time = at or self.time + timedelta(minutes=7)
        now = time_text(self.time)
        said = {"type": kind, "actor": signer, "occurred_at": now, **fields}
        said |= self.numbers(said)
        openings = [
            Opening(name, value, (salts or {}).get(name) or self.random.randbytes(32))
            for name, value in said.items()
        ]
        previous = self.events[-1].hash if self.events else FIRST_PREVIOUS
        self.events.append(
            seal_event(
                openings,
                key or self.keys[signer],
                ledger=self.id,
                seq=len(self.events) + 1,
                previous=previous,
                recorded_at=now,
            )
        )
        return len(self.events)

    def numbers(self, said):
        """Return the fields by which an event says which one it is."""
        kind, found = said["type"], {}
        series = said.get("case") or ("keys" if kind in KEY_EVENTS else None)
        if "case" not in said and kind in (*KEY_EVENTS, "authorise"):
            self.loose.append(len(self.events) + 1)
        if series:
            self.counts[series] += 1
            found["ordinal"] = self.counts[series]
        things = said.get("things") or ([said["thing"]] if "thing" in said else [])
        if "sample" in said:
            self.roots[said["sample"]] = said["thing"]
        exhibits = dict.fromkeys(self.roots.get(thing, thing) for thing in things)
        for exhibit in exhibits:
            self.counts["exhibit", exhibit] += 1
        if exhibits:
            found["exhibit_ordinals"] = [
                {"exhibit": one, "ordinal": self.counts["exhibit", one]} for one in exhibits
            ]
        return found

    def tally(self, *, case=CASE, more=(), **fields):
        """Add the event that counts those of a case and names the others; return its number."""
        return self.add(
            "amina", "tally", case=case, rests_on=sorted({*self.loose, *more}), **fields
        )

    def key_event(self, signer, kind, person, *, new=None, **fields):
        """Add an event that gives `person` a new key, with its proof."""
        new = new or self.new_key()
        text = new.public.text
        message = b"forensics-enrol-1\x00" + canonical([self.id, person, text])
        proof = base64.b64encode(new.sign(message)).decode()
        if kind != "init":
            fields["proof"] = proof
        number = self.add(
            signer,
            kind,
            key=new if kind == "init" else None,
            person=person,
            public_key=text,
            **fields,
        )
        self.keys[person] = new
        return number

    def consent(self, signer, subject, content):
        """Add an event that approves a new key of a person; return its number and the salts."""
        said = {
            name: Opening(name, value, self.random.randbytes(32)) for name, value in content.items()
        }
        number = self.add(
            signer, "authorise", act="reenrol", subject=subject, reason="lost",
            content={name: {"salt": one.salt.hex(), "value": one.value} for name, one in said.items()},
            approved={name: one.commitment for name, one in said.items()},
        )  # fmt: skip
        return number, {name: one.salt for name, one in said.items()}

    def reenrol(self, person, *, by="amina", agreed_by="chen", subject=None, **fields):
        """Add the consent to a new key of a person, and the event that enrols it."""
        new = self.new_key()
        expiry = {name: fields[name] for name in ("key_expires",) if name in fields}
        number, salts = self.consent(
            agreed_by, subject or person, {"public_key": new.public.text, **expiry}
        )
        fields |= {"new": new, "authorisation": number, "salts": salts, "reason": "lost"}
        return self.key_event(by, "reenrol", person, **fields)

    def enrol(self, person, name, **fields):
        return self.key_event("amina", "enrol", person, name=name, roles=["analyst"], **fields)

    def attach(self, name, data):
        """Keep a file; return what an event says of it."""
        digest = hashlib.sha256(data).hexdigest()
        self.files[digest] = data
        return {"sha256": digest, "name": name, "size": len(data), "media_type": "image/jpeg"}

    def head(self, size=None, signer="amina", **options):
        size = size or len(self.events)
        root = Tree(event.hash for event in self.events[:size]).root()
        time = options.pop("time", time_text(self.time + timedelta(minutes=1)))
        return heads.sign_head(
            self.keys[signer], ledger=self.id, size=size, root=root, time=time, **options
        )

    def witnessed(self, size=None, name="Tribunal of Abidjan", seen=0, **options):
        witness = PrivateKey(hashlib.sha256(name.encode()).digest())
        time = time_text(self.time + timedelta(minutes=2))
        return heads.countersign(
            self.head(size, **options), witness, name=name, seen=seen, time=time
        )

    def disclosing(self, folder, **options):
        """Return the arguments of `disclose` for the first case, at a head whose last event counts it."""
        if "head" not in options and "tally" not in [one.value for one in self.events[-1].openings]:
            self.tally()
        folder.mkdir(exist_ok=True)
        for name, data in self.files.items():
            (folder / name).write_bytes(data)
        return {
            "events": self.events,
            "case": CASE,
            "head": self.head(),
            "key": self.keys["amina"],
            "attachments": lambda name: folder / name if (folder / name).is_file() else None,
            "made_at": time_text(self.time + timedelta(hours=1)),
            **options,
        }


def write_bundle(path, parts, compression=zipfile.ZIP_STORED, **changes):
    """Write the entries of a bundle as `disclose` does, with other attributes where asked for."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name in sorted(parts, key=lambda name: name if name.startswith("attachments") else ""):
            entry, data = disclosure._entry(name), parts[name]
            for attribute, value in changes.items():
                setattr(entry, attribute, value)
            archive.writestr(entry, data, compression)
    return path


def simulated_ledger(seed=0, *, more=0):
    """Return a ledger of two cases, with keys that were rotated, given again and revoked."""
    ledger = SimulatedLedger(seed)
    ledger.key_event("amina", "init", "amina", name="Amina Koné", roles=["administrator"],
                     laboratory="Simulated laboratory", rules="1")  # fmt: skip
    ledger.enrol("bakary", "Bakary Traoré", key_expires="2027-11-01T00:00:00.000000Z")
    ledger.enrol("chen", "Chen Li")
    ledger.enrol("david", "David Mensah")
    ledger.add("amina", "enrol", person="efua", name="Efua Boateng", roles=["outside"])
    ledger.add("amina", "case", case=CASE, title="Scales at the port", reference="PV 1187/2026")
    ledger.add("amina", "case", case=OTHER_CASE, title="Ivory in luggage", reference="PV 1190/2026")
    photograph = ledger.attach("bag.jpg", ledger.random.randbytes(5000))
    ledger.add("bakary", "receive", case=CASE, things=["E1"], received_from="efua",
               seizure_place={"lat": "5.2843", "lon": "-4.0127"}, description="Écailles, un sac",
               quantity="12.50", unit="kg", seals=["WCO 004417"], attachments=[photograph])  # fmt: skip
    ledger.add("david", "receive", case=OTHER_CASE, things=["E2"], received_from="efua")
    ledger.key_event("bakary", "rotate", "bakary")
    ledger.add("bakary", "split", case=CASE, thing="E1", sample="E1-S1", quantity="0.05")
    ledger.reenrol("david")
    ledger.add("chen", "offer", case=CASE, things=["E1-S1"], to="david")
    ledger.add("david", "accept", case=CASE, offer=len(ledger.events))
    ledger.add("amina", "revoke", person="chen", reason="left")
    for number in range(more):
        ledger.add("david", "consume", case=CASE, thing="E1-S1", quantity=f"0.{number:05d}")
    trace = ledger.attach("trace.ab1", ledger.random.randbytes(300))
    ledger.add("david", "finding", case=CASE, thing="E1-S1", taxon="Manis gigantea", probability="0.97",
               attachments=[trace, photograph], note="Two primers agree.")  # fmt: skip
    ledger.tally()
    return ledger
