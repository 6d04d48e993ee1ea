"""Statistics that several packages need, from numbers to numbers.

===============  ==================================================================
``intervals``    limits of shares, counts, ratios of counts, parts of a population
``calibration``  whether stated probabilities come true as often as they say
``choice``       the greatest, an order, a smallest set, an even sample: alike on every processor
``convergence``  whether chains of draws agree, and how many draws they are worth
===============  ==================================================================
"""

__all__: list[str] = []  # modules are imported by their names
