"""The list of mutants is true to the project, and its changes are those that they say."""

import tomllib

import pytest


@pytest.fixture(scope="module")
def groups(root):
    return tomllib.loads((root / "tests/mutants/modules.toml").read_text("utf-8"))["group"]


def test_modules_and_their_tests_exist_and_no_module_stands_twice(root, groups):
    modules = [module for group in groups for module in group["modules"]]
    assert len(modules) == len(set(modules))
    for path in modules + [path for group in groups for path in group["tests"]]:
        assert (root / path.split("::")[0]).is_file(), path


def test_every_survivor_is_of_a_listed_module_and_has_a_reason(root, groups):
    modules = {module for group in groups for module in group["modules"]}
    lines = (root / "tests/mutants/survivors.txt").read_text("utf-8").splitlines()
    survivors = [number for number, line in enumerate(lines) if "  ->  " in line]
    assert survivors
    for number in survivors:
        assert lines[number].split()[0] in modules
        assert lines[number + 1].startswith("    ") and len(lines[number + 1]) > 20, lines[number]


def test_each_operator_makes_the_change_of_its_examples():
    mutating = pytest.importorskip("cosmic_ray.mutating", reason="make mutants installs it")
    from mutants.operators import OPERATORS

    for name, operator in OPERATORS.items():
        for example in operator.examples():
            mutated = mutating.mutate_code(example.pre_mutation_code, operator, example.occurrence)
            assert mutated == example.post_mutation_code, name
