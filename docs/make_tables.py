"""Writes the pages that are tables of the program: python docs/make_tables.py.

``custody-events.md``: types of events, rules and flags; ``trade-rules.md``: what is asked of records of seizures;
``primers.md``: the primers that are cut off, with how well they fit (`primer_fits.tsv`).
"""

from collections.abc import Iterable
from pathlib import Path

from forensics.barcode.locus import LOCI
from forensics.custody.fields import Field
from forensics.custody.registry import TYPES
from forensics.custody.rules import COMMON_FIELDS, FLAGS, RULES
from forensics.trade import problems as trade
from forensics.trade.vocabulary import FIELDS

DOCS = Path(__file__).parent


def _table(head: str, rows: Iterable[Iterable[str]]) -> str:
    columns = head.count("|") + 1
    lines = [f"| {head} |", "|" + "---|" * columns]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)]) + "\n"


def _field(field: Field) -> str:
    shown_elsewhere = field.name in ("policy", "attachments")
    parts = "" if shown_elsewhere else ", ".join(map(_field, field.kind.parts))
    name = f"`{field.name}`" + (f" ({parts})" if parts else "")
    return name + "?" * (not field.required) + "*" * field.personal


def _words(follows: str) -> str:
    return follows.replace("taxon_concept_id", "taxon").replace("|", " + ") or "-"


def custody_events() -> str:
    """Return the page of types of events, rules and flags."""
    types = (
        (
            f"`{kind.name}`",
            kind.summary,
            ", ".join(kind.roles) or "everyone enrolled",
            ", ".join(map(_field, kind.fields)) or "–",
        )
        for kind in TYPES.values()
    )
    common = ", ".join(map(_field, COMMON_FIELDS))
    return "\n".join(
        (
            "# Events, rules and flags of custody\n",
            "This page is made from the tables of the program (`make docs`); [rules of custody](custody-rules.md)"
            " explains them.\n",
            "## Types of events\n",
            "`?` stands after a field that may be left out, `*` after one that a court may order to be erased."
            f" Every event also has: {common}.\n",
            _table("type | what it says | who | fields", types),
            "## Rules\n",
            _table("code | rule", ((f"`{code}`", text) for code, text in RULES.items())),
            "## Flags\n",
            "What is recorded as a discrepancy, and told by `log`, `review` and `verify`.\n",
            _table("code | meaning", ((f"`{code}`", text) for code, text in FLAGS.items())),
        )
    )


def trade_rules() -> str:
    """Return the page of the rules for records of seizures."""
    fields = (
        (
            "" if field.number is None else str(field.number),
            f"`{field.name}`",
            field.level,
            *field.labels,
            field.status,
        )
        for field in FIELDS.values()
    )
    reading = ((f"`{code}`", text) for code, text in trade.READING.items())
    validation = (
        (f"`{rule.code}`", rule.severity, _words(rule.follows), rule.text)
        for rule in trade.RULES.values()
    )
    return "\n".join(
        (
            "# Fields and rules of seizure records\n",
            "This page is made from the tables of the program (`make docs`); [records of seizures](trade.md) says how"
            " they are used.\n",
            "## Fields\n",
            "The number is that of the field in the annual illegal trade report; 7 and 16 take two columns each."
            " *Official*: the title is in the form of CITES as it is quoted in public; the form itself was not at"
            " hand. *Proposed*: from secondary sources. *House*: our own, for what other formats ask.\n",
            _table("no. | field | of | English | French | Portuguese | status", fields),
            "## When a file is read\n",
            _table("code | what is asked", reading),
            "## When records are validated\n",
            "The first 26 follow the checks that the upload of annual reports to UNEP-WCMC makes of legal trade"
            " (Species+/CITES API `validation_rules`), adapted. The others are our own.\n",
            _table("code | severity | follows | what is asked", validation),
        )
    )


def primers() -> str:
    """Return the page of primers."""
    lines = (DOCS / "primer_fits.tsv").read_text(encoding="utf-8").splitlines()
    fits = dict(line.split("\t") for line in lines[1:])
    parts = [
        "# Primers\n",
        "This page is made from the table of [loci](loci.md) (`make docs`). *Fits* is how many bases differ in the"
        " sequence that fits best, and which that is: genomes of a savannah elephant, man, orang-utan, chicken, pufferfish and"
        " mouse, the plastid genome of thale cress, and deposited sequences. Primers with a restriction site at the"
        " 5' end (L14724, L14841, H15149, H15915, L1091, H1478, L15926, H00651) differ there by design. Primers that"
        " nothing fitted were left out. No sequence at hand reaches the sites of those without a figure (–). Where no"
        " DOI is given, there is none or it could not be checked.\n",
    ]
    for locus in LOCI:
        rows = (
            (primer.name, f"`{primer.sequence}`", primer.strand, fits[primer.name], primer.source)
            for primer in locus.primers
        )
        parts += [f"## {locus.name}\n", _table("Primer | 5'–3' | Strand | Fits | Source", rows)]
    return "\n".join(parts)


PAGES = {
    "custody-events.md": custody_events,
    "primers.md": primers,
    "trade-rules.md": trade_rules,
}

if __name__ == "__main__":
    for name, make in PAGES.items():
        (DOCS / name).write_text(make(), encoding="utf-8")
