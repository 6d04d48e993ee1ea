"""The catalogue of notices: a module a subject."""

__all__: list[str] = []
