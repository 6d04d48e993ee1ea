"""SQLite files: the ledger of custody and the store of seizures are opened, checked and copied here.

No other part of the package imports `sqlite3` or `sqlite_utils`; a test holds that.

``connections``  connections to SQLite files: to write, to read only, and in memory; who may
                 write; what lies beside a file
``schema``       the schema of a database: made in a new one, and compared in one that is opened
``copies``       copies of a database: a private one to be looked at, and a whole one in a new
                 file

sqlite-utils reads tables and views, exports them, searches texts and writes the databases that are
published. It is imported only there: it imports pandas, which costs half a second. Events are not
appended through it, see `forensics.custody.ledger.Ledger`.
"""

from sqlite3 import Connection as Connection
from sqlite3 import Error

DatabaseError = Error
