"""Where an animal came from: populations, places, isotopes, each with its uncertainty.

``predict.assign_with(model, samples)`` answers for any kind of model; the rest is what stands
behind it.

=========================  ====================================================
``options``                kinds of models of origin, and the options of training and applying
                           them; no NumPy is imported for them
``predict``                from a model of any kind to results: where samples come from
``training``               from a reference table to a model with its card
``models``                 models of origin in a folder: arrays, labels and a card, opened
                           without running any code
``results``                the result of an assignment to an origin, the results of a run, and the
                           result of a model of populations
``map_results``            results on a map: where one sample comes from by its genotype, or by
                           its isotopes
``seizure_results``        results of many samples of one seizure: the places that they come
                           from, and shares of populations
``stored_results``         reads results of this package back, whatever they are of
``populations``            the kind of model that assigns to reference populations: trained,
                           stored, applied
``baseline``               a reference of populations, counted once, from which animals are
                           assigned
``assignment``             assignment of animals to reference populations and to the reporting
                           units above them
``exclusion``              does an animal come from none of the reference populations?
``mixture``                proportions of reference populations in a sample of many animals,
                           such as one seizure
``estimators``             population assignment with the interface of scikit-learn
``classifiers``            the kind of model that assigns to populations by a classifier of
                           scikit-learn: fitted, stored, applied
``places``                 the kind of model that places animals on a map by their genotypes:
                           trained, stored, applied
``spatial``                continuous assignment: where on the map a genotype fits, from animals
                           of known places
``ranges``                 the range of a model: where an animal may come from, the same in
                           training, evaluation and use
``tuning``                 the estimator of places, tuned and calibrated on sites that were left
                           out
``joint``                  many samples of one seizure, placed together
``haplotypes``             mitochondrial haplotypes: at which localities of a reference one was
                           seen, how often, in how many animals
``isotope_models``         the kind of model that places animals by isotopes: fitted, evaluated,
                           trained with its card, applied
``isoscape``               an isoscape: isotope values predicted over a map, each with its
                           standard error
``calibration``            tissue on precipitation: what an isoscape's value at a place says of
                           an animal's tissue
``isotopes``               assignment to isoscapes: where on the map an animal's isotope values
                           are to be expected
``geography``              places on the globe, grids of cells, and posteriors over a grid
``outlines``               country outlines that come with the package: which country a place
                           lies in, and where land is
``territories``            the posterior per State and per listed population, with the sampling
                           behind each
``polygons``               polygons that people give: GeoJSON of ranges, reporting regions and
                           listed populations, read in one way
``areas``                  areas of a map: the cells, reference sites and animals of each, and
                           what a posterior gives it
``region_results``         what a result says of reporting regions: stored, and in words
``population_evaluation``  how often an assignment to populations is right, and whether its
                           probabilities are true
``spatial_evaluation``     how far a spatial assignment is off, and whether its regions hold the
                           truth, on known animals
``fields``                 what alleles say of a place: frequencies smoothed or kriged over the
                           reference sites, and a regression
``maps``                   maps of where samples came from: pictures, sheets, a page, and files
                           for other programs
``regions``                reporting regions: countries, or the areas that a laboratory names, with
                           a posterior
=========================  ====================================================
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
