"""How often calls with a library are right."""
