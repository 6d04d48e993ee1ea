"""How old a tissue is, and how old an animal was.

==================  ===========================================================
``curves``          reads calibration curves; joins a post-bomb one to an older one
``fetching``        fetches a curve by name, with a known sha256
``radiocarbon``     F14C to calendar years; what follows for the law
``series``          several samples along one tusk, horn or trunk, jointly
``methylation``     epigenetic clocks: applies coefficient files
``clock_training``  trains a clock, with prediction intervals
``tables``          tables of measured values
``results``         results with their provenance
``figures``         the picture of a calibrated date
==================  ===========================================================
"""

__all__: list[str] = []  # modules are imported by their names
