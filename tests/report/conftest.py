from training_case import _made, case, details, ledger, statement  # noqa: F401
