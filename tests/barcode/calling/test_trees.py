import importlib.util
import io
import random
import sys

import pytest
from Bio import Phylo
from simulation import SPECIES, ancestors, mutate, query, random_sequence

from forensics.barcode.calling import trees
from forensics.barcode.calling.trees import Node, QueryTree, check_tree_file, save_tree
from forensics.barcode.reference.library import open_library
from forensics.barcode.reference.records import ReferenceRecord
from forensics.barcode.reference.writing import write_library
from forensics.errors import ForensicsError, UsageError
from forensics.examination import identify


def grown(library, sequence=None, name="exhibit"):
    (result,) = identify(f">{name}\n{sequence or query()}\n", library=library, tree=True)
    return result.tree


def library_of(path, *pairs):
    records = [
        (ReferenceRecord.named(f"SIM{n}", name, locus="COI"), sequence)
        for n, (name, sequence) in enumerate(pairs)
    ]
    write_library(path, records, name="x", calibrated=False)
    return open_library(path)


@pytest.fixture(scope="module")
def tree(library):
    return grown(library)


def test_query_nearest_and_others_are_tips(tree):
    tips = {tip.label: tip.role for tip in tree.root.tips()}
    assert tips["QUERY exhibit"] == "query"
    assert tips[f"SIMCOI00 {SPECIES[0]}"] == "nearest"
    assert list(tips.values()).count("nearest") == 3
    assert "" in tips.values(), "the nearest other species was not added"


def test_distances_on_the_tree_are_those_of_the_search(tmp_path):
    rng = random.Random(3)
    base = ancestors("COI")[SPECIES[0]]
    sister = mutate(rng, base, substitutions=20)
    library = library_of(tmp_path / "x", (SPECIES[0], base), (SPECIES[1], sister))
    found = Phylo.read(io.StringIO(grown(library, base).newick()), "newick")
    names = {tip.name.split()[-1]: tip for tip in found.get_terminals()}
    (best,) = identify(sister, library=library)
    expected = best.candidates[1].mismatches / 658
    assert found.distance(names["exhibit"], names["albus"]) == pytest.approx(0, abs=1e-6)
    assert found.distance(names["exhibit"], names["niger"]) == pytest.approx(expected, abs=1e-5)


def test_newick_is_read_by_others_whatever_the_names_hold():
    root = Node(
        0.0,
        children=(Node(0.1, "it's (a): name,;"), Node(0.2, "plain"), Node(0.0, "QUERY x")),
    )
    text = QueryTree("x", root, 0).newick()
    assert text == "('it''s (a): name,;':0.100000,plain:0.200000,'QUERY x':0.000000):0.000000;\n"
    assert Phylo.read(io.StringIO(text), "newick").count_terminals() == 3


def test_no_species_crowds_out_the_others(tmp_path, monkeypatch):
    rng = random.Random(4)
    base = ancestors("COI")[SPECIES[0]]
    sister = mutate(rng, base, substitutions=20)
    many = [(SPECIES[0], mutate(rng, base, substitutions=3)) for _ in range(12)]
    found = grown(library_of(tmp_path / "x", *many, (SPECIES[1], sister)), base)
    tips = list(found.root.tips())
    assert len(tips) == 1 + trees.TIPS_OF_SPECIES + 1
    assert found.left_out == 12 - trees.TIPS_OF_SPECIES
    assert "6 near haplotypes are not shown" in found.caption()
    monkeypatch.setattr(trees, "MAXIMUM_TIPS", 3)
    assert len(list(grown(open_library(tmp_path / "x"), base).root.tips())) == 4


def test_a_record_that_does_not_overlap_is_left_out(tmp_path):
    base = ancestors("COI")[SPECIES[0]]
    library = library_of(
        tmp_path / "x", ("Fictus a", base), ("Fictus b", base[:425]), ("Fictus c", base[290:])
    )
    # The query lies in all three, but the two pieces hardly overlap each other.
    found = grown(library, base[300:420])
    assert sorted(tip.label.split()[-1] for tip in found.root.tips()) == ["a", "c", "exhibit"]
    assert found.left_out == 1


def test_fewer_than_two_records_are_no_tree(tmp_path):
    base = ancestors("COI")[SPECIES[0]]
    alone = library_of(tmp_path / "one", (SPECIES[0], base))
    assert grown(alone) is None
    far = library_of(
        tmp_path / "two", (SPECIES[0], base), ("Nullus a", random_sequence(random.Random(5), 658))
    )
    assert grown(far) is None


def test_equal_sequences_of_two_species_are_two_tips(tmp_path):
    base = ancestors("COI")[SPECIES[0]]
    library = library_of(tmp_path / "x", (SPECIES[0], base), (SPECIES[1], base))
    tips = list(grown(library, base).root.tips())
    assert len(tips) == 3 and all(tip.length == 0 for tip in tips)


def test_two_runs_give_the_same_tree(library, tree):
    assert grown(library).newick() == tree.newick()


TREE = QueryTree(
    "exhibit",
    Node(
        0.0,
        children=(
            Node(0.03, "A1 Fictus $niger$ <b>"),
            Node(
                0.01, children=(Node(0.0, "QUERY exhibit", "query"), Node(0.002, "A2", "nearest"))
            ),
        ),
    ),
    2,
)


def test_newick_needs_no_extra(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    save_tree(TREE, tmp_path / "x.nwk")
    assert (tmp_path / "x.nwk").read_text() == TREE.newick()


@pytest.mark.parametrize("suffix", trees.DRAWN)
def test_drawing_without_matplotlib_names_the_extra(tmp_path, monkeypatch, suffix):
    for name in ("matplotlib", *(one for one in sys.modules if one.startswith("matplotlib."))):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ForensicsError, match=r"(?s)needs the extra plot.*\.nwk"):
        save_tree(TREE, tmp_path / f"x{suffix}")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["x", "x.pdf", "x.svg.txt"])
def test_other_names_are_refused(name):
    with pytest.raises(UsageError, match=".svg, .png, .nwk"):
        check_tree_file(name)


@pytest.mark.parametrize("suffix, first", [(".svg", b"<?xml"), (".PNG", b"\x89PNG")])
def test_the_same_tree_is_drawn_to_the_same_bytes(tmp_path, suffix, first):
    pytest.importorskip("matplotlib", reason="the extra plot draws")
    for name in ("a", "b"):
        save_tree(TREE, tmp_path / f"{name}{suffix}")
    drawn = (tmp_path / f"a{suffix}").read_bytes()
    assert drawn.startswith(first)
    assert drawn == (tmp_path / f"b{suffix}").read_bytes()
