"""A whole case for training, from the seal to the report: real sequences, everything else simulated.

>>> from forensics.demonstration import make_case
>>> make_case("case")                                                      # doctest: +SKIP

Its ledger is one for training, so nothing of it can be taken for casework. The people, the places
and the times are invented; the questioned sequences are those of the demonstration set.
"""

import json
import os
import shutil
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import forensics
from forensics.barcode.reference.library import open_library
from forensics.custody import PrivateKey, create_ledger, open_ledger, record_identification
from forensics.custody.canonical import time_text
from forensics.custody.keys import write_key
from forensics.io.files import check_new, write_new
from forensics.io.files import folder as resource
from forensics.messages import N_, _, language
from forensics.pictures import can_draw, pictures_of
from forensics.report.building import Report, build_report
from forensics.report.details import read_details

CASE = "T-2026-001"
PASSPHRASE = "for training only, no secret"
"""Of all keys of the training case: whoever learns may act as anybody in it."""

# Each language tells a story of its own: translators choose people, places and seizure.
_PEOPLE = {
    "amina": (N_("Amina Dupré"), ["administrator", "custodian", "manager"]),
    "bruno": (N_("Bruno Sá"), ["analyst", "custodian"]),
    "chen": (N_("Chen Li"), ["reviewer", "manager"]),
    "dalia": (N_("Dalia Haddad"), ["reviewer"]),
    "efua": (N_("Efua Mensah"), ["analyst"]),
}
_COMPETENCES = (
    ("bruno", "extraction"),
    ("bruno", "sequencing"),
    ("bruno", "identification"),
    ("chen", "identification"),
    ("efua", "opinions"),
)
_FIRST_DAY = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
_TEXT = Path(__file__).with_name("demonstration.toml")


@dataclass
class _Clock:
    """Simulated time: goes on by five minutes whenever it is read, and to another day by hand."""

    time: datetime = _FIRST_DAY

    def __call__(self) -> str:
        self.time += timedelta(minutes=5)
        return time_text(self.time)

    def next_day(self) -> None:
        self.time = self.time.replace(hour=8, minute=0) + timedelta(days=1)


def make_case(target: str | os.PathLike) -> Report:
    """Make the training case in a new folder: ledger, keys, files, details, and report.pdf.

    Parameters
    ----------
    target : path
        A folder that does not exist.

    Returns
    -------
    Report

    Raises
    ------
    UsageError
        If the folder exists.
    """
    target = Path(target)
    check_new(target)
    with TemporaryDirectory(dir=target.absolute().parent, prefix=f".{target.name}.") as partial:
        made = _made(Path(partial) / "case")
        os.replace(Path(partial) / "case", target)
    return made


def _made(target: Path) -> Report:
    """Make the case in a folder that nobody sees until it is whole."""
    target.mkdir()
    ledger = target / "laboratory.db"
    as_ = _people(ledger, clock := _Clock())
    _before_the_case(as_, target)
    _receipt(as_, target, clock)
    numbers = _examination(as_, target, clock)
    _review(as_, numbers, clock)
    details = target / "details.toml"
    write_new(details, _details().encode("utf-8"))
    with open_ledger(ledger) as opened:
        return build_report(
            opened,
            CASE,
            read_details(details),
            identify=forensics.identify,
            libraries=[open_library()],
            output=target / "report.pdf",
        )


def extract_texts(
    file: Any, *_babel: object, options: object
) -> Iterator[tuple[int, str, str, list[str]]]:
    """Yield the phrases of the details for translators (Babel, pyproject.toml)."""

    def phrases(value: Any) -> Iterator[str]:
        if isinstance(value, str) and _is_phrase(value):
            yield value
        elif isinstance(value, (dict, list)):
            for each in value.values() if isinstance(value, dict) else value:
                yield from phrases(each)

    for text in phrases(tomllib.loads(file.read().decode("utf-8"))):
        yield 0, "_", text, []


def _is_phrase(text: str) -> bool:
    """Return whether a text is for people, and no code or number."""
    return " " in text or text.endswith(".")


def _details() -> str:
    """Return the details of the report as TOML, in the language of who makes the case."""
    written = [_("# Details of the training case. Everything here is simulated.")]
    tables = tomllib.loads(_TEXT.read_text(encoding="utf-8"))
    tables["report"]["language"] = language()
    for name, content in tables.items():
        for entries in content if isinstance(content, list) else [content]:
            written.append(f"\n[[{name}]]" if isinstance(content, list) else f"\n[{name}]")
            written += (f"{key} = {_in_toml(value)}" for key, value in entries.items())
    return "\n".join(written) + "\n"


def _in_toml(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):  # a string of JSON is one of TOML
        return json.dumps(_(value) if _is_phrase(value) else value, ensure_ascii=False)
    return f"[{', '.join(map(_in_toml, value))}]" if isinstance(value, list) else str(value)


def _people(ledger: Path, clock: _Clock) -> Callable:
    """Found the laboratory; return what opens its ledger as one of its people."""
    keys = {name: PrivateKey.generate() for name in _PEOPLE}
    folder = Path(f"{ledger}.keys")
    folder.mkdir()
    for name, key in keys.items():
        write_key(folder / f"{name}.key", key, lambda: PASSPHRASE)
    full, roles = _PEOPLE["amina"]
    create_ledger(
        ledger,
        key=keys["amina"],
        laboratory=_("Training laboratory"),
        person="amina",
        name=_(full),
        roles=roles,
        policy={"kind": "training"},
        clock=clock,
    ).close()

    def as_(name: str):
        return open_ledger(ledger, key=keys[name], clock=clock)

    with as_("amina") as amina:
        for name, (full, roles) in list(_PEOPLE.items())[1:]:
            amina.enrol(
                person=name,
                name=_(full),
                roles=roles,
                public_key=keys[name].public.text,
                proof=amina.proof(name, keys[name]),
            )
    return as_


def _before_the_case(as_: Callable, target: Path) -> None:
    source = resource("reference_sequences") / "demonstration"
    validation = shutil.copy(source / "validation.json", target / "validation.json")
    library = open_library()
    with as_("amina") as amina:
        amina.location(location=_("safe"))
        for person, what in _COMPETENCES:
            amina.competence(
                person=person,
                competence=what,
                valid_from=time_text(_FIRST_DAY),
                valid_until=time_text(_FIRST_DAY + timedelta(days=730)),
            )
        amina.validate(
            library=library.sha256,
            name=f"{library.name} {library.version}",
            scope=_("COI, training only"),
            attachments=[validation],
        )


def _receipt(as_: Callable, target: Path, clock: _Clock) -> None:
    photo = target / "bag.txt"
    photo.write_text(
        _("Stands for the photograph of the bag (simulated).") + "\n", encoding="utf-8"
    )
    clock.next_day()
    with as_("amina") as amina:
        amina.case(case=CASE, agency=_("Customs (simulated)"), reference="K-77")
        amina.receive(
            case=CASE,
            exhibits=[
                {
                    "exhibit": f"{CASE}/1",
                    "description": _("seven dry scales in a plastic bag"),
                    "quantity": "48.2",
                    "unit": "g",
                    "condition": _("bag intact"),
                    "kind": "scales",
                    "seals": ["C-101"],
                }
            ],
            purpose="training",
            seized_at=time_text(_FIRST_DAY),
            seizing_agency=_("Customs (simulated)"),
            seizure_place=_("Quay 4, shed B"),
            received_from=_("Officer J. Roe"),
            attachments=[photo],
        )
        amina.question(
            case=CASE,
            thing=f"{CASE}/1",
            kind="identification",
            asked_by=_("Customs (simulated)"),
            named="Manis",
            against="other",
            question=_("Of which animal are the scales?"),
        )
        amina.store(case=CASE, things=[f"{CASE}/1"], location=_("safe"))
        clock.next_day()
        amina.retrieve(case=CASE, things=[f"{CASE}/1"])
        amina.offer(things=[f"{CASE}/1"], to="bruno", case=CASE, deadline=_tomorrow(clock))
    with as_("bruno") as bruno:
        bruno.accept(things=[f"{CASE}/1"], seals=["C-101"], case=CASE)


def _examination(as_: Callable, target: Path, clock: _Clock) -> list[int]:
    """Take a sample, examine it, seal what is left; return the events of the findings."""
    item = f"{CASE}/1"
    fasta = target / "S1.fasta"
    shutil.copyfile(resource("reference_sequences") / "demonstration" / "scale.fasta", fasta)
    seal = target / "resealed.txt"
    seal.write_text(
        _("Stands for the photograph of the new seal (simulated).") + "\n", encoding="utf-8"
    )
    result = forensics.identify(fasta, reasons=True, tree=can_draw())[0]
    with as_("bruno") as bruno:
        bruno.open(thing=item, condition=_("as described"), case=CASE)
        bruno.split(
            case=CASE,
            thing=item,
            samples=[{"sample": "S1", "quantity": "0.12", "unit": "g"}],
            method=_("cut from the base of one scale with a sterile blade"),
        )
        bruno.seal(
            case=CASE,
            sealed=[{"thing": item, "seal": "L-0001"}],
            condition=_("0.12 g cut off"),
            attachments=[seal],
        )
        bruno.run(
            run="EX-1",
            kind="extraction",
            protocol="SOP-EX-04",
            controls=[{"control": "BLK", "kind": "blank", "result": "passed"}],
        )
        bruno.load(case=CASE, run="EX-1", loaded=[{"thing": "S1", "well": "A1"}])
        bruno.consume(
            case=CASE, thing="S1", quantity="0.04", unit="g", used_for=_("extraction"), run="EX-1"
        )
        clock.next_day()
        bruno.run(
            run="SEQ-7",
            kind="sequencing",
            protocol="SOP-SEQ-02",
            instrument=_("3500 (simulated)"),
            controls=[{"control": "NTC", "kind": "negative", "result": "passed"}],
        )
        bruno.load(case=CASE, run="SEQ-7", loaded=[{"thing": "S1", "well": "A1"}])
        with pictures_of(result, [fasta]) as pictures:
            receipt = record_identification(
                bruno, "S1", result, runs=["EX-1", "SEQ-7"], inputs=[fasta, *pictures.paths]
            )
        bruno.offer(things=[item], to="amina", case=CASE, deadline=_tomorrow(clock))
    with as_("amina") as amina:
        amina.accept(things=[item], seals=["L-0001"], case=CASE)
        amina.store(case=CASE, things=[item], location=_("safe"))
    return [receipt.seq]


def _tomorrow(clock: _Clock) -> str:
    return time_text(clock.time + timedelta(days=1))


def _review(as_: Callable, numbers: list[int], clock: _Clock) -> None:
    clock.next_day()
    with as_("chen") as chen:
        for seq in numbers:
            chen.reviewed(
                case=CASE,
                finding=seq,
                outcome="agrees",
                stage="technical",
                interpretation=_("Manis temminckii, 1,554 bases of COI without a doubtful one"),
                blind=True,
                comment=_(
                    "The raw data point to one species. Its next relatives are not in the library, so I agree with the "
                    "genus."
                ),
            )
    with as_("dalia") as dalia:
        for seq in numbers:
            dalia.reviewed(case=CASE, finding=seq, outcome="agrees", stage="administrative")
