"""SQLite files: the ledger of custody and the store of seizures are opened, checked and copied here.

No other part of the package imports `sqlite3` or `sqlite_utils`; a test holds that.

``kinds``         what tells the files of one kind: application id, schema of each version, texts; errors in plain words
``connections``   connections with the same settings, transactions, who may write, what lies beside a database
``schema``        makes the tables of a new file, and finds what differs from them in an old one
``copies``        a whole copy in a new file; a copy to be looked at, which leaves the original as it is
``erasure``       removes deleted bytes from the file, and checks that they are gone
``inspection``    tables and views for people, through sqlite-utils

sqlite-utils reads tables and views, exports them, searches texts and writes the databases that are
published. It is imported only there: it imports pandas, which costs half a second. Events are not
appended through it, see `forensics.custody.ledger.Ledger`.
"""

from sqlite3 import Connection
from sqlite3 import Error as DatabaseError

__all__ = ["Connection", "DatabaseError"]
