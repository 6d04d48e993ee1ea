"""Match probabilities."""

import numpy as np
import pandas as pd
import pytest

from forensics.errors import InputError
from forensics.genetics.genotypes import genotypes_from_labels
from forensics.genetics.reading import read_genotypes
from forensics.individual.frequencies import frequencies_of
from forensics.individual.matching import random_match_probability


def simple(*pairs):
    return genotypes_from_labels([f"a{n}" for n in range(len(pairs))], ["L"], [[p] for p in pairs])


@pytest.mark.parametrize("theta", [0.0, 0.01, 0.05])
def test_random_match_probability_is_that_of_balding_and_nichols(theta):
    reference = simple(*[("1", "2")] * 10, *[("2", "3")] * 10)
    held = frequencies_of(reference)
    p = dict(zip(held.alleles[0], held.values[0]))
    below = (1 + theta) * (1 + 2 * theta)
    mixed, pure, first = random_match_probability(
        held, simple(("1", "2"), ("2", "2"), ("1", "1")), theta=theta
    ).ravel()
    assert mixed == pytest.approx(
        2 * (theta + (1 - theta) * p["1"]) * (theta + (1 - theta) * p["2"]) / below
    )
    assert pure == pytest.approx(
        (2 * theta + (1 - theta) * p["2"]) * (3 * theta + (1 - theta) * p["2"]) / below
    )
    assert first == pytest.approx(  # the genotype of number 0
        (2 * theta + (1 - theta) * p["1"]) * (3 * theta + (1 - theta) * p["1"]) / below
    )


def test_what_is_not_typed_has_no_match_probability():
    held = frequencies_of(simple(("1", "2"), ("2", "2")))
    assert np.isnan(random_match_probability(held, simple((None, None)), theta=0.01)).all()


def test_rare_and_unseen_alleles_get_five_copies():
    reference = simple(*[("1", "1")] * 49, ("1", "2"))
    held = frequencies_of(reference, also=[simple(("3", "3"))])
    raised = np.array([99, 5, 5]) / 100
    assert np.allclose(held.values[0], raised / raised.sum())
    assert held.raw[0].tolist() == [0.99, 0.01, 0.0]


def test_an_allele_that_nobody_mentioned_is_refused():
    held = frequencies_of(simple(("1", "2")))
    with pytest.raises(InputError, match="9"):
        held.genotypes_of(simple(("9", "9")))


def test_frequencies_are_counted_of_a_dataframe_too():
    import forensics.individual

    frame = pd.DataFrame({"id": ["a", "b"], "L1": ["100/102", "102/102"], "L2": ["90/92", ""]})
    also = pd.DataFrame({"id": ["q"], "L1": ["100/104"], "L2": ["90/90"]})
    one = forensics.individual.frequencies_of(frame, also=[also])
    other = frequencies_of(read_genotypes(frame), also=[read_genotypes(also)])
    assert one.alleles == other.alleles and one.loci == ("L1", "L2")
    assert all((a == b).all() for a, b in zip(one.values, other.values))


def test_public_names_are_those_of_their_modules():
    import forensics.individual

    assert forensics.individual.frequencies_of is frequencies_of
    assert dir(forensics.individual) == sorted(forensics.individual.__all__)
    assert all(getattr(forensics.individual, name) for name in forensics.individual.__all__)
    with pytest.raises(AttributeError, match="nothing"):
        forensics.individual.nothing  # noqa: B018
