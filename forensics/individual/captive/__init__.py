"""Wild, captive or neither, by measurements such as stable isotopes.

================  ========================================================
``options``       options of wild or captive, with defaults and bounds; no NumPy is imported for
                  them
``measurements``  tables of measurements, a row a sample: stable isotopes, and the class and
                  group of a reference
``densities``     where a further animal of a class is to be expected: Student t densities of
                  measurements
``classifier``    a classifier of a laboratory's own measurements, for scikit-learn
``evaluation``    how often calls are right: each group of the reference is left out in turn,
                  and its samples are called
``results``       what the measurements of one sample support, with how it was reached
``examining``     from two tables to results: which class of a reference the measurements of
                  each sample support
================  ========================================================
"""
