from bundles import good, ledger, parts  # noqa: F401
from laboratory import PEOPLE, Clock, Laboratory, _founded, lab  # noqa: F401
