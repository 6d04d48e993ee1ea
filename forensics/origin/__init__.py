"""Where an animal came from: populations, places, isotopes, each with its uncertainty.

``predict.assign_with(model, samples)`` answers for any kind of model; the rest is what stands
behind it.

=========================  ====================================================
``defaults``               choices and constants
``options``                options of training and assignment, without NumPy
``predict``                from a model of any kind to results; ``model_provenance`` how they were reached
``training``               from a table to a model with its card: ``model_card``, ``isotope_training``
``models``                 a model in its folder, opened without running code
``results``                ``Origin``, the base of results; ``population_results``, ``map_results``,
                           ``seizure_results``; ``stored_results`` reads any of them back
``populations``            the kind that assigns to populations: ``baseline`` (counts and prior),
                           ``likelihood``, ``assignment``, ``exclusion`` (``elsewhere``: what notices
                           animals from elsewhere, and its power; ``crosses``), ``shrinkage``,
                           ``mixture``, ``estimators`` (scikit-learn)
``classifier_models``      the kind that assigns by a classifier of scikit-learn: ``classifiers`` (fitted,
                           calibrated, evaluated; stored by `forensics.learning`)
``places``                 the kind that places on a map: ``spatial`` (``spatial_storage``), ``sites``,
                           ``ranges`` (where an animal may come from), ``pooled_field`` of ``smoothing``
                           (kernels, kriging) and ``ridge`` (regression), ``tuning``,
                           ``cell_interpolation`` (some cells for all, of many loci),
                           ``joint`` (a seizure), ``haplotypes`` (where one was seen)
``isotope_models``         the kind of isotopes: ``isoscape``, ``raster_files``, ``calibration``,
                           ``isotope_fitting``, ``isotopes``, ``isotope_tables``
``globe``                  distances and rings; ``geography`` grids, posteriors and their regions;
                           ``geometric_median`` the point that stands for a posterior
``outlines``               countries (``country_names``: in the reader's language); ``territories``, ``listing_files``, ``range_map``;
                           ``polygons`` the one reader of GeoJSON
``areas``                  what a posterior gives countries, listed populations and regions
``reporting_regions``      regions as answers: ``region_calibration`` (on sites left out),
                           ``region_results``, ``region_files``, ``region_storage``
``population_evaluation``  figures on animals left out; ``spatial_evaluation``,
                           ``isotope_evaluation``, ``exclusion_evaluation``
``map_layout``             what a map shows: ``figures`` draws it as PNG and SVG, ``map_sheet`` on a sheet
                           of A4, ``map_page`` on a page of HTML; ``map_exports`` writes GeoTIFF, GeoJSON
                           and CSV; ``region_outlines`` the borders of regions; ``plots`` what results
                           draw of themselves
=========================  ====================================================
"""

from typing import TYPE_CHECKING

from forensics.lazily import lazily

_PUBLIC = {
    "Card": "model_card",
    "Model": "models",
    "Origin": "results",
    "Origins": "results",
    "PopulationAssigner": "estimators",
    "assign_with": "predict",
    "evaluate_genotypes": "training",
    "export_map": "map_exports",
    "open_model": "models",
    "packaged_models": "models",
    "place_together": "predict",
    "read_range_map": "range_map",
    "save_model": "models",
    "share_populations": "predict",
    "sites_on_map": "predict",
    "train_genotypes": "training",
    "train_isotopes": "isotope_training",
}

__all__ = [
    "Card",
    "Model",
    "Origin",
    "Origins",
    "PopulationAssigner",
    "assign_with",
    "evaluate_genotypes",
    "export_map",
    "open_model",
    "packaged_models",
    "place_together",
    "read_range_map",
    "save_model",
    "share_populations",
    "sites_on_map",
    "train_genotypes",
    "train_isotopes",
]

if TYPE_CHECKING:  # what type checkers, editors and tab completion see
    from forensics.origin.estimators import PopulationAssigner
    from forensics.origin.isotope_training import train_isotopes
    from forensics.origin.map_exports import export_map
    from forensics.origin.model_card import Card
    from forensics.origin.models import Model, open_model, packaged_models, save_model
    from forensics.origin.predict import (
        assign_with,
        place_together,
        share_populations,
        sites_on_map,
    )
    from forensics.origin.range_map import read_range_map
    from forensics.origin.results import Origin, Origins
    from forensics.origin.training import evaluate_genotypes, train_genotypes
else:  # for them a module with __getattr__ would have every name
    __getattr__, __dir__ = lazily(__name__, _PUBLIC)
