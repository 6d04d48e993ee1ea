"""SQLite files: the ledger of custody and the store of seizures are opened, checked and copied here.

No other part of the package imports `sqlite3` or `sqlite_utils`; a test holds that.

``kinds``         what tells the files of one kind: application id, schema of each version, texts
``connections``   connections that write, that only read, and in memory, with the same settings
``transactions``  all of it or nothing, also when it is interrupted
``schema``        makes the tables of a new file, and finds what differs from them in an old one
``errors``        errors of SQLite in plain words
``locks``         who may write, in the order in which writers came
``copies``        a whole copy in a new file
``private_copy``  a copy to be looked at, which leaves every byte of the original as it is
``erasure``       removes deleted bytes from the file, and checks that they are gone
``sharing``       group and permissions of the files beside a database
``inspection``    tables and views for people, through sqlite-utils

sqlite-utils reads tables and views, exports them, searches texts and writes the databases that are
published. It is imported only there: it imports pandas, which costs half a second. Events are not
appended through it, see `forensics.custody.ledger.Ledger`.
"""

from sqlite3 import Connection
from sqlite3 import Error as DatabaseError

__all__ = ["Connection", "DatabaseError"]
