"""What seizure records and carcass counts show, each figure with its uncertainty.

===============  ==================================================================
``defaults``     choices and constants
``options``      options of the indicators, without NumPy
``carcasses``    MIKE's table of elephant carcasses by site and year
``pike``         proportion of illegally killed elephants: observed, and a trend
``sampler``      posterior draws of the trend's model
``seizures``     the table of seizures that all other modules take
``stored``       seizures of a store, as that table
``equivalents``  animals that rows stand for
``limits``       limits of sums over seizures
``counts``       seizures, quantities and animals by year, taxon, route
``routes``       the network of countries that seizures passed
``results``      tables and words that all of these give
``figures``      pictures
===============  ==================================================================
"""

__all__: list[str] = []  # modules are imported by their names
