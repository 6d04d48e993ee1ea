"""From known-origin samples and isoscapes to a model of isotopes with its card."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forensics.messages import _
from forensics.origin import isotope_models
from forensics.origin.model_card import Card, describe_training
from forensics.origin.models import Model, save_model

if TYPE_CHECKING:
    import pandas

    from forensics.origin.isoscape import Isoscape

__all__ = ["train_isotopes"]


def train_isotopes(
    frame: "pandas.DataFrame",
    isoscapes: "Sequence[Isoscape]",
    output: str | os.PathLike[str],
    *,
    name: str,
    version: str,
    source: str = "table",
    sha256: str = "",
    card: Card = Card(),
    evaluated: bool = True,
    **options: Any,
) -> Model:
    """Calibrate isoscapes by known-origin samples and write the model with its card.

    Parameters
    ----------
    frame : pandas.DataFrame
        Known-origin samples; see `forensics.origin.isotope_fitting.fit_isotopes`, which takes
        `options` too.
    isoscapes : sequence of Isoscape
    output, name, version, card, evaluated
        As in `train_genotypes`.
    source, sha256 : str
        Of the table.
    """
    from forensics.origin.isotope_evaluation import leave_one_out
    from forensics.origin.isotope_fitting import fit_isotopes

    model = fit_isotopes(frame, isoscapes, source=source, **options)
    labels, arrays, parameters = isotope_models.pack_model(model)
    evaluation = {}
    if evaluated:
        evaluation = {"leave-one-site-out": leave_one_out(frame, isoscapes, **options).to_json()}
    limits = [
        *card.limits,
        _(
            "Isotopes tell a band of climate, not a place: everything in the region is possible, and "
            "nothing is said of places outside the map."
        ),
    ]
    lines = [
        {
            "isotope": line.isotope,
            "slope": line.slope,
            "intercept": line.intercept,
            "residual sd": line.residual_sd,
            "R2": line.r_squared,
            "samples": line.samples,
            "sites": line.sites,
        }
        for line in model.calibrations
    ]
    return save_model(
        output,
        name=name,
        version=version,
        kind="isotopes",
        labels=labels,
        arrays=arrays,
        card={
            **describe_training(card, limits, {**parameters, "calibration": lines}, evaluation),
            "data": {
                "file": source,
                "sha256": sha256,
                "samples": len(frame),
                "isoscapes": [Path(isoscape.source).name for isoscape in model.isoscapes],
            },
        },
    )
