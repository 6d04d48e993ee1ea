from laboratory import _founded, lab  # noqa: F401
from training_case import _made, case, details, ledger, statement  # noqa: F401
