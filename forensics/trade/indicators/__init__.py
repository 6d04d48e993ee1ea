"""What seizure records and carcass counts show, each figure with its uncertainty.

===============  ==================================================================
``defaults``     choices and constants
``options``      options of the indicators, without NumPy
``carcasses``    MIKE's table of elephant carcasses by site and year
``pike``         proportion of illegally killed elephants: observed, and a trend
``sampler``      posterior draws of the trend's model
``seizures``     the table of seizures that all other modules take
``stored``       seizures of a store, as that table
``equivalents``  animals and raw ivory that rows stand for
``resampling``   bootstrap over seizures, and limits of sums
``counts``       seizures, quantities and animals by year, taxon, route
``weighting``    an index of seizures with the user's own weights
``chains``       who counts as in and out along a trade chain, and with what weight
``routes``       the network of countries that seizures passed
``hotspots``     places where more was seized, for a time, than elsewhere
``priorities``   targets in order, with the reasons and how sure the order is
``results``      tables and words that all of these give
``figures``      pictures
===============  ==================================================================
"""

__all__: list[str] = []  # modules are imported by their names
