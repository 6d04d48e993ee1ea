"""What every part of the package stands on.

- ``options``: options of a method, declared once.
- ``provenance``: how a result was reached, and by which program.
"""

__all__ = ["options", "provenance"]
