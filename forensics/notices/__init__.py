"""The catalogue of notices, a module a subject: code, severity, text, meaning, advice.

=======================  ==========================================================
``age``                  of an age
=======================  ==========================================================

Each module has its kinds under their codes, and ``KINDS`` of all of them by code. A command imports
those of its own subject alone.
"""

__all__: list[str] = []
