import importlib.util
import sys

import pytest

from forensics.barcode.calling import trees
from forensics.barcode.calling.trees import Node, QueryTree, check_tree_file, save_tree
from forensics.errors import ForensicsError, UsageError

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
