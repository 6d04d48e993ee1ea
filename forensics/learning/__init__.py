"""Classifiers of scikit-learn that a laboratory brings: found by name, stored without pickle, in a folder with a card.

`forensics.origin` trains with them on genotypes.

===================  ===========================================================
``estimators``       an estimator by its name, its seeds, its scores
``estimator_files``  as bytes and back, without pickle
``consistency``      which estimators a model may hold, and whether their arrays fit together
``model_folders``    a model in a folder: arrays, labels, sums, the file of an estimator
``card``             the card of a model, for people
===================  ===========================================================
"""

__all__: list[str] = []  # modules are imported by their names
