"""How a result of a model of origins was reached: the model, the parameters, the input, what took part."""

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from forensics.core.provenance import Provenance, make_provenance
from forensics.origin.models import Model

__all__ = ["fingerprint", "identify_range", "make_model_provenance"]


def identify_range(range_map: object) -> dict[str, str]:
    """Return a range map as the parameters of a provenance name it.

    ``sha256`` is of its corners, ``file_sha256`` of the file, where it was read from one.
    """
    named = {"source": getattr(range_map, "source", ""), "sha256": fingerprint(range_map)}
    if file := getattr(range_map, "sha256", ""):
        named["file_sha256"] = file
    return named


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


def make_model_provenance(
    model: Model,
    parameters: dict[str, Any],
    source: str,
    digest: str,
    read_with: Mapping[str, object] | None = None,
) -> Provenance:
    """Return how a result of a model was reached."""
    import scipy

    dependencies = {"numpy": np.__version__, "scipy": scipy.__version__}
    if model.estimator:
        import sklearn

        dependencies["scikit-learn"] = sklearn.__version__
    how = {} if read_with is None else {"read_with": dict(read_with)}
    return make_provenance(
        dependencies=dependencies,
        library=model.identity(),
        parameters=parameters,
        input={"file": source, "sha256": digest, **how},
    )
