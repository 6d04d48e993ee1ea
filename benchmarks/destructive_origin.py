"""Wrong samples and wrong references for ``origin``, scored by false statements: kinds of `destructive.py`.

    python benchmarks/destructive_origin.py --only origin-samples             # by set and kind of samples
    python benchmarks/destructive_origin.py --only origin-reference --runs 20 # trains a map a run
    FORENSICS_EVALUATION_DATA=FOLDER python benchmarks/destructive_origin.py  # real sets, too

Each run is a file of samples (20 animals, or 1) and a model, or a reference and 20 right samples. Models do
not hold the samples: half of the animals of each real population, four fifths of each simulated site, are the
reference. SIMULATED: the references "savannah" and "forest" (`simulated_elephants.py`), every cross and every
foreign species but one (blueback herring typed at the loci of alewife).

right               animals of one population, or of several
foreign species     alleles at other places of the ladder, some of them off it
F1                  parents of two populations that are far apart
shifted             every allele one repeat longer than in the reference ("+2 bp")
permuted            at each locus the names of the alleles are exchanged among themselves

swapped             the coordinates of two sites, which are far apart, are exchanged
unsigned            a site west of Greenwich or south of the equator has lost the sign
exchanged           latitude and longitude of one site are exchanged
foreign laboratory  every allele of one site is one repeat longer
another species     70 animals of another species, as a site of their own

A **false statement** is a population, unit, country or region that the truth contradicts. On a map also a place,
where the animal is of no place (foreign species), or a 95 % region without the true place: of one sample,
of more than a fifth of 20 (by chance 0.3 % of right files). Of crosses names alone count.
"""

import functools
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from destructive import ROOT, Outcome, kind, main

sys.path.append(str(ROOT / "benchmarks"))

import simulated_elephants
from cross_simulation import cross

from forensics.errors import ForensicsError
from forensics.genetics.genotypes import Genotypes
from forensics.origin.geography import great_circle
from forensics.origin.models import Model, open_model
from forensics.origin.outlines import countries_of
from forensics.origin.predict import assign_with
from forensics.origin.training import train_genotypes

FOLDER = Path(os.environ.get("FORENSICS_EVALUATION_DATA", ROOT / "../shared/data"))
SIZES = (20, 1)
SIMULATED = simulated_elephants.KINDS
# Simulated references of each kind, in turn; their seeds stand apart from those of `simulated_elephants`.
REFERENCES, FIRST_SEED = 3, 5000
POPULATIONS, MAPS = ("microbov", "alewife", "swallowtails"), ("arapat", "possums", "turtles")
FOREIGN_ANIMALS = 70
# At most this share of the 95 % regions of a file misses the truth by chance alone.
MISSED = 0.2


# -- references and what is left out of them ---------------------------------------------


@functools.lru_cache(maxsize=2 * REFERENCES)
def simulated(name: str, number: int) -> Genotypes:
    """Return a simulated reference with places."""
    drawn = simulated_elephants.simulate(name, FIRST_SEED + number)
    return simulated_elephants.genotypes_of(name, drawn)


@functools.lru_cache
def real(name: str) -> Genotypes:
    """Return a set of the evaluation data."""
    if name in MAPS:
        import places

        from forensics.origin.spatial import sites_of

        found = places.load(name)
        return replace(found, populations=sites_of(found), units=None)
    import genotype_sets

    found = genotype_sets.load(FOLDER, name)
    return found.take([bool(population) for population in found.populations or ()])


def parted(genotypes: Genotypes, share: float, seed: int) -> tuple[Genotypes, Genotypes]:
    """Return the reference, and the animals that are left out of it: some of each population."""
    generator = np.random.default_rng([seed, 7])
    names, out = np.array(genotypes.populations, dtype=object), []
    for population in sorted(set(names)):
        rows = generator.permutation(np.flatnonzero(names == population))
        out += rows[: int(share * len(rows))].tolist()
    inside = ~np.isin(np.arange(len(names)), out)
    return genotypes.take(inside), genotypes.take(~inside)


def trained(reference: Genotypes, *, evaluated: bool = False) -> Model:
    """Train as the command does."""
    folder = Path(tempfile.mkdtemp()) / "model"
    train_genotypes(reference, folder, name="m", version="1", evaluated=evaluated)
    return open_model(folder)


@functools.lru_cache
def case(name: str, number: int) -> tuple[Model, Genotypes, Genotypes]:
    """Return a model, its reference and what was left out."""
    if name in SIMULATED:
        reference, out = parted(simulated(name, number), 0.2, number)
    else:
        reference, out = parted(real(name), 0.5, number)
    return trained(reference), reference, out


def known(name: str, seed: int) -> tuple[Model, Genotypes, Genotypes]:
    """Return the case of a seed; of real sets there is one."""
    return case(name, seed % REFERENCES if name in SIMULATED else 0)


# -- what is wrong with samples ----------------------------------------------------------


def relabelled(animals: Genotypes, change: Callable[[tuple[str, ...]], list[str]]) -> Genotypes:
    """Return animals whose alleles have other names, locus by locus."""
    alleles = []
    for labels in animals.alleles:
        new = change(labels)
        assert len(set(new)) == len(new)
        alleles.append(tuple(new))
    return replace(animals, alleles=tuple(alleles))


def shifted(animals: Genotypes) -> Genotypes:
    """Return animals with every allele one repeat longer: the commonest step of the ladder."""

    def change(labels: tuple[str, ...]) -> list[str]:
        sizes = [int(label) for label in labels]
        steps = np.diff(sorted(sizes))
        step = int(np.bincount(steps).argmax()) if len(steps) else 2
        return [f"{size + step:0{len(label)}d}" for size, label in zip(sizes, labels)]

    return relabelled(animals, change)


def permuted(animals: Genotypes, generator: np.random.Generator) -> Genotypes:
    """Return animals with the names of the alleles of a locus exchanged."""
    return relabelled(animals, lambda labels: list(generator.permutation(labels)))


def foreign(reference: Genotypes, count: int, generator: np.random.Generator) -> Genotypes:
    """Return animals of another species: other frequencies, some alleles that the reference lacks."""
    codes = np.empty((count, len(reference.loci), 2), dtype=np.int16)
    alleles = []
    for locus, labels in enumerate(reference.alleles):
        number = len(labels)
        if all(label.isdigit() for label in labels) and number > 2:
            sizes = [int(label) for label in labels]
            width = max(len(label) for label in labels)
            step = max(1, int(np.bincount(np.diff(sorted(sizes))).argmax()))
            extra = [f"{max(sizes) + step * more:0{width}d}" for more in (1, 2)]
        else:
            extra = []
        alleles.append((*labels, *extra))
        shares = generator.dirichlet(np.full(number + len(extra), 0.5))
        codes[:, locus] = generator.choice(len(shares), (count, 2), p=shares)
    codes.sort(axis=2)
    return Genotypes(
        tuple(f"f{row}" for row in range(count)), reference.loci, tuple(alleles), codes
    )


def far_pair(out: Genotypes, reference: Genotypes, generator: np.random.Generator) -> list[str]:
    """Return two populations that are far apart on the map, or of other units, or any two."""
    names = np.array(out.populations, dtype=object)
    first = generator.choice(sorted(set(names)))
    others = [name for name in sorted(set(names)) if name != first]
    if out.latitudes is not None and out.longitudes is not None:
        rows = [int(np.flatnonzero(names == name)[0]) for name in (first, *others)]
        away = great_circle(
            out.latitudes[rows[0]], out.longitudes[rows[0]],
            out.latitudes[rows[1:]], out.longitudes[rows[1:]],
        )  # fmt: skip
        others = [name for name, km in zip(others, away) if km >= np.median(away)]
    elif out.units is not None:
        unit = dict(zip(names, out.units))
        others = [name for name in others if unit[name] != unit[first]]
    return [first, generator.choice(others)]


def renamed(animals: Genotypes) -> Genotypes:
    """Return animals without what is known of their origin, each with a name of its own."""
    return replace(
        animals, animals=tuple(f"q{row}" for row in range(len(animals))),
        populations=None, units=None, latitudes=None, longitudes=None, fields={},
    )  # fmt: skip


# -- the score ---------------------------------------------------------------------------

CROSS = "cross"


def judged(model: Model, samples: Genotypes, truth: Genotypes | str | None) -> Outcome:
    """Assign samples; `truth` are the animals they are, `CROSS`, or None of another species."""
    try:
        results = assign_with(model, renamed(samples))
    except ForensicsError:
        return Outcome(False, False, True)
    named = [result.origin for result in results]
    shown = [result for result in results if result.surface is not None]
    refused = any(note.code.endswith("NO_FIT") for result in results for note in result.notices)
    stated = any(named) or bool(shown)
    if truth is None:
        return Outcome(stated, stated, refused)
    if isinstance(truth, str):
        return Outcome(stated, any(named), refused)
    false = missed = 0
    for row, result in enumerate(results):
        if result.origin is not None and result.origin not in origins(truth, row):
            false += 1
        if result.surface is not None:
            place = float(truth.latitudes[row]), float(truth.longitudes[row])
            missed += not result.surface.holds(0.95, *place)
    return Outcome(stated, bool(false) or missed > MISSED * len(results), refused)


def origins(truth: Genotypes, row: int) -> set[str]:
    """Return the names that are true of an animal."""
    names = {truth.populations[row]}
    if truth.units is not None:
        names.add(truth.units[row])
    if truth.latitudes is not None and truth.longitudes is not None:
        from forensics.origin.areas import country_regions

        place, _near = countries_of(
            truth.latitudes[row : row + 1], truth.longitudes[row : row + 1], near_km=50.0
        )
        if place[0] >= 0:
            names.add(country_regions().names[int(place[0])])
    return names


def drawn(name: str, seed: int, size: int, *, one: bool) -> tuple[Model, Genotypes, Genotypes]:
    """Return a model, its reference, and animals that were left out: of one population, or of any."""
    model, reference, out = known(name, seed)
    generator = np.random.default_rng([seed, 11, size])
    names = np.array(out.populations, dtype=object)
    rows = np.arange(len(out))
    if one:
        counts = {label: int((names == label).sum()) for label in sorted(set(names))}
        least = min(size, 5)
        chosen = generator.choice([label for label, count in counts.items() if count >= least])
        rows = np.flatnonzero(names == chosen)
    return model, reference, out.take(generator.permutation(rows)[:size])


def _register(name: str, size: int) -> None:
    """Register the kinds of samples of one set."""
    text = f"{name}, {size} animals" if size > 1 else f"{name}, one animal"

    @kind("origin-samples", "origin assign", f"{text}: right, one population", right=True)
    def _right(seed: int) -> Outcome:
        model, _reference, animals = drawn(name, seed, size, one=True)
        return judged(model, animals, animals)

    if size > 1:

        @kind("origin-samples", "origin assign", f"{text}: right, any population", right=True)
        def _any(seed: int) -> Outcome:
            model, _reference, animals = drawn(name, seed, size, one=False)
            return judged(model, animals, animals)

    @kind("origin-samples", "origin assign", f"{text}: foreign species")
    def _foreign(seed: int) -> Outcome:
        model, reference, _out = known(name, seed)
        return judged(model, foreign(reference, size, np.random.default_rng([seed, 12])), None)

    @kind("origin-samples", "origin assign", f"{text}: F1")
    def _crossed(seed: int) -> Outcome:
        model, reference, out = known(name, seed)
        generator = np.random.default_rng([seed, 13])
        parents = far_pair(out, reference, generator)
        names = np.array(out.populations, dtype=object)
        codes = [out.codes[generator.choice(np.flatnonzero(names == p), size)] for p in parents]
        young = replace(
            out.take(np.zeros(size, dtype=int)), codes=np.sort(cross(*codes, generator), axis=2)
        )
        gone = (young.codes < 0).any(axis=2)
        young.codes[gone] = -1
        return judged(model, young, CROSS)

    if name == "alewife":

        @kind("origin-samples", "origin assign", f"{text}: foreign species (blueback herring)")
        def _blueback(seed: int) -> Outcome:
            model, _reference, _out = known(name, seed)
            animals = real("blueback")
            rows = np.random.default_rng([seed, 14]).permutation(len(animals))[:size]
            return judged(model, animals.take(rows), None)

    if name != "turtles":  # SNP have no repeats

        @kind("origin-samples", "origin assign", f"{text}: shifted")
        def _shifted(seed: int) -> Outcome:
            model, _reference, animals = drawn(name, seed, size, one=True)
            return judged(model, shifted(animals), animals)

    @kind("origin-samples", "origin assign", f"{text}: permuted")
    def _permuted(seed: int) -> Outcome:
        model, _reference, animals = drawn(name, seed, size, one=True)
        wrong = permuted(animals, np.random.default_rng([seed, 15]))
        return judged(model, wrong, animals)


for _name in (*SIMULATED, *(POPULATIONS + MAPS if FOLDER.is_dir() else ())):
    for _size in SIZES:
        _register(_name, _size)


# -- what is wrong with a reference ------------------------------------------------------


def _judged_reference(
    name: str, seed: int, spoil: Callable[..., tuple[Genotypes, list[str]]]
) -> Outcome:
    """Train on a spoilt reference, and assign 20 animals of the sites that are wrong, or of any."""
    whole = simulated(name, seed % 50)
    reference, out = parted(whole, 0.2, seed)
    generator = np.random.default_rng([seed, 16])
    wrong, sites = spoil(reference, generator)
    rows = generator.permutation(
        np.flatnonzero([population in sites or not sites for population in out.populations])
    )[:20]
    try:
        model = trained(wrong)
    except ForensicsError:
        return Outcome(False, False, True)
    return judged(model, out.take(rows), out.take(rows))


def centres(reference: Genotypes) -> tuple[list[str], np.ndarray]:
    """Return the sites of eight animals and more, and their places; shape (S, 2)."""
    names = np.array(reference.populations, dtype=object)
    large = [name for name in sorted(set(names)) if (names == name).sum() >= 8]
    rows = [int(np.flatnonzero(names == name)[0]) for name in large]
    return large, np.column_stack([reference.latitudes[rows], reference.longitudes[rows]])


def moved(reference: Genotypes, places: dict[str, tuple[float, float]]) -> Genotypes:
    """Return the reference with some sites at other places."""
    latitudes, longitudes = reference.latitudes.copy(), reference.longitudes.copy()
    for site, (north, east) in places.items():
        here = np.array([population == site for population in reference.populations])
        latitudes[here], longitudes[here] = north, east
    return replace(reference, latitudes=latitudes, longitudes=longitudes)


def _right_reference(reference: Genotypes, _generator) -> tuple[Genotypes, list[str]]:
    return reference, []


def _swapped(reference: Genotypes, generator) -> tuple[Genotypes, list[str]]:
    sites, places = centres(reference)
    first = int(generator.integers(len(sites)))
    away = great_circle(*places[first], *places.T)
    second = int(generator.choice(np.flatnonzero(away >= np.median(away))))
    pair = {sites[first]: tuple(places[second]), sites[second]: tuple(places[first])}
    return moved(reference, pair), list(pair)


def _unsigned(reference: Genotypes, generator) -> tuple[Genotypes, list[str]]:
    sites, places = centres(reference)
    below = np.flatnonzero((places < -2.0).any(axis=1))
    place = int(generator.choice(below))
    return moved(reference, {sites[place]: tuple(np.abs(places[place]))}), [sites[place]]


def _exchanged(reference: Genotypes, generator) -> tuple[Genotypes, list[str]]:
    sites, places = centres(reference)
    apart = np.flatnonzero(np.abs(places[:, 0] - places[:, 1]) > 5.0)
    place = int(generator.choice(apart))
    return moved(reference, {sites[place]: tuple(places[place][::-1])}), [sites[place]]


def _laboratory(reference: Genotypes, generator) -> tuple[Genotypes, list[str]]:
    sites, _places = centres(reference)
    site = str(generator.choice(sites))
    here = np.array([population == site for population in reference.populations])
    return joined(reference.take(~here), shifted(reference.take(here))), [site]


def _species(reference: Genotypes, generator) -> tuple[Genotypes, list[str]]:
    _sites, places = centres(reference)
    north, east = places[generator.integers(len(places))] + generator.uniform(-1, 1, 2)
    animals = replace(
        foreign(reference, FOREIGN_ANIMALS, generator),
        populations=("foreign",) * FOREIGN_ANIMALS,
        latitudes=np.full(FOREIGN_ANIMALS, north), longitudes=np.full(FOREIGN_ANIMALS, east),
    )  # fmt: skip
    return joined(reference, animals), []


def joined(first: Genotypes, second: Genotypes) -> Genotypes:
    """Return the animals of both, with the alleles of both."""
    parts = []
    alleles = []
    for locus in range(len(first.loci)):
        every = sorted({*first.alleles[locus], *second.alleles[locus]})
        alleles.append(tuple(every))
    for part in (first, second):
        codes = part.codes.copy()
        for locus, labels in enumerate(part.alleles):
            table = np.array([alleles[locus].index(label) for label in labels] + [-1])
            codes[:, locus] = table[part.codes[:, locus]]
        low, high = codes.min(axis=2), codes.max(axis=2)
        codes = np.stack([np.where(low < 0, high, low), np.where(low < 0, low, high)], axis=2)
        parts.append(codes.astype(np.int16))
    both = [*(first.populations or ()), *(second.populations or ())]
    return Genotypes(
        tuple(f"r{row}" for row in range(len(both))), first.loci, tuple(alleles),
        np.concatenate(parts), populations=tuple(both),
        latitudes=np.concatenate([first.latitudes, second.latitudes]),
        longitudes=np.concatenate([first.longitudes, second.longitudes]),
    )  # fmt: skip


for _name in SIMULATED:
    for _what, _spoil in (
        ("right", _right_reference),
        ("swapped", _swapped),
        ("unsigned", _unsigned),
        ("exchanged", _exchanged),
        ("foreign laboratory", _laboratory),
        ("another species", _species),
    ):
        kind("origin-reference", "origin train", f"{_name}: {_what}", right=_what == "right")(
            functools.partial(_judged_reference, _name, spoil=_spoil)
        )


if __name__ == "__main__":
    main()
