"""A neighbour-joining tree of a query and its nearest records, and its picture.

A neighbour-joining tree of a query and its nearest records.

Neighbour joining (Saitou & Nei 1987, doi:10.1093/oxfordjournals.molbev.a040454) by Biopython
on the p-distances of `forensics.barcode.matching.search`. It illustrates a call and takes no part
in it: it has no support values, and a query has a nearest neighbour in every tree.

Pictures of this package; matplotlib, from the extra ``plot``, is loaded when one is drawn.
"""

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forensics.barcode.calling.diagnostics import species_number
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import Candidate, Hit, exhaustive_search, search
from forensics.drawing import require_matplotlib
from forensics.errors import UsageError
from forensics.messages import _, ngettext

# So many records can be read on a page, and no species may crowd out the others.
MAXIMUM_TIPS = 40
TIPS_OF_SPECIES = 6
# How far another species is looked for where the query's neighbourhood has only one: the
# usual distance of genera (Hebert et al. 2003, doi:10.1098/rsbl.2003.0025, under 20 % in
# most classes) and some more.
_OUTGROUP = 0.75
# Sequences with less in common than this are no homologues; random ones share about half
# of their bases when gaps are free to fall.
_MIN_IDENTITY = 0.6


@dataclass(frozen=True)
class Node:
    """A node of a tree.

    Attributes
    ----------
    length : float
        p-distance to the node above.
    label : str
        Of a tip; empty inside.
    role : str
        ``query``, ``nearest`` (the called or nearest species) or empty.
    children : tuple of Node
    """

    length: float
    label: str = ""
    role: str = ""
    children: tuple["Node", ...] = ()

    def tips(self) -> Iterator["Node"]:
        """Yield the tips from top to bottom."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.tips()

    def newick(self) -> str:
        """Return the subtree as Newick, without the closing semicolon."""
        inside = f"({','.join(c.newick() for c in self.children)})" if self.children else ""
        return f"{inside}{_quoted(self.label)}:{self.length:.6f}"


@dataclass(frozen=True)
class QueryTree:
    """A tree with a query.

    Attributes
    ----------
    query : str
        Name of the query.
    root : Node
        In the middle of the longest path; neighbour joining itself knows no root.
    left_out : int
        Near records that are not in it: beyond `TIPS_OF_SPECIES` or `MAXIMUM_TIPS`, or
        without enough overlap with the others.
    """

    query: str
    root: Node
    left_out: int

    def newick(self) -> str:
        """Return the tree in Newick format."""
        return self.root.newick() + ";\n"

    def plot(self, axes: Any = None) -> Any:
        """Draw the tree.

        Parameters
        ----------
        axes : matplotlib.axes.Axes, optional
            Default: those of a new figure.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        ForensicsError
            If matplotlib is not installed.
        """
        from forensics.drawing import open_axes

        axes = open_axes(axes, rows=len(list(self.root.tips())))
        draw_tree(axes, self)
        return axes

    def caption(self) -> str:
        """Return what a reader must know of the tree."""
        text = _(
            "Neighbour joining on p-distances, root in the middle, no support values; the tree "
            "illustrates the call and takes no part in it."
        )
        if self.left_out:
            text += " " + ngettext(
                "{number} near haplotype is not shown.",
                "{number} near haplotypes are not shown.",
                self.left_out,
            ).format(number=self.left_out)
        return text


def grow_tree(
    name: str,
    query: str,
    index: Index,
    hits: Sequence[Hit],
    subject: Candidate,
) -> QueryTree | None:
    """Join a query and its nearest records.

    Parameters
    ----------
    name : str
        Name of the query.
    query : str
        The clean questioned sequence.
    index : Index
        Locus of the hits.
    hits : sequence of Hit
        Of a search for the query, best first.
    subject : Candidate
        The called or nearest species, whose tips are marked.

    Returns
    -------
    QueryTree or None
        None where fewer than two records can be compared.
    """
    near = [(hit.haplotype, number) for hit in hits for number in index.species(hit.haplotype)]
    own = species_number(index, subject)
    if {number for _haplotype, number in near} == {own}:
        beyond = search(index, query, floor=_OUTGROUP, margin=0, exclude_species=own).hits
        near += [
            (hit.haplotype, number)
            for hit in beyond
            for number in index.species(hit.haplotype)
            if number != own
        ]
    chosen: list[tuple[int, int]] = []
    of_species: dict[int, int] = {}
    for haplotype, number in near:
        if of_species.get(number, 0) < TIPS_OF_SPECIES and len(chosen) < MAXIMUM_TIPS:
            chosen.append((haplotype, number))
            of_species[number] = of_species.get(number, 0) + 1
    # Shorter ones are placed in longer ones, and haplotypes are numbered by length.
    distances = _distances(index, query, sorted({haplotype for haplotype, _number in chosen}))
    haplotypes = {-1, *(haplotype for pair in distances for haplotype in pair)}
    tips = [(-1, -1), *(tip for tip in chosen if tip[0] in haplotypes)]
    if len(tips) < 3:
        return None
    labels = [_("QUERY {name}").format(name=name), *(_label(index, *tip) for tip in tips[1:])]
    roles = ["query", *("nearest" if number == own else "" for _haplotype, number in tips[1:])]
    lower = [
        [distances.get((min(a, b), max(a, b)), 0.0) for b, _species in tips[: place + 1]]
        for place, (a, _species) in enumerate(tips)
    ]
    return QueryTree(name, _joined(lower, labels, roles), len(near) + 1 - len(tips))


def _distances(index: Index, query: str, haplotypes: list[int]) -> dict[tuple[int, int], float]:
    """Return the p-distances of all pairs; the query is number -1.

    Haplotypes that cannot be compared with all others are left out, worst first.
    """
    distances = {}
    for place, haplotype in enumerate([-1, *haplotypes]):
        sequence = query if haplotype < 0 else index.sequence(haplotype)
        compared = exhaustive_search(index, sequence, floor=_MIN_IDENTITY, among=haplotypes[place:])
        distances.update({(haplotype, hit.haplotype): 1 - hit.identity for hit in compared.hits})
    kept = [-1, *haplotypes]
    while True:
        missing = {
            haplotype: sum(
                (min(haplotype, b), max(haplotype, b)) not in distances
                for b in kept
                if b != haplotype
            )
            for haplotype in kept
        }
        worst = max(kept[1:], key=lambda haplotype: (missing[haplotype], haplotype), default=None)
        if worst is None or not missing[worst]:
            break
        kept.remove(worst)
    return {pair: value for pair, value in distances.items() if set(pair) <= set(kept)}


def _joined(lower: list[list[float]], labels: list[str], roles: list[str]) -> Node:
    from Bio.Phylo.TreeConstruction import DistanceMatrix, DistanceTreeConstructor

    # Biopython refuses equal names; two queries' or records' labels may be equal.
    numbers = [str(number) for number in range(len(labels))]
    tree = DistanceTreeConstructor().nj(DistanceMatrix(numbers, lower))
    if any(map(any, lower)):
        tree.root_at_midpoint()
    tree.ladderize()

    def node(clade) -> Node:
        # Neighbour joining may give a negative length, which means nothing; it is drawn as 0.
        length = max(0.0, clade.branch_length or 0.0)
        if clade.is_terminal():
            number = int(clade.name)
            return Node(length, labels[number], roles[number])
        return Node(length, children=tuple(map(node, clade.clades)))

    return node(tree.root)


def _label(index: Index, haplotype: int, species: int) -> str:
    """Return accession and species of the first record, and how many more are the same."""
    own = index.positions_at(haplotype, species)
    record = index.record(own[0])
    more = f" +{len(own) - 1}" if len(own) > 1 else ""
    return f"{record.accession} {record.label}{more}"


def _quoted(label: str) -> str:
    """Return a label as Newick has it: quoted where it holds more than letters and digits."""
    if re.fullmatch(r"[\w.-]*", label):
        return label
    return "'" + label.replace("'", "''") + "'"


DRAWN = (".svg", ".png")
TREES = (*DRAWN, ".nwk")

_ROW = 0.22  # inches a tip
_COLOURS = {"query": "#b3261e", "nearest": "#1b5e9b", "": "#222222"}


def check_tree_file(path: Path) -> None:
    """Check, before any work, that a tree can be written to a file of this name.

    Raises
    ------
    UsageError
        If the name ends in none of `TREES`.
    ForensicsError
        If it asks for a drawing and matplotlib is not installed.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in TREES:
        raise UsageError(
            _("A tree is written as {known}; {path} ends in none of them.").format(
                known=", ".join(TREES), path=path
            )
        )
    if suffix in DRAWN:
        require_matplotlib(instead=_("Or give a name that ends in .nwk."))


def save_tree(tree: QueryTree, path: Path) -> None:
    """Write a tree as Newick or draw it, as the name of the file says.

    The same tree gives the same bytes. Raises what `check_tree_file` raises.
    """
    path = Path(path)
    check_tree_file(path)
    if path.suffix.lower() not in DRAWN:
        path.write_text(tree.newick(), encoding="utf-8", newline="\n")
        return
    import matplotlib
    from matplotlib.figure import Figure

    tips = list(tree.root.tips())
    with matplotlib.rc_context({"svg.hashsalt": "forensics", "font.size": 8}):
        figure = Figure(figsize=(8, 1.2 + _ROW * len(tips)), layout="constrained")
        axes = figure.add_subplot()
        draw_tree(axes, tree)
        kind = path.suffix.lower()[1:]
        figure.savefig(path, dpi=150, metadata={"Date": None} if kind == "svg" else {})


def draw_tree(axes: Any, tree: QueryTree) -> None:
    """Draw a tree on axes."""
    count = len(list(tree.root.tips()))
    _height, widest = _place(axes, tree.root, iter(range(count)), 0.0)
    _finish(axes, tree, widest, count)


def _place(axes, node: Node, rows, start: float) -> tuple[float, float]:
    """Draw a subtree; return its height on the page and how far to the right it reaches."""
    end = start + node.length
    if node.children:
        placed = [_place(axes, child, rows, end) for child in node.children]
        heights = [height for height, _reach in placed]
        axes.plot([end, end], [min(heights), max(heights)], color=_COLOURS[""], linewidth=1)
        height, reach = sum(heights) / len(heights), max(reach for _height, reach in placed)
    else:
        height, reach = next(rows), end
        weight = "bold" if node.role == "query" else "normal"
        axes.annotate(
            node.label.replace("$", r"\$"),  # a stranger's name is not a formula
            (end, height),
            xytext=(3, 0),
            textcoords="offset points",
            verticalalignment="center",
            color=_COLOURS[node.role],
            weight=weight,
        )
    axes.plot([start, end], [height, height], color=_COLOURS[node.role], linewidth=1)
    return height, reach


def _finish(axes, tree: QueryTree, widest: float, tips: int) -> None:
    axes.invert_yaxis()
    axes.set_ylim(tips - 0.5, -0.5)
    axes.set_xlim(0, (widest or 0.01) * 1.7)  # room for the labels
    axes.set_yticks([])
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.set_xlabel(_("p-distance from the root"))
    axes.set_title("\n".join(textwrap.wrap(tree.caption(), 110)), loc="left", fontsize=7)
