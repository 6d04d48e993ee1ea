"""What is changed in a module: comparisons, bounds and conditions, one at a time.

Most changes are those of cosmic-ray. Three are added: a condition that never holds (a rule removed),
an operand of ``and`` or ``or`` left out, and numbers where they are bounds.
"""

from collections.abc import Iterator

import cosmic_ray.plugins
import parso
from cosmic_ray.ast import is_number
from cosmic_ray.operators.number_replacer import NumberReplacer
from cosmic_ray.operators.operator import Example, Operator
from parso.python.tree import IfStmt
from parso.tree import NodeOrLeaf

__all__ = ["OPERATORS"]

_COMPARISONS = (
    "Lt_LtE", "LtE_Lt", "Gt_GtE", "GtE_Gt", "Eq_NotEq", "NotEq_Eq", "Is_IsNot", "IsNot_Is",
)  # fmt: skip
Position = tuple[tuple[int, int], tuple[int, int]]


class NeverTrue(Operator):
    """An operator that makes a condition false: the branch under it is never taken."""

    def mutation_positions(self, node: NodeOrLeaf) -> Iterator[Position]:
        """Yield the place of each condition of an ``if`` statement or expression."""
        for place in self._places(node):
            condition = node.children[place]
            yield condition.start_pos, condition.end_pos

    def mutate(self, node: NodeOrLeaf, index: int) -> NodeOrLeaf:
        """Return the node with one of its conditions false."""
        node.children[list(self._places(node))[index]] = parso.parse(" False")
        return node

    @staticmethod
    def _places(node: NodeOrLeaf) -> Iterator[int]:
        if isinstance(node, IfStmt):
            for place, child in enumerate(node.children):
                if child.type == "keyword" and child.value in ("if", "elif"):
                    yield place + 1
        elif node.type == "ternary" or (node.type == "test" and len(node.children) == 5):
            yield 2

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        """Return examples, which a test compares."""
        return (
            Example("if a: b\n", "if False: b\n"),
            Example("if a: b\nelif c: d\n", "if a: b\nelif False: d\n", occurrence=1),
            Example("x = a if b else c\n", "x = a if False else c\n"),
        )


class DropOperand(Operator):
    """An operator that leaves out one operand of ``and`` or ``or``."""

    def mutation_positions(self, node: NodeOrLeaf) -> Iterator[Position]:
        """Yield the place of each operand."""
        if node.type in ("and_test", "or_test"):
            for operand in node.children[::2]:
                yield operand.start_pos, operand.end_pos

    def mutate(self, node: NodeOrLeaf, index: int) -> NodeOrLeaf:
        """Return the node without one of its operands."""
        first = node.get_first_leaf()
        prefix, first.prefix = first.prefix, ""
        operands = [child.get_code().strip() for child in node.children[::2]]
        del operands[index]
        word = f" {node.children[1].value} "
        return parso.parse((prefix or " ") + word.join(operands))

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        """Return examples, which a test compares."""
        return (
            Example("x = a or b\n", "x = b\n"),
            Example("x = a and b and c\n", "x = a and c\n", occurrence=1),
        )


class ReplaceBound(NumberReplacer):
    """An operator that changes a number of a comparison, or of a constant of the module, by 1."""

    def mutation_positions(self, node: NodeOrLeaf) -> Iterator[Position]:
        """Yield the place of each such number, twice."""
        if is_number(node) and self._is_bound(node):
            yield from super().mutation_positions(node)

    @staticmethod
    def _is_bound(node: NodeOrLeaf) -> bool:
        parent = node.parent
        while parent is not None and parent.type not in ("simple_stmt", "suite", "file_input"):
            if parent.type == "comparison":
                return True
            if parent.type == "expr_stmt":
                name = parent.children[0].get_code().strip()
                return name.isupper() and parent.get_first_leaf().start_pos[1] == 0
            parent = parent.parent
        return False

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        """Return examples, which a test compares."""
        return (
            Example("x = y > 1\n", "x = y > 2\n"),
            Example("MOST = 5\n", "MOST = 4\n", occurrence=1),
        )


def _of_library(name: str) -> Operator:
    return cosmic_ray.plugins.get_operator(f"core/{name}")()


OPERATORS: dict[str, Operator] = {
    "never true": NeverTrue(),
    "operand left out": DropOperand(),
    "bound": ReplaceBound(),
    "not left out": _of_library("ReplaceUnaryOperator_Delete_Not"),
    **{
        f"comparison {name}": _of_library(f"ReplaceComparisonOperator_{name}")
        for name in _COMPARISONS
    },
}
