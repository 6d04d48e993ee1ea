"""Simulated families and animals spread over seizures whose truth is known."""

import csv
import io
import json
import math
import re
import time
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from individual_simulation import drifted, fewer_draws, frequencies, profiles, seen

import forensics.individual.network as network_module
from forensics.errors import InputError, UsageError
from forensics.genetics.genotypes import MISSING, Genotypes
from forensics.genetics.reading import read_genotypes
from forensics.individual.frequencies import frequencies_of
from forensics.individual.kinship import RELATIONSHIPS, ratio_tables
from forensics.individual.links import DRAWS, pooled
from forensics.individual.matching import group_samples
from forensics.individual.network import (
    graph_of,
    pairs_csv,
    save_network,
    seizure_network,
    seizures_of,
)
from forensics.individual.options import DEFAULT_KINDS, LIMIT, LaboratoryErrors, NetworkOptions

RATES = LaboratoryErrors(dropout=0.02, mistyping=0.002)
HOSTILE = ["Côte d'Ivoire 2019", "<&\"'>]]>", '=HYPERLINK("http://x")', "a\x00\x1b[2Jb", "$x_1$"]


@pytest.fixture(scope="module")
def held():
    return frequencies(loci=16)


def network(genotypes, seizures, held, *, draws=500, **options):
    given = {"theta": 0.0, **vars(options.pop("errors", RATES)), **options}
    with fewer_draws(draws):
        return seizure_network(
            genotypes, seizures, held, NetworkOptions(**given), reference=genotypes
        )


@pytest.fixture(scope="module")
def family(held):
    """60 unrelated animals in four seizures; one is in A and B, its young in C, sibs in C and D.

    Of such sibs 66 % are stated as sibs; these are.
    """
    animals = profiles(held, [None] * 60 + [(0, 1), (2, 3), (2, 3)], seed=5)
    seizures = ["ABCD"[number % 4] for number in range(60)] + ["C", "C", "D"]
    rows = [*range(63), 0, 0, 0, 5, 5]  # samples more of animal 0 (A) and of animal 5 (B)
    seizures += ["B", "B", "A", "B", "B"]
    names = [f"s{number:03d}" for number in range(len(rows))]
    genotypes = seen(held, animals[rows], names, dropout=0.02, missing=0.03, seed=3)
    return genotypes, seizures


@pytest.fixture(scope="module")
def found(family, held):
    one = network(*family, held)
    assert one.notices == ()  # one population is not warned of
    return one


def link(network, first, second):
    (one,) = [one for one in network.links if (one.first, one.second) == (first, second)]
    return one


def test_an_animal_in_two_seizures_joins_them_once_however_often_it_was_sampled(found):
    one = link(found, "A", "B")
    (match,) = [pair for pair in one.pairs if pair.kind == "match"]
    assert match.first == match.second
    assert match.first_samples == ("s000", "s065") and match.second_samples == ("s063", "s064")
    assert one.evidence["match"].pairs == 1 and one.beyond_chance
    assert one.evidence["match"].best_log10 == pytest.approx(match.log10["same"])


def test_a_group_of_seizures_has_a_line_and_its_pairs_stand_in_the_table(family, found, held):
    """Of twelve seizures all hold one animal: 66 pairs, a line."""
    assert len(found.found) > 1  # several pairs of one group
    assert found.details()[1][0] == "A, B, C, D"
    genotypes, _seizures = family
    many = genotypes.take([0] * 12 + [1])
    many = replace(many, animals=tuple(f"s{number:02d}" for number in range(13)))
    one = network(many, [*"ABCDEFGHIJKL", "M"], held)
    assert len(one.found) == 66
    (line,) = [line for line in one.details() if line[0].startswith("A, B")]
    assert line[0].endswith("J …") and "66 pairs of these 12 seizures" in line[1]
    assert "same individual: 66" in line[1] and len(one.pair_rows()) == 66
    assert len(one.details()) < 15
    two = network(genotypes.take([0, 63, 1]), ["A", "B", "C"], held)
    assert two.details()[1][0] == "A – B" and "log10 LR" in two.details()[1][1]


def test_samples_more_in_one_seizure_join_nothing(found):
    (member,) = [one for one in found.members if "s005" in one.samples]
    assert member.samples == ("s005", "s066", "s067") and member.seizures == ("B",)
    assert all(
        member.number not in (pair.first, pair.second)
        for one in found.links
        for pair in one.pairs
        if pair.kind == "match"
    )


def test_parent_and_sibs_join_their_seizures(found):
    parents = [
        (one.first, one.second, pair)
        for one in found.links
        for pair in one.pairs
        if pair.kind == "parent" and {"s000", "s060"} <= {*pair.first_samples, *pair.second_samples}
    ]
    # The parent is in A and in B, the young in C.
    assert [(a, b) for a, b, _pair in parents] in ([("A", "C")], [("A", "C"), ("B", "C")])
    sibs = link(found, "C", "D")
    (pair,) = [
        one for one in sibs.pairs if {"s061", "s062"} <= {*one.first_samples, *one.second_samples}
    ]
    assert pair.kind == "full_sibs" and pair.best == pair.log10["full_sibs"]


def test_kin_of_an_animal_that_is_in_both_seizures_adds_nothing(held):
    animals = profiles(held, [None] * 2 + [(0, 1)], seed=4)
    rows, seizures = [0, 0, 2], ["A", "B", "B"]
    genotypes = seen(held, animals[rows], ["p1", "p2", "young"], seed=1)
    (one,) = network(genotypes, seizures, held).links
    assert [pair.kind for pair in one.pairs] == ["match"]


def test_every_count_stands_beside_what_chance_makes(found):
    assert found.seizure_pairs == 6 and found.tests == 6 * len(DEFAULT_KINDS) * 2
    sizes = {seizure.name: seizure.individuals for seizure in found.seizures}
    for one in found.links:
        assert one.compared == sizes[one.first] * sizes[one.second]
        assert set(one.evidence) == set(DEFAULT_KINDS)
        for kind, evidence in one.evidence.items():
            held_ = [pair for pair in one.pairs if pair.kind == kind]
            assert evidence.pairs == len(held_)
            # The tail of a Poisson distribution, summed by hand.
            below = sum(
                math.exp(-evidence.expected) * evidence.expected**n / math.factorial(n)
                for n in range(evidence.pairs)
            )
            assert evidence.p == pytest.approx(1 - below, rel=1e-6, abs=1e-12)
            if held_:
                assert 0 < evidence.expected_best <= evidence.expected * (1 + 1e-9)
                assert evidence.p_best == pytest.approx(-math.expm1(-evidence.expected_best))
        least = min(min(one_.p, one_.p_best) for one_ in one.evidence.values())
        assert one.p == least and one.p_corrected == pytest.approx(min(1, least * found.tests))
    total = sum(one.compared for one in found.links)
    assert found.compared >= total


@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32 - 1))
def test_the_order_of_samples_makes_no_difference(family, found, held, seed):
    genotypes, seizures = family
    order = np.random.default_rng(seed).permutation(len(seizures))
    again = network(genotypes.take(order), [seizures[row] for row in order], held)
    one, other = found.to_dict(), again.to_dict()
    one.pop("provenance"), other.pop("provenance")
    assert one == other


def test_other_names_of_seizures_change_names_only(family, found, held):
    """The names turn the order of seizures round: first and second swap, nothing else does."""
    genotypes, seizures = family
    turned = dict(zip("ABCD", "ZYXW"))
    again = network(genotypes, [turned[name] for name in seizures], held)
    back = {name: old for old, name in turned.items()}

    def plain(links, name_of):
        return {
            frozenset((name_of(one.first), name_of(one.second))): sorted(
                (pair.kind, *sorted((pair.first, pair.second)), round(pair.best, 9))
                for pair in one.pairs
            )
            for one in links
        }

    assert plain(found.links, str) == plain(again.links, back.get)


def typed(held, codes, random, *, dropout, missing):
    """Return what a laboratory types of allele codes, shape (n, L, 2), as `seen` does, but fast."""
    codes = codes.astype(np.int16)
    side = random.integers(2, size=(*codes.shape[:2], 1))
    lost = random.random(codes.shape[:2]) < dropout
    codes = np.where(lost[..., None], np.take_along_axis(codes, side, 2), codes)
    codes.sort(axis=2)
    codes[random.random(codes.shape[:2]) < missing] = -1
    names = tuple(f"a{number:04d}" for number in range(len(codes)))
    return Genotypes(names, held.loci, held.alleles, codes)


@pytest.mark.slow
def test_unrelated_seizures_are_joined_as_often_as_expected(held):
    """Simulated: 4 sets of 600 unrelated animals in 10 seizures, at a low limit."""
    pairs, expected = Counter(), Counter()
    false, random = 0, np.random.default_rng(1)
    for _run in range(4):
        animals = np.stack([random.choice(len(p), (600, 2), p=p) for p in held.values], axis=1)
        genotypes = typed(held, animals, random, dropout=0.02, missing=0.05)
        seizures = [f"S{number}" for number in random.integers(10, size=600)]
        one = network(
            genotypes, seizures, held, draws=DRAWS, limit=1.0, errors=LaboratoryErrors(0.02, 1e-4)
        )
        pairs.update(one.pairs)
        expected.update(one.expected)
        false += len(one.found)
        assert one.pairs["match"] == 0 and one.expected["match"] < 1e-6
    for kind in ("parent", "full_sibs"):
        assert pairs[kind] > 200
        # Pairs share animals: the scatter is more than that of as many independent pairs.
        assert pairs[kind] == pytest.approx(expected[kind], rel=4 / pairs[kind] ** 0.5 + 0.05)
    # Four networks at 5 % each: three or more would come up in 1 of 2,000 runs.
    assert false <= 2


def test_true_links_are_found_as_often_as_stated(held):
    """Simulated: 150 parents in A, one young of each in B, and a full sib of that one in C."""
    random = np.random.default_rng(5)
    parents = np.stack([random.choice(len(p), (300, 2), p=p) for p in held.values], axis=1)
    young = np.empty((2, 150, len(held.loci), 2), dtype=np.int64)
    for litter in young:
        for side in range(2):
            drawn = random.integers(2, size=(150, len(held.loci), 1))
            litter[..., side] = np.take_along_axis(parents[side::2], drawn, 2)[..., 0]
    everything = np.concatenate([parents[::2], *young])
    genotypes = typed(held, everything, random, dropout=0.02, missing=0.03)
    seizures = [name for name in "ABC" for _animal in range(150)]
    one = network(genotypes, seizures, held, draws=DRAWS)
    number = {member.samples[0]: member.number for member in one.members}
    stated = {
        frozenset((pair.first, pair.second)): pair.kind
        for link_ in one.links
        for pair in link_.pairs
    }
    for truth, first, second in (("parent", 0, 150), ("full_sibs", 150, 300)):
        kinds = Counter(
            stated.get(frozenset(number[f"a{row + place:04d}"] for row in (first, second)))
            for place in range(150)
        )
        for kind in ("parent", "full_sibs"):
            share = one.rates[truth][kind]
            # Four standard deviations of 150 pairs.
            assert kinds[kind] / 150 == pytest.approx(
                share, abs=4 * (share * (1 - share) / 150) ** 0.5
            )
    assert {(link_.first, link_.second) for link_ in one.found} == {
        ("A", "B"),
        ("A", "C"),
        ("B", "C"),
    }
    assert one.pairs["match"] == 0


def test_a_sample_without_its_locus_is_compared_by_the_others(held):
    animals = profiles(held, [None] * 30 + [(0, 1)], seed=9)
    names = [f"a{n:02d}" for n in range(31)]
    genotypes = seen(held, animals, names, missing=0.35, seed=2)
    seizures = ["A", *["B"] * 30]
    one = network(genotypes, seizures, held, limit=0.5)
    assert one.compared <= 30
    assert all(pair.loci >= 5 for link_ in one.links for pair in link_.pairs)


def test_a_locus_of_the_reference_that_no_sample_has_says_nothing(family, held):
    genotypes, seizures = family
    frame = genotypes.to_frame().drop(columns=genotypes.loci[-1])
    fewer = read_genotypes(frame)
    # The same samples with that locus, at which none was typed.
    codes = genotypes.codes.copy()
    codes[:, -1] = MISSING
    blank = replace(genotypes, codes=codes)
    one, other = (network(of, seizures, held).to_dict() for of in (fewer, blank))
    assert one["links"] and one["links"] == other["links"]


def test_where_the_file_names_its_seizures_stands_among_the_parameters(family, held):
    genotypes, seizures = family[0].take(range(4)), family[1][:4]
    frame = genotypes.to_frame()
    frame.insert(1, "batch", seizures)
    for options, named in (({"population": "batch"}, "populations"),
                           ({"fields": ["batch"]}, "field:batch")):  # fmt: skip
        read = read_genotypes(frame, **options)
        asked = network(read, seizures, held, draws=50).provenance.parameters
        assert asked["seizures"] == named and seizures_of(read, named) == seizures
    plain = network(genotypes, seizures, held, draws=50)
    assert plain.provenance.parameters["seizures"] is None


def test_a_sample_with_too_few_loci_is_named(held):
    animals = profiles(held, [None] * 4, seed=1)
    codes = seen(held, animals, ["a", "b", "c", "d"], seed=1)
    codes.codes[3, 4:] = -1
    one = network(codes, ["A", "B", "A", "B"], held)
    assert one.too_few_loci == ("d",) and one.compared == 2
    assert "d" in dict(one.lines())["Not compared"]


def test_relationships_that_are_not_asked_for_join_nothing(family, held):
    one = network(*family, held, kinds=["parent"])
    assert {pair.kind for link_ in one.links for pair in link_.pairs} == {"parent"}
    assert one.tests == 6 * 2 and list(one.pairs) == ["parent"]
    assert dict(one.lines())["Result"]


def test_a_higher_limit_keeps_fewer_links_and_expects_fewer(family, found, held):
    high = network(*family, held, limit=LIMIT + 4)
    assert sum(high.expected.values()) < sum(found.expected.values())
    kept = {(one.first, one.second) for one in high.links}
    assert kept <= {(one.first, one.second) for one in found.links}
    assert all(pair.best >= LIMIT + 4 for one in high.links for pair in one.pairs)


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [({"kinds": ["cousin"]}, UsageError, "cousin"), ({"kinds": []}, UsageError, "No kind of link"),
     ({"seizures": ["A"] * 3}, UsageError, "1 seizures"),
     ({"limit": math.nan}, UsageError, "limit"),
     ({"seizures": ["A", " ", "B"]}, InputError, "s1")],
)  # fmt: skip
def test_what_cannot_be_joined_is_refused(held, change, error, text):
    genotypes = seen(held, profiles(held, [None] * 3), ["s0", "s1", "s2"])
    seizures = change.pop("seizures", ["A", "B", "C"])
    with pytest.raises(error, match=text):
        network(genotypes, seizures, held, **change)


def test_too_few_loci_are_refused():
    few = frequencies(loci=4)
    with pytest.raises(InputError, match="4 loci"):
        network(seen(few, profiles(few, [None] * 2), ["a", "b"]), ["A", "B"], few)


def test_one_sample_pooled_is_that_sample(held):
    animals = profiles(held, [None] * 6 + [(0, 1)], seed=3)
    codes = held.genotypes_of(seen(held, animals, [f"a{n}" for n in range(7)], missing=0.1, seed=2))
    pool = pooled(held, codes, [[row] for row in range(7)], errors=RATES)
    assert ((pool.codes < 0) == (codes < 0)).all()
    for name in ("same", "parent", "full_sibs"):
        plain = ratio_tables(held, RELATIONSHIPS[name], theta=0.02, mutation=0.001, errors=RATES)
        tables = pool.ratio_tables(RELATIONSHIPS[name], theta=0.02, mutation=0.001)
        for locus in range(len(held.loci)):
            typed = np.flatnonzero(codes[:, locus] >= 0)
            pooled_, single = pool.codes[typed, locus], codes[typed, locus]
            assert np.allclose(
                tables[locus][np.ix_(pooled_, pooled_)], plain[locus][np.ix_(single, single)]
            )


def test_more_samples_of_a_parent_tell_more(held):
    """Simulated: dropout of 0.3; the parent typed once, and five times."""
    animals = profiles(held, [None] * 2 + [(0, 1)], seed=8)
    rates = LaboratoryErrors(dropout=0.3, mistyping=0.001)
    genotypes = seen(held, animals[[0] * 5 + [2]], [f"a{n}" for n in range(6)], dropout=0.3, seed=5)
    codes = held.genotypes_of(genotypes)
    pool = pooled(held, codes, [[0], [1], [0, 1, 2, 3, 4], [5]], errors=rates)
    tables = pool.ratio_tables(RELATIONSHIPS["parent"])
    once, again, often = (
        sum(table[pool.codes[row, n], pool.codes[3, n]] for n, table in enumerate(tables))
        for row in range(3)
    )
    assert often > max(once, again)


def test_groups_are_those_of_comparing_everything_with_everything(held):
    """Poor samples: a chain of likely pairs leaves out nothing that the whole would join."""
    animals = profiles(held, [None] * 12 + [(0, 1)] * 3, seed=3)
    rows = [row for row in range(15) for _copy in range(4)]
    names = [f"{row:02d}-{copy}" for copy, row in enumerate(rows)]
    samples = seen(held, animals[rows], names, dropout=0.4, missing=0.4, seed=5)
    rates = LaboratoryErrors(0.4, 0.01)
    found = group_samples(samples, held, theta=0.0, errors=rates)
    # No chain is cut where every pair is near.
    from forensics.individual import matching

    kept, matching._SLACK = matching._SLACK, 1e6
    try:
        whole = group_samples(samples, held, theta=0.0, errors=rates)
    finally:
        matching._SLACK = kept
    assert [one.samples for one in found] == [one.samples for one in whole]
    assert 15 <= len(found) < 60


@pytest.fixture(scope="module")
def hostile(held):
    animals = profiles(held, [None] * 10, seed=2)
    rows = [*range(10), 0, 1]
    seizures = [HOSTILE[row % 5] for row in range(10)] + [HOSTILE[1], HOSTILE[2]]
    names = [f"=cmd|'/c x'!{n}" if n < 5 else f"é<b>&\x07{n}" for n in range(12)]
    return network(seen(held, animals[rows], names, seed=1), seizures, held)


def test_graphml_is_read_back_by_networkx(hostile, tmp_path):
    networkx = pytest.importorskip("networkx", reason="the extra network is not installed")
    path = tmp_path / "x.graphml"
    save_network(hostile, path)
    graph = networkx.read_graphml(path)
    assert len(graph) == len(hostile.seizures) and graph.number_of_edges() == len(hostile.links)
    assert set(HOSTILE[:3]) <= set(graph)
    assert "a\ufffd\ufffd[2Jb" in graph
    for one in hostile.links:
        names = [re.sub("[\x00\x1b]", "\ufffd", name) for name in (one.first, one.second)]
        held = graph.edges[names]
        assert held["match_pairs"] == one.evidence["match"].pairs
        assert held["p_corrected"] == pytest.approx(one.p_corrected, rel=1e-3)
        assert held["beyond_chance"] is one.beyond_chance
    for seizure in hostile.seizures[:3]:
        if seizure.name in graph:
            assert graph.nodes[seizure.name]["individuals"] == seizure.individuals


def test_names_that_xml_makes_one_stay_two_nodes(held):
    pytest.importorskip("networkx", reason="the extra network is not installed")
    animals = profiles(held, [None] * 2, seed=1)
    genotypes = seen(held, animals[[0, 1, 0]], ["a", "b", "c"])
    graph = graph_of(network(genotypes, ["x\x01", "x\x02", "x\x02"], held))
    assert set(graph) == {"x\ufffd", "x\ufffd (2)"}


def test_no_cell_of_the_table_is_a_formula(hostile):
    rows = list(csv.DictReader(io.StringIO(pairs_csv(hostile).decode())))
    assert len(rows) == sum(len(one.pairs) for one in hostile.links) >= 2
    for row in rows:
        for name in ("first_seizure", "second_seizure", "first_samples", "second_samples"):
            assert not row[name].startswith(("=", "+", "@"))


def test_a_network_without_links_is_a_table_with_a_header(held):
    genotypes = seen(held, profiles(held, [None] * 2), ["a", "b"])
    one = network(genotypes, ["A", "B"], held)
    assert one.links == () and pairs_csv(one).startswith(b"first_seizure,second_seizure,")
    assert one.headline().startswith("0 of 1 ")


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_the_picture_is_the_same_every_time(hostile, tmp_path, kind):
    pytest.importorskip("matplotlib", reason="the extra plot is not installed")
    one, two = tmp_path / f"1.{kind}", tmp_path / f"2.{kind}"
    save_network(hostile, one)
    save_network(hostile, two)
    assert one.read_bytes() == two.read_bytes()
    assert one.read_bytes()[:5] == {"png": b"\x89PNG\r", "svg": b"<?xml"}[kind]
    with pytest.raises(UsageError, match="exists"):
        save_network(hostile, one)


def test_json_is_plain_and_complete(hostile):
    held = json.loads(hostile.to_json())
    assert [one["name"] for one in held["seizures"]] == sorted(HOSTILE)
    assert held["chance"]["tests"] == hostile.tests
    assert held["provenance"]["parameters"]["limit"] == LIMIT
    assert hostile.to_frame().shape[0] == len(hostile.links)
    assert "<table>" in hostile._repr_html_() and "<b>" not in hostile._repr_html_()


def test_of_pooled_populations_nothing_is_stated():
    """Simulated: two seizures of each of four populations, whose frequencies are pooled."""
    parts = [frequencies(loci=40, alleles=2, seed=seed) for seed in range(4)]
    animals = np.concatenate([profiles(one, [None] * 30, seed=n) for n, one in enumerate(parts)])
    genotypes = seen(parts[0], animals, [f"a{n:03d}" for n in range(120)])
    pooled_ = frequencies_of(genotypes)
    one = network(genotypes, [f"S{n // 30}{n % 2}" for n in range(120)], pooled_)
    assert [notice.code for notice in one.notices] == ["NO_FIT", "FEW_HETEROZYGOTES"]
    assert one.lines()[1][0] == "Warning" and one.to_dict()["warnings"] == [
        notice.to_dict() for notice in one.notices
    ]
    assert not one.is_stated and one.headline().startswith("no network")


def test_a_reference_of_another_population_joins_nothing(held, tmp_path):
    """Simulated: half of the animals are of a population that the reference lacks."""
    home, other = drifted(held, 0.15, seed=1), drifted(held, 0.15, seed=2)
    animals = np.concatenate([profiles(home, [None] * 60), profiles(other, [None] * 60, seed=8)])
    genotypes = seen(held, animals, [f"a{n:03d}" for n in range(120)])
    range_ = seen(held, profiles(home, [None] * 80, seed=9), [f"r{n:02d}" for n in range(80)])
    counted = frequencies_of(range_, also=[genotypes])
    seizures = [f"S{n % 6}" for n in range(120)]
    one = network(genotypes, seizures, counted, theta=0.03)
    assert not one.is_stated and one.links == () and one.members == () and one.found == ()
    stored = one.to_dict()
    assert stored["fit"]["passed"] is False and stored["differentiation"]["fst"] > 0.03
    assert stored["links"] == [] and stored["chance"]["theta"] is None
    assert "linked beyond chance:" not in one.explanation()
    with pytest.raises(InputError, match="no network"):
        save_network(one, tmp_path / "network.csv")
    assert not (tmp_path / "network.csv").exists()
    save_network(one, tmp_path / "network.json")  # which says that there is none
    assert json.loads((tmp_path / "network.json").read_text("utf-8"))["fit"]["passed"] is False


def test_what_chance_makes_is_that_of_the_animals_and_not_of_the_stated_theta(held, monkeypatch):
    """Simulated: 600 unrelated animals of the reference, whose theta is 0 and not the stated 0.03."""
    random = np.random.default_rng(2)
    drawn = np.stack([random.choice(len(p), (700, 2), p=p) for p in held.values], axis=1)
    everything = typed(held, drawn, random, dropout=0.02, missing=0.03)
    samples, range_ = everything.take(range(600)), everything.take(range(600, 700))
    counted = frequencies_of(range_, also=[samples])
    seizures = [f"S{n % 20:02d}" for n in range(600)]
    options = {"draws": DRAWS, "theta": 0.03, "limit": 1.5, "errors": LaboratoryErrors(0.02, 1e-4)}
    one = network(samples, seizures, counted, **options)
    simulate = network_module.simulate_link_rates
    monkeypatch.setattr(
        network_module,
        "simulate_link_rates",
        lambda *given, truth, **more: simulate(*given, **more),  # with the stated theta
    )
    stated = network(samples, seizures, counted, **options)
    assert one.is_stated and one.theta < 0.005
    for kind in ("parent", "full_sibs"):
        assert one.pairs[kind] == stated.pairs[kind] > 20
        assert one.expected[kind] == pytest.approx(one.pairs[kind], rel=0.35)
        assert stated.expected[kind] > 2 * stated.pairs[kind]


@pytest.mark.slow
def test_five_thousand_profiles_are_compared_ten_times_as_fast_as_naively(held):
    """A naive NumPy version did 27,000 pairs a second for three relationships."""
    random = np.random.default_rng(3)
    animals = np.stack([random.choice(len(p), (5000, 2), p=p) for p in held.values], axis=1)
    genotypes = typed(held, animals, random, dropout=0.02, missing=0.03)
    seizures = [f"S{number}" for number in random.integers(50, size=5000)]
    start = time.process_time()
    one = network(genotypes, seizures, held)
    assert one.compared > 12_000_000
    assert 5000 * 4999 / 2 / (time.process_time() - start) > 270_000
