"""Models of origin in a folder: arrays, labels and a card, opened without running any code.

::

    MODEL/
      model.json   what it is, what it learned from, how well it does, the sha256 of its arrays
      arrays.npz   numbers only
      estimator.skops   where an estimator of scikit-learn assigns or places; without pickle
      README.md    the card, for people; written from model.json

The sha256 of a model is that of its ``model.json``, which holds those of the other files; so a result
that names it names every number of the model.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np

from forensics.core.provenance import Provenance, made_by_text, make_provenance
from forensics.core.stored import utc_now
from forensics.errors import InputError, LibraryError, ModelError, UsageError
from forensics.genetics.genotypes import Genotypes
from forensics.io.files import AnyPath, folder
from forensics.learning.models import (
    DESCRIPTION,
    NOT_OF_THE_CARD,
    STORED_ESTIMATOR,
    damaged,
    read_model_folder,
    write_model_folder,
)
from forensics.messages import _
from forensics.origin.options import KINDS, AssignmentOptions, MethodOptions
from forensics.origin.results import Origins

if TYPE_CHECKING:
    from forensics.origin.areas import RegionSet
    from forensics.origin.ranges import Range
    from forensics.origin.spatial import Progress


@dataclass(frozen=True)
class Card:
    """What only a person can say of a model.

    Attributes
    ----------
    use : str
        What it is for.
    limits : tuple of str
        What it is not for; what the reference lacks. Every result repeats them.
    licence : str
        Of the data.
    replaces : str
        Name and version of an earlier model.
    """

    use: str = ""
    limits: tuple[str, ...] = ()
    licence: str = ""
    replaces: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Reference:
    """Animals of known origin, and how a model learns from them; each kind of model uses what it needs.

    Attributes
    ----------
    estimator : classifier of scikit-learn, or None
    range_ : Range or None
        Where animals may come from; None: it is derived from the sites.
    regions : RegionSet or None
        Reporting regions beside the countries.
    progress : callable or None
        Called with the sites that an evaluation left out so far, and with how many it will.
    """

    genotypes: Genotypes
    options: MethodOptions
    estimator: Any = None
    range_: "Range | None" = None
    regions: "RegionSet | None" = None
    progress: "Progress | None" = None


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainedModel:
    """What was learnt of a reference, as it is stored.

    Attributes
    ----------
    labels, arrays, estimator
        As of `Model`.
    parameters : dict
        How it was trained, for the card.
    limits : sequence of str
        What the model cannot know.
    evaluation : dict
        Empty where it was not evaluated.
    calibrated_on : int or None
        Animals that its exclusion test rests on; None without such a test.
    """

    labels: dict[str, Any]
    arrays: dict[str, np.ndarray]
    parameters: dict[str, Any]
    limits: Sequence[str]
    evaluation: Mapping[str, Any]
    calibrated_on: int | None = None
    estimator: bytes = b""


def list_names(names: Sequence[str], most: int = 20) -> str:
    """Return names for a reader: the first of many, and how many more there are."""
    shown = ", ".join(names[:most])
    if len(names) <= most:
        return shown
    return _("{names} and {count} more").format(names=shown, count=len(names) - most)


FORMAT = "forensics origin model 1"


@dataclass(frozen=True, eq=False)
class Model:
    """A model as it lies in its folder.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    card : dict
        ``data``, ``parameters``, ``evaluation``, ``use``, ``limits``, ``licence``, ``software``,
        ``created``.
    labels : dict
        Names that belong to the arrays: groups, loci, alleles.
    arrays : dict of str to numpy.ndarray
        Numbers and booleans only.
    sha256 : str
        Of ``model.json``.
    estimator : bytes
        The file of an estimator of scikit-learn (`forensics.learning.estimators`); of models
        without one empty.
    """

    name: str
    version: str
    kind: str
    card: dict[str, Any]
    labels: dict[str, Any]
    arrays: Mapping[str, np.ndarray]
    sha256: str
    estimator: bytes = b""

    @property
    def demonstration(self) -> bool:
        """Whether it is one of the models of the package, which show how, and are not for casework."""
        return self.sha256 in _packaged_sums()

    def identity(self) -> dict[str, Any]:
        """Return name, kind, version, sha256 and ``demonstration``, as every result names its model."""
        return {
            "name": self.name,
            "kind": self.kind,
            "version": self.version,
            "sha256": self.sha256,
            "demonstration": self.demonstration,
        }


def save_model(
    path: AnyPath,
    *,
    name: str,
    version: str,
    kind: str,
    card: Mapping[str, Any],
    labels: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray],
    estimator: bytes = b"",
) -> Model:
    """Write a model into a new folder, whole or not at all.

    Parameters
    ----------
    name, version, kind, card, labels, arrays, estimator
        As in `Model`.

    Raises
    ------
    ModelError
        If the folder exists and is not empty, or the name will not do.
    InputError
        If it cannot be written.
    """
    if kind not in KINDS:
        raise ValueError(f"kind is one of {tuple(KINDS)}, not {kind!r}")
    description = {
        "format": FORMAT,
        "name": name,
        "version": version,
        "kind": kind,
        **card,
        "labels": dict(labels),
    }
    write_model_folder(path, description, arrays, estimator=estimator)
    return open_model(path)


def save_trained(
    path: AnyPath,
    trained: TrainedModel,
    *,
    name: str,
    version: str,
    kind: str,
    card: Card,
    limits: Iterable[str] = (),
    data: Mapping[str, Any],
) -> Model:
    """Write a model that was trained, with its card, into a new folder.

    Parameters
    ----------
    limits : iterable of str
        Of this reference, beside those of the card and of the kind of model.
    data : mapping
        What the reference is.
    """
    return save_model(
        path,
        name=name,
        version=version,
        kind=kind,
        labels=trained.labels,
        arrays=trained.arrays,
        estimator=trained.estimator,
        card={
            "created": utc_now(),
            "software": made_by_text(),
            "use": card.use or _("Not stated by the person who trained it."),
            "limits": [*card.limits, *trained.limits, *limits],
            "parameters": trained.parameters,
            "evaluation": trained.evaluation or _("Not evaluated: do not use it in casework."),
            "licence": card.licence or _("Not stated."),
            **({"replaces": card.replaces} if card.replaces else {}),
            "data": data,
        },
    )


@contextmanager
def unpacking() -> Iterator[None]:
    """Raise what the parts of a damaged model lead to as one `ModelError`."""
    try:
        yield
    except (
        KeyError, TypeError, ValueError, IndexError, AttributeError, InputError, LibraryError,
        UsageError,
    ) as error:  # fmt: skip
        raise ModelError(
            _("The labels and the arrays of the model do not belong together ({why}).").format(
                why=error
            )
        ) from error


def arrays_below(arrays: Mapping[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    """Return the arrays whose names begin with a prefix, without it."""
    return {
        name.removeprefix(prefix): array
        for name, array in arrays.items()
        if name.startswith(prefix)
    }


def packaged_models() -> list[str]:
    """Return the names of the models that come with the package."""
    return sorted(
        entry.name for entry in folder("models").iterdir() if (entry / DESCRIPTION).is_file()
    )


@cache
def _packaged_sums() -> frozenset[str]:
    return frozenset(
        hashlib.sha256((folder("models") / name / DESCRIPTION).read_bytes()).hexdigest()
        for name in packaged_models()
    )


def open_model(which: AnyPath) -> Model:
    """Open a model and check it.

    Parameters
    ----------
    which : path or str
        A folder, or the name of a model that comes with the package.

    Raises
    ------
    ModelError
        If there is none, or it is damaged, of another format, or holds what no model holds.
    """
    path = Path(which)
    if not (path / DESCRIPTION).is_file():
        if str(which) not in packaged_models():
            raise ModelError(
                _(
                    "{which} is neither the folder of a model nor the name of a packaged one "
                    "({names}). Make a model with 'forensics origin train'."
                ).format(which=which, names=", ".join(packaged_models()) or "-")
            )
        path = folder("models") / str(which)
    stored = read_model_folder(path, FORMAT)
    description = stored.description
    try:
        model = Model(
            name=_text(description["name"]),
            version=_text(description["version"]),
            kind=_text(description["kind"]),
            card={key: value for key, value in description.items() if key not in NOT_OF_THE_CARD},
            labels=dict(description["labels"]),
            arrays=stored.arrays,
            sha256=stored.sha256,
            estimator=stored.estimator,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(damaged(path / DESCRIPTION, error)) from error
    if model.kind not in KINDS:
        raise ModelError(damaged(path / DESCRIPTION, model.kind))
    if model.kind == "classifier" and not model.estimator:
        raise ModelError(damaged(path / DESCRIPTION, STORED_ESTIMATOR))
    return model


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value


def describe_files(
    *, range_map: Any = None, listings: object = None, regions: "RegionSet | None" = None
) -> dict[str, Any]:
    """Return what was given beside the options as the parameters of a provenance name it.

    Of a range map ``sha256`` is of its corners, ``file_sha256`` of the file, where it was read from one.
    """
    described: dict[str, Any] = {}
    if range_map is not None:
        described["range_map"] = {
            "source": getattr(range_map, "source", ""),
            "sha256": fingerprint(range_map),
        }
        if file := getattr(range_map, "sha256", ""):
            described["range_map"]["file_sha256"] = file
    if listings is not None:
        described["listings"] = {"sha256": fingerprint(listings)}
    if regions is not None:
        described["regions"] = {"name": regions.name, "sha256": regions.sha256}
    return described


def fingerprint(source: object) -> str:
    """Return the sha256 of a range map or of listings, whatever file they came from."""
    digest = hashlib.sha256()

    def add(value: Any) -> None:
        if isinstance(value, np.ndarray):
            digest.update(np.ascontiguousarray(value, dtype="<f8").tobytes())
        elif isinstance(value, Mapping):
            add(sorted(value.items()))
        elif isinstance(value, (list, tuple)):
            digest.update(f"[{len(value)}".encode())
            for part in value:
                add(part)
        elif hasattr(value, "listing"):
            add((value.name, value.listing, value.polygons))
        elif hasattr(value, "polygons"):
            add(value.polygons)
        else:
            digest.update(f"{value}\0".encode())

    add(source)
    return digest.hexdigest()


class SampleTable(Protocol):
    """A table of samples: of genotypes, or of isotopes."""

    @property
    def source(self) -> str:
        """Name of its file."""

    @property
    def sha256(self) -> str:
        """Of the file; "" where there is none."""

    @property
    def read_with(self) -> Mapping[str, object] | None:
        """How it was read."""


def make_model_provenance(
    model: Model, parameters: Mapping[str, Any], table: SampleTable
) -> Provenance:
    """Return how a result of a model was reached."""
    import scipy

    dependencies = {"numpy": np.__version__, "scipy": scipy.__version__}
    if model.estimator:
        import sklearn

        dependencies["scikit-learn"] = sklearn.__version__
    how = {} if table.read_with is None else {"read_with": dict(table.read_with)}
    return make_provenance(
        dependencies=dependencies,
        library=model.identity(),
        parameters=dict(parameters),
        input={"file": table.source, "sha256": table.sha256, **how},
    )


class Adapter(Protocol):
    """What the module of a kind of model offers; `train` and `evaluate` are of kinds that learn from genotypes."""

    def train(self, reference: Reference, *, is_evaluated: bool) -> TrainedModel:
        """Return a model of a reference, and its figures if it is evaluated."""

    def evaluate(self, reference: Reference) -> dict[str, Any]:
        """Return how well a reference does on animals that were left out, as plain values."""

    def assign_samples(
        self, model: Model, samples: Any, options: AssignmentOptions, *,
        provenance: Provenance, limits: tuple[str, ...], **files: Any,
    ) -> "Origins":  # fmt: skip
        """Return where samples come from; `files` are the range map, listings and regions that were given."""


def adapter_of(kind: str) -> Adapter:
    """Return the module of a kind of model."""
    return cast(Adapter, import_module(KINDS[kind].module))
