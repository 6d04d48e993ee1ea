"""``forensics custody``: the ledger of what happened to each exhibit."""

import importlib

import click

from forensics.cli.groups import LazyGroup
from forensics.cli.options import Section
from forensics.messages import N_, _

__all__ = ["custody"]

_OWN = {
    "unlock": "custody_session",
    "lock": "custody_session",
    "batch": "custody_batch",
    "init": "custody_people",
    "key": "custody_people",
    "enrol": "custody_people",
    "rotate": "custody_people",
    "reenrol": "custody_people",
    "log": "custody_read",
    "review": "custody_read",
    "controls": "custody_read",
    "label": "custody_read",
    "form": "custody_read",
    "export": "custody_read",
    "verify": "custody_check",
    "head": "custody_check",
    "witness": "custody_check",
    "timestamp": "custody_timestamp",
    "backup": "custody_check",
    "restore": "custody_check",
    "disclose": "custody_check",
    "merge": "custody_check",
}
"""Commands that are written out; all others are made from the table of event types."""
_NOT_TYPED = ("disclose", "tally")
"""Types that no command of their own records: they are recorded with what they tell of."""


_SECTIONS = (
    Section(
        N_("Every day"),
        (
            "unlock", "receive", "offer", "accept", "open", "split", "seal", "store", "retrieve", "run",
            "load", "log",
        ),
    ),
    Section(
        N_("Receive"), ("case", "merge", "container", "label", "measure", "plan", "attach", "batch")
    ),
    Section(
        N_("Hold"),
        (
            "location", "pack", "unpack", "hold", "release", "consume", "return", "dispose", "lost",
            "found",
        ),
    ),
    Section(N_("Hand over"), ("refuse", "form", "disclose")),
    Section(
        N_("Work"),
        ("control", "controls", "deviation", "validate", "finding", "reviewed", "deposit"),
    ),
    Section(N_("Report"), ("report", "review", "export")),
    Section(
        N_("Keep the ledger"),
        (
            "init", "verify", "head", "witness", "timestamp", "backup", "restore", "policy", "authorise",
            "correct", "discrepancy", "erase",
        ),
    ),
    Section(
        N_("People and keys"),
        ("lock", "key", "enrol", "rotate", "reenrol", "revoke", "roles", "competence"),
    ),
)  # fmt: skip
"""The commands by what one does with them, the twelve of every day first."""


class _Acts(LazyGroup):
    """The written-out commands, and one for each type of event."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        from forensics.custody.registry import TYPES

        return [*dict.fromkeys((*_OWN, *(name for name in TYPES if name not in _NOT_TYPED)))]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name in _OWN:
            module = importlib.import_module(f"forensics.cli.{_OWN[name]}")
            return getattr(module, name)
        from forensics.cli.custody_acts import act_command
        from forensics.custody.registry import TYPES

        return act_command(TYPES[name]) if name in TYPES and name not in _NOT_TYPED else None


@click.group(
    cls=_Acts,
    sections=_SECTIONS,
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
def custody() -> None:
    pass
