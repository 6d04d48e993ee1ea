"""Wild, captive or neither, by measurements such as stable isotopes.

================  ================================================="""

__all__: list[str] = []  # modules are imported by their names
