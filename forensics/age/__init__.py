"""How old a tissue is, and how old an animal was.

>>> from forensics.age import calibrate, joined, read_curve
>>> curve = joined(map(read_curve, ["NH3.14C", "intcal20.14c"]))         # doctest: +SKIP
>>> calibrate(1.25, 0.003, curve, until=2016.2).ranges(0.95)             # doctest: +SKIP

==================  ===========================================================
``options``         options of dating and clocks, without NumPy
``curves``          reads calibration curves; joins a post-bomb one to an older one
``radiocarbon``     F14C to calendar years; what follows for the law
``series``          several samples along one tusk, horn or trunk, jointly
``methylation``     epigenetic clocks: applies coefficient files
``clock_training``  trains a clock, with prediction intervals
``estimators``      the clock as a regressor of scikit-learn
``tables``          tables of measured values
``results``         results with their provenance: of a tissue in ``tissue_ages``, of an animal in
                    ``animal_ages``, what they share in ``dating``
``figures``         what results draw of themselves, and the picture of a calibrated date
==================  ===========================================================
"""

from typing import TYPE_CHECKING

from forensics.lazily import lazily

_PUBLIC = {
    "ClockRegressor": "estimators",
    "LifeHistory": "methylation",
    "age_of": "methylation",
    "calibrate": "radiocarbon",
    "calibrate_series": "series",
    "f14c_of_age": "curves",
    "joined": "curves",
    "known_ages_of": "tables",
    "methylation_of": "tables",
    "methylation_result": "results",
    "radiocarbon_result": "results",
    "read_clock": "methylation",
    "read_curve": "curves",
    "read_table": "tables",
    "read_trained": "clock_training",
    "save_trained": "clock_training",
    "series_of": "tables",
    "series_result": "results",
    "train_clock": "clock_training",
    "years_of": "methylation",
}

__all__ = [
    "ClockRegressor",
    "LifeHistory",
    "age_of",
    "calibrate",
    "calibrate_series",
    "f14c_of_age",
    "joined",
    "known_ages_of",
    "methylation_of",
    "methylation_result",
    "radiocarbon_result",
    "read_clock",
    "read_curve",
    "read_table",
    "read_trained",
    "save_trained",
    "series_of",
    "series_result",
    "train_clock",
    "years_of",
]

if TYPE_CHECKING:  # what type checkers, editors and tab completion see
    from forensics.age.clock_training import read_trained, save_trained, train_clock
    from forensics.age.curves import f14c_of_age, joined, read_curve
    from forensics.age.estimators import ClockRegressor
    from forensics.age.methylation import LifeHistory, age_of, read_clock, years_of
    from forensics.age.radiocarbon import calibrate
    from forensics.age.results import methylation_result, radiocarbon_result, series_result
    from forensics.age.series import calibrate_series
    from forensics.age.tables import known_ages_of, methylation_of, read_table, series_of
else:  # for them a module with __getattr__ would have every name
    __getattr__, __dir__ = lazily(__name__, _PUBLIC)
