"""Statistics that several packages need, from numbers to numbers.

===============  ==================================================================
``intervals``    intervals of what was counted: shares, counts, ratios of counts, and parts of a
                 finite population
``calibration``  calibration: whether stated probabilities come true as often as they say
``choice``       choices among many that every processor makes alike: the greatest, an order, a
                 smallest set, an even sample
``convergence``  whether draws of several chains tell of one distribution, and how many
                 independent ones they are
===============  ==================================================================
"""
