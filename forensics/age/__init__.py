"""How old a tissue is, and how old an animal was.

=================  ============================================================
``curves``         reads calibration curves; joins a post-bomb one to an older one
``radiocarbon``    F14C to calendar years; what follows for the law
``series``         several samples along one tusk, horn or trunk, jointly
``methylation``    epigenetic clocks: coefficient files, and clocks trained here
=================  ============================================================
"""

__all__: list[str] = []  # modules are imported by their names
