"""``forensics custody``: the ledger of what happened to each exhibit."""

import importlib

import click

from forensics.cli.options import LazyGroup, Section
from forensics.messages import N_, _

_OWN = {
    "unlock": "custody_people",
    "lock": "custody_people",
    "batch": "custody_acts",
    "init": "custody_people",
    "person": "custody_people",
    "log": "custody_check",
    "review": "custody_check",
    "controls": "custody_check",
    "print": "custody_check:papers",
    "export": "custody_check",
    "verify": "custody_check",
    "head": "custody_check",
    "backup": "custody_check",
    "restore": "custody_check",
    "disclose": "custody_check",
    "merge": "custody_check",
}
"""Commands that are written out, and where; all others are made from the table of event types."""
_COUNTERPARTS = {
    "store": ("--out", "retrieve"),
    "pack": ("--out", "unpack"),
    "hold": ("--release", "release"),
    "lost": ("--found", "found"),
    "control": ("--deviation", "deviation"),
}
"""Commands with the option by which they record an act of another type."""
_NOT_TYPED = (
    "disclose", "tally", "enrol", "rotate", "reenrol", "revoke", "roles", "competence",
    *(name for _option, name in _COUNTERPARTS.values()),
)  # fmt: skip
"""Types that no command of their own records: those of another command, and of what they tell."""


_SECTIONS = (
    Section(
        N_("Every day"),
        ("unlock", "receive", "offer", "accept", "open", "split", "seal", "store", "run", "load", "log"),
    ),
    Section(
        N_("Receive"), ("case", "merge", "container", "print", "measure", "plan", "question", "attach", "batch")
    ),
    Section(N_("Hold"), ("location", "pack", "hold", "consume", "return", "dispose", "lost")),
    Section(N_("Hand over"), ("refuse", "disclose")),
    Section(N_("Work"), ("control", "controls", "validate", "finding", "reviewed", "deposit")),
    Section(N_("Report"), ("report", "review", "export")),
    Section(
        N_("Keep the ledger"),
        (
            "init", "verify", "head", "backup", "restore", "policy", "authorise", "correct",
            "discrepancy", "erase",
        ),
    ),
    Section(N_("People and keys"), ("lock", "person")),
)  # fmt: skip
"""The commands by what one does with them, those of every day first."""


def _shared() -> tuple:
    from forensics.cli.custody_acts import SHARED

    return SHARED


class _Acts(LazyGroup):
    """The written-out commands, and one for each type of event."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        from forensics.custody.registry import TYPES

        return [*dict.fromkeys((*_OWN, *(name for name in TYPES if name not in _NOT_TYPED)))]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name in _OWN:
            module, _colon, attribute = _OWN[name].partition(":")
            return getattr(importlib.import_module(f"forensics.cli.{module}"), attribute or name)
        from forensics.cli.custody_acts import act_command
        from forensics.custody.registry import TYPES

        if name not in TYPES or name in _NOT_TYPED:
            return None
        instead, other = _COUNTERPARTS.get(name, ("", ""))
        return act_command(TYPES[name], instead=instead, other=TYPES.get(other))


custody = _Acts(
    "custody",
    sections=_SECTIONS,
    shares=_shared,
    help=_(
        "Record what happens to each exhibit, in a ledger that others can verify.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics custody init laboratory.db --laboratory 'Forensic Laboratory' --person amina\n"
        "  forensics custody receive 2026-014 --exhibit 2026-014/1 --description horn \\\n"
        "      --quantity 1250 --unit g --seal A0017 --ledger laboratory.db\n"
        "  forensics custody verify laboratory.db\n\n"
        "The ledger is given by --ledger or FORENSICS_LEDGER. Each act is signed with the key of "
        "the person who acts."
    ),
)
