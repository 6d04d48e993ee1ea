from laboratory import PEOPLE, Clock, Laboratory, _founded, lab  # noqa: F401
