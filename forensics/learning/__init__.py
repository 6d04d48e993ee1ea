"""Classifiers of scikit-learn that a laboratory brings: found by name, stored without pickle, in a folder with a card.

`forensics.origin` trains with them on genotypes.
"""
