"""Classifiers of scikit-learn that a laboratory brings: found by name, stored without pickle, in a folder with a card.

`forensics.origin` trains with them on genotypes.

===================  ===========================================================
``estimators``  estimators of scikit-learn by their names; importing this module imports scikit-
                learn
``models``      the card of a model: what it was trained on, how well it does, what it is not
                for
===================  ===========================================================
"""
