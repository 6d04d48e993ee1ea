"""An assignment to an origin, computed again from the attached samples and the model that it used."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from forensics.messages import _
from forensics.reanalysis.attachments import Attachments, CannotRecompute
from forensics.reanalysis.recorded import (
    Recorded,
    Sources,
    read_attached_genotypes,
    result_of_sample,
)

if TYPE_CHECKING:
    from forensics.origin.areas import RegionSet
    from forensics.origin.models import Model
    from forensics.origin.range_map import RangeMap
    from forensics.origin.results import Origin

__all__ = ["recompute_origin"]


def recompute_origin(recorded: Recorded, attachments: Attachments, sources: Sources) -> "Origin":
    """Return the assignment of the finding's sample."""
    from forensics.origin.predict import assign_with

    parameters, read = recorded.parameters, recorded.input
    for name in ("range_map", "listings"):
        # Versions that did not attach the file of a range map did not record its SHA-256 either.
        if parameters.get(name) and "file_sha256" not in parameters[name]:
            raise CannotRecompute(
                _(
                    "cannot be recomputed: the file of {name} is not in the ledger, only its SHA-256"
                ).format(name=name.replace("_", " ")),
                _(
                    "By hand: forensics origin assign with the attached samples, that file and the "
                    "parameters"
                ),
            )
    model = _find_model(recorded.library, sources)
    samples: Any
    options: dict[str, Any]
    if model.kind == "isotopes":
        samples = attachments.require(read["sha256"], _("the table of samples"))
        options = dict(read.get("read_with") or {})
    else:
        samples = read_attached_genotypes(read, attachments, _("the table of samples"))
        options = {"level": float(parameters["exclusion_level"])}
        if regions := parameters.get("regions"):
            options["regions"] = _read_regions(regions, attachments)
        if range_map := parameters.get("range_map"):
            options["range_map"] = _read_range_map(range_map, attachments)
        if parameters.get("beyond_range"):
            options["beyond_range"] = True
    if parameters["prior"] != "default":
        options["prior"] = parameters["prior"]
    assignments = assign_with(
        model,
        samples,
        confidence=float(parameters["confidence"]),
        seed=int(parameters["seed"]),
        **options,
    )
    return result_of_sample(assignments, recorded.sample)


def _find_model(identity: Mapping[str, Any], sources: Sources) -> "Model":
    """Return the model of this identity.

    Raises
    ------
    CannotRecompute
        If it was not given.
    """
    sha256 = identity["sha256"]
    for model in sources.models():
        if model.sha256 == sha256:
            return model
    raise CannotRecompute(
        _("cannot be recomputed: it used the model {name}, SHA-256 {sha256}, which is not at hand").format(
            name=identity.get("name"), sha256=sha256
        ),
        _("Give it with --model"),
    )  # fmt: skip


def _read_range_map(recorded: dict[str, Any], attachments: Attachments) -> "RangeMap":
    """Return the range map that a finding names, of the attached file."""
    from forensics.origin.range_map import read_range_map

    path = attachments.require(recorded["file_sha256"], _("the file of the range map"))
    return replace(read_range_map(path), source=recorded["source"])


def _read_regions(recorded: dict[str, Any], attachments: Attachments) -> "RegionSet":
    """Return the reporting regions that a finding names: countries, or an attached file."""
    from forensics.origin.areas import country_regions
    from forensics.origin.region_files import read_regions

    if not recorded["sha256"]:
        return country_regions()
    path = attachments.require(recorded["sha256"], _("the file of reporting regions"))
    return replace(read_regions(path), name=recorded["name"])
