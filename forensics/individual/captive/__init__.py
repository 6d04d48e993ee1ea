"""Wild, captive or neither, by measurements such as stable isotopes.

================  ========================================================
``options``       options of the method, without NumPy
``measurements``  tables of measurements are read: units, missing values
``densities``     where a further animal of a class is to be expected
``calibration``   what left-out samples say: temperature, bounds of ratios, tails
``classifier``    a classifier for scikit-learn
``calls``         what may be said of one sample
``evaluation``    how often that is right, groups left out together
``performance``   how often calls of left-out samples are right
``results``       a result with its words, its provenance and its picture
``suspects``      reference samples whose label their own measurements contradict
``examining``     from two tables to results; ``checks`` what tables must be
``consignment``   one statement for all samples of a consignment
================  ========================================================
"""

__all__: list[str] = []  # modules are imported by their names
