"""SQLite files: the ledger of custody and the store of seizures are opened, checked and copied here.

No other part of the package imports `sqlite3` or `sqlite_utils`; a test holds that.

sqlite-utils reads tables and views, exports them, searches texts and writes the databases that are
published. It is imported only there: it imports pandas, which costs half a second. Events are not
appended through it, see `forensics.custody.ledger.Ledger`.
"""

from sqlite3 import Connection as Connection
from sqlite3 import Error

DatabaseError = Error
