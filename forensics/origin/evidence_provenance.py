"""How a result of several kinds of evidence was reached: what it was compared with, and what was read."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from forensics.core.provenance import Provenance, make_provenance
from forensics.origin.evidence_layers import HAPLOTYPE, ISOTOPES
from forensics.origin.evidence_tables import GenotypeEvidence, HaplotypeEvidence, IsotopeEvidence
from forensics.origin.model_provenance import make_model_provenance

__all__ = ["describe_evidence", "make_evidence_provenance"]


def describe_evidence(
    nuclear: GenotypeEvidence | None,
    haplotypes: HaplotypeEvidence | None,
    isotopes: IsotopeEvidence | None,
    powers: Mapping[str, float],
) -> dict[str, Any]:
    """Return the evidence as the parameters of a provenance name it."""

    def file(named: tuple[str, str]) -> dict[str, str]:
        return {"file": named[0], "sha256": named[1]}

    described: dict[str, Any] = {
        "weights": dict(powers),
        "haplotypes": None
        if haplotypes is None
        else {
            "reference": file(haplotypes.reference_file),
            "samples": file(haplotypes.sample_file),
        },
        "isotopes": None
        if isotopes is None
        else {"model": isotopes.model.identity(), "samples": file(isotopes.sample_file)},
    }
    if nuclear is None:  # with genotypes the model of places gives the map, and no version said so
        described["map"] = HAPLOTYPE if isotopes is None else ISOTOPES
    return described


def make_evidence_provenance(
    nuclear: GenotypeEvidence | None,
    haplotypes: HaplotypeEvidence | None,
    isotopes: IsotopeEvidence | None,
    parameters: dict[str, Any],
) -> Provenance:
    """Return how the results are reached; ``library`` is what gives the map."""
    if nuclear is not None:
        genotypes = nuclear.genotypes
        return make_model_provenance(
            nuclear.model, parameters, genotypes.source, genotypes.sha256, genotypes.read_with
        )
    files = [
        {"file": evidence.sample_file[0], "sha256": evidence.sample_file[1], "read_with": {}}
        for evidence in (haplotypes, isotopes)
        if evidence is not None
    ]
    read: dict[str, Any] = files[0] if len(files) == 1 else {"files": files}
    if isotopes is not None:
        made = make_model_provenance(isotopes.model, parameters, "", "")
        return replace(made, input=read)
    import scipy

    assert haplotypes is not None
    name, sha256 = haplotypes.reference_file
    return make_provenance(
        dependencies={"numpy": np.__version__, "scipy": scipy.__version__},
        library={"name": name, "kind": "haplotypes", "version": "", "sha256": sha256,
                 "demonstration": False},
        parameters=parameters,
        input=read,
    )  # fmt: skip
