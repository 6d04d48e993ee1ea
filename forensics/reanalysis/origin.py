"""An assignment to an origin, computed again from the attached samples and the model that it used."""

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
    from forensics.origin.reporting_regions import RegionSet
    from forensics.origin.results import Origin

__all__ = ["recompute_origin"]


def recompute_origin(recorded: Recorded, attachments: Attachments, sources: Sources) -> "Origin":
    """Return the assignment of the finding's sample."""
    from forensics.origin.models import Model
    from forensics.origin.predict import assign_with

    parameters, read = recorded.parameters, recorded.input
    for name in ("range_map", "listings"):
        if parameters.get(name):
            raise CannotRecompute(
                _(
                    "cannot be recomputed: the file of {name} is not in the ledger, only its SHA-256. By "
                    "hand: forensics origin assign with the attached samples, that file and the parameters"
                ).format(name=name.replace("_", " "))
            )
    sha256 = recorded.library["sha256"]
    model = next((model for model in sources.models() if model.sha256 == sha256), None)
    if not isinstance(model, Model):
        raise CannotRecompute(
            _("cannot be recomputed: it used the model {name}, SHA-256 {sha256}; give it with --model").format(
                name=recorded.library.get("name"), sha256=sha256
            )
        )  # fmt: skip
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


def _read_regions(recorded: dict[str, Any], attachments: Attachments) -> "RegionSet":
    """Return the reporting regions that a finding names: countries, or an attached file."""
    from forensics.origin.region_files import read_regions
    from forensics.origin.reporting_regions import country_regions

    if not recorded["sha256"]:
        return country_regions()
    path = attachments.require(recorded["sha256"], _("the file of reporting regions"))
    return replace(read_regions(path), name=recorded["name"])
