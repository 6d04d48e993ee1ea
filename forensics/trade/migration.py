"""What differs between the versions of a store: what was imported and decided stays as it was.

Version 1 knew one sheet a file and no decisions on records. What it holds is true of both versions,
so that the table of files gets a column and a table is added; no row is changed.
`forensics.store.migration` does it, whole or not at all.
"""

from forensics.store import Connection
from forensics.trade import schema

__all__ = ["add_sheets_and_decisions"]


def add_sheets_and_decisions(connection: Connection) -> None:
    """Bring a store of version 1 to version 2, within a transaction."""
    for act in ("update", "delete"):
        connection.execute(f"DROP TRIGGER files_{act}")
    names = [row[1] for row in connection.execute("PRAGMA table_info(files)")]
    columns = ", ".join(names)
    connection.execute("ALTER TABLE files RENAME TO files_before")
    connection.execute(schema.table_statement("files"))
    connection.execute(f"INSERT INTO files ({columns}) SELECT {columns} FROM files_before")
    connection.execute("DROP TABLE files_before")
    connection.execute(schema.table_statement("decisions"))
    for table in ("files", "decisions"):
        for statement in schema.trigger_statements(table):
            connection.execute(statement)
