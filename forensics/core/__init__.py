"""What every part of the package stands on.

- ``options``: options of a method, declared once.
"""

__all__ = ["options"]
