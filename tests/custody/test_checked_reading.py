"""Nothing is printed or exported from fields that were changed in the database."""

import sqlite3
from contextlib import closing

import pytest
from click.testing import CliRunner

from forensics.cli import main


def read(ledger, *arguments):
    return CliRunner().invoke(main, ["custody", *map(str, arguments), "--ledger", str(ledger)])


def change_description(path):
    """Change a field as somebody with the file can, and leave the triggers as they were."""
    with closing(sqlite3.connect(path)) as database:
        triggers = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = triggers.fetchall()
        for name, _sql in triggers:
            database.execute(f'DROP TRIGGER "{name}"')
        changed = database.execute(
            "UPDATE openings SET value = '\"Officer X\"' WHERE name = 'received_from'"
        ).rowcount
        for _name, sql in triggers:
            database.execute(sql)
        database.commit()
    return changed


@pytest.mark.parametrize("command", [("log", "C1"), ("review", "C1"), ("log",)])
def test_a_field_that_was_changed_in_the_database_is_not_printed(lab, command):
    lab.close()
    before = read(lab.path, *command)
    assert before.exit_code == 0, before.output
    assert change_description(lab.path)
    after = read(lab.path, *command)
    assert after.exit_code == 4
    assert "field received_from is not what was signed" in after.stderr
    assert "Officer X" not in after.stdout
