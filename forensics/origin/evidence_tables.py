"""Evidence of samples with what it is compared with: genotypes, haplotypes, isotopes."""

import os
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from forensics.errors import InputError, UsageError
from forensics.genetics.genotypes import Genotypes
from forensics.io.tables import column_key
from forensics.messages import _
from forensics.origin import isotope_models, places
from forensics.origin.baseline import Baseline
from forensics.origin.exclusion import ExclusionFit
from forensics.origin.haplotype_files import read_haplotype_reference, read_sample_haplotypes
from forensics.origin.haplotypes import HaplotypeReference
from forensics.origin.isotope_tables import sample_values
from forensics.origin.isotopes import IsotopeAssignment, IsotopeModel
from forensics.origin.models import Model, open_model
from forensics.origin.predict import SAMPLE_COLUMNS, read_isotope_table
from forensics.origin.spatial import SpatialModel

__all__ = [
    "GenotypeEvidence",
    "HaplotypeEvidence",
    "IsotopeEvidence",
    "list_samples",
    "read_genotype_evidence",
    "read_haplotype_evidence",
    "read_isotope_evidence",
    "sample_key",
]


@dataclass(frozen=True, eq=False)
class GenotypeEvidence:
    """Genotypes of samples, and the model of places that places them.

    Attributes
    ----------
    model : Model
        Of kind ``places``.
    genotypes : Genotypes
    spatial : SpatialModel
    sites : tuple of (Baseline, ExclusionFit)
        The reference sites as populations, with the test whether a sample fits any of them.
    """

    model: Model
    genotypes: Genotypes
    spatial: SpatialModel
    sites: tuple[Baseline, ExclusionFit]

    @property
    def limits(self) -> tuple[str, ...]:
        """What the model cannot know."""
        return tuple(map(str, self.model.card.get("limits", ())))


@dataclass(frozen=True, eq=False)
class HaplotypeEvidence:
    """Haplotypes of samples, and the reference that says where these are common.

    Attributes
    ----------
    reference : HaplotypeReference
    of_sample : mapping of str to str
        Haplotype of each sample of the table, by `sample_key`; "" where its cell is empty.
    reference_file, sample_file : tuple of (str, str)
        Name and SHA-256 of the tables.
    """

    reference: HaplotypeReference
    of_sample: Mapping[str, str]
    reference_file: tuple[str, str]
    sample_file: tuple[str, str]

    def find(self, sample: str) -> str | None:
        """Return the haplotype of a sample; None where it has none."""
        return self.of_sample.get(sample_key(sample)) or None


@dataclass(frozen=True, eq=False)
class IsotopeEvidence:
    """Isotopes of samples, and the model that says where these are to be expected.

    Attributes
    ----------
    model : Model
        Of kind ``isotopes``.
    isotopes : IsotopeModel
        The same, unpacked.
    assignments : mapping of str to IsotopeAssignment or None
        Of each sample of the table, by `sample_key`; None where its cells are empty.
    sample_file : tuple of (str, str)
        Name and SHA-256 of the table.
    """

    model: Model
    isotopes: IsotopeModel
    assignments: Mapping[str, IsotopeAssignment | None]
    sample_file: tuple[str, str]

    def find(self, sample: str) -> IsotopeAssignment | None:
        """Return the assignment of a sample; None where it has no value."""
        return self.assignments.get(sample_key(sample))


def sample_key(name: str) -> str:
    """Return a name by which a sample is found in another table, however its accents are written."""
    return unicodedata.normalize("NFC", name.strip())


def read_genotype_evidence(
    model: Model | str | os.PathLike[str], genotypes: object
) -> GenotypeEvidence:
    """Return genotypes and the model that places them.

    Parameters
    ----------
    model : Model, path or name of a packaged model
        Of kind ``places``.
    genotypes : Genotypes, or what `forensics.genetics.reading.read_genotypes` takes

    Raises
    ------
    UsageError
        If the model has no map.
    """
    model = model if isinstance(model, Model) else open_model(model)
    if model.kind != "places":
        raise UsageError(
            _("{name} is a model of {kind}; evidence is combined on the map of a model of places.").format(
                name=model.name, kind=model.kind
            )
        )  # fmt: skip
    if not isinstance(genotypes, Genotypes):
        from forensics.genetics.reading import read_genotypes

        genotypes = read_genotypes(genotypes)
    spatial, baseline, fit = places.unpack_model(
        model.labels, model.arrays, model.card["parameters"], model.estimator
    )
    return GenotypeEvidence(model, genotypes, spatial, (baseline, fit))


def read_haplotype_evidence(reference: object, samples: object) -> HaplotypeEvidence:
    """Return the evidence of two tables; see `forensics.origin.haplotype_files`.

    Parameters
    ----------
    reference : path or pandas.DataFrame
        A row an animal: haplotype, locality, latitude, longitude.
    samples : path or pandas.DataFrame
        Sample and haplotype.

    Raises
    ------
    InputError
        If one of them cannot be read.
    """
    counted, reference_sum = read_haplotype_reference(reference)
    of_sample, sample_sum = read_sample_haplotypes(samples)
    return HaplotypeEvidence(
        counted, of_sample, (_name_of(reference), reference_sum), (_name_of(samples), sample_sum)
    )


def read_isotope_evidence(
    model: Model | str | os.PathLike[str], samples: object
) -> IsotopeEvidence:
    """Return the evidence of a table of isotope values by a model of isotopes.

    Parameters
    ----------
    model : Model, path or name
        Of kind ``isotopes``.
    samples : path or pandas.DataFrame
        A column for each isotope of the model, and one of `forensics.origin.predict.SAMPLE_COLUMNS`.

    Raises
    ------
    UsageError
        If the model is of another kind.
    InputError
        If the table cannot be read, names no sample, or names one twice.
    """
    model = model if isinstance(model, Model) else open_model(model)
    if model.kind != "isotopes":
        raise UsageError(
            _("{name} is a model of {kind}; a model of isotopes is expected").format(
                name=model.name, kind=model.kind
            )
        )
    frame, source, digest = read_isotope_table(samples)
    known = {column_key(name) for name in SAMPLE_COLUMNS}
    column = next((name for name in frame.columns if column_key(str(name)) in known), None)
    if column is None:
        raise InputError(
            _("samples are known by their names: a column {names} is expected").format(
                names=" / ".join(SAMPLE_COLUMNS)
            ),
            source=source,
        )
    isotopes = isotope_models.unpack_model(model.labels, model.arrays, model.card["parameters"])
    assignments: dict[str, IsotopeAssignment | None] = {}
    rows = sample_values(frame, isotopes.isotopes, name=column, source=source)
    for row, sample in enumerate(rows, 1):
        name = sample_key(sample.name)
        try:
            if not name:
                raise InputError(_("the column '{column}' is empty").format(column=column))
            if name in assignments:
                raise InputError(_("sample {name} stands twice").format(name=name))
            is_measured = any(value == value for value in sample.values.values())
            assignments[name] = (
                isotopes.assign(sample.values, sd=sample.sds, name=name) if is_measured else None
            )
        except InputError as error:
            raise InputError(error.message, source=source, record=row) from error
    return IsotopeEvidence(model, isotopes, assignments, (_name_of(samples), digest))


def list_samples(
    nuclear: GenotypeEvidence | None,
    haplotypes: HaplotypeEvidence | None,
    isotopes: IsotopeEvidence | None,
) -> dict[str, str]:
    """Return the samples of all tables, by the key under which they are found; those with genotypes first.

    Raises
    ------
    InputError
        If a table shares no sample with the others: the names are others.
    """
    tables: list[tuple[str, list[str]]] = []
    if nuclear is not None:
        tables.append((nuclear.genotypes.source, list(nuclear.genotypes.animals)))
    if haplotypes is not None:
        tables.append((haplotypes.sample_file[0], list(haplotypes.of_sample)))
    if isotopes is not None:
        tables.append((isotopes.sample_file[0], list(isotopes.assignments)))
    keys = [{sample_key(name) for name in names} for _source, names in tables]
    for number, (source, names) in enumerate(tables):
        others = set().union(*keys[:number], *keys[number + 1 :])
        if number and others and not keys[number] & others:
            text = (
                _("none of its samples has a genotype; samples are known by their names: {names}")
                if nuclear is not None
                else _("none of its samples is in the other table; samples are known by their names: {names}")
            )  # fmt: skip
            raise InputError(text.format(names=", ".join(names[:5]) or "-"), source=source or None)
    result: dict[str, str] = {}
    for _source, names in tables:
        for name in names:
            result.setdefault(sample_key(name), name)
    return result


def _name_of(source: object) -> str:
    """Return the name of a file without its folder; of a DataFrame that it is one."""
    if isinstance(source, (str, os.PathLike)):
        return os.path.basename(os.fspath(source))
    return "DataFrame"
