"""Where an animal came from: populations, places, isotopes, each with its uncertainty.

``predict.assign_with(model, samples)`` answers for any kind of model; the rest is what stands
behind it.

=========================  ====================================================
``defaults``               choices and constants
``options``                options of training and assignment, without NumPy
``predict``                from a model of any kind to results
``training``               from a table to a model with its card
``models``                 a model in its folder, opened without running code; ``card``
``results``                ``Origin``, the base of results; ``population_results``, ``map_results``,
                           ``seizure_results``; ``stored_results`` reads any of them back
``populations``            the kind that assigns to populations: ``baseline`` (counts and prior),
                           ``likelihood``, ``assignment``, ``exclusion`` (``z_scores``),
                           ``shrinkage``, ``mixture``, ``estimators`` (scikit-learn)
``places``                 the kind that places on a map: ``spatial`` (``spatial_storage``), ``fields``
                           (frequencies over space), ``tuning``, ``joint`` (a seizure), ``haplotypes``
``isotope_models``         the kind of isotopes: ``isoscape``, ``raster_files``, ``scales``,
                           ``calibration``, ``isotope_fitting``, ``isotopes``, ``isotope_tables``
``globe``                  distances and rings; ``geography`` grids, posteriors and their regions
``outlines``               countries; ``territories``, ``listing_files``, ``range_map``
``population_evaluation``  figures on animals left out; ``spatial_evaluation``,
                           ``isotope_evaluation``
``figures``                maps as PNG and SVG; ``map_page`` as one page of HTML
=========================  ====================================================
"""

__all__: list[str] = []  # modules are imported by their names
