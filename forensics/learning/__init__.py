"""Classifiers of scikit-learn that a laboratory brings: found by name, stored without pickle, in a folder with a card.

`forensics.origin` trains with them on genotypes.

===================  ===========================================================
``arrays``      arrays of a model, declared at the fields of its classes: written, and checked
                when they are read
``estimators``  estimators of scikit-learn by their names, and as bytes without pickle;
                importing this module imports scikit-learn
``models``      a model in a folder: its description, arrays of numbers, and the file of an
                estimator; opened without running any code
===================  ===========================================================
"""
