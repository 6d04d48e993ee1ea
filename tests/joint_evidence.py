"""Results of loci with given probabilities, to be combined."""

from forensics.barcode.calling.decision import Call, call_from_probabilities
from forensics.barcode.identification import Identification
from forensics.barcode.matching.search import Candidate
from forensics.core.provenance import Provenance

A, B, C, D = "Fictus albus", "Fictus niger", "Fictus ruber", "Exemplum primum"
HELD = {locus: {A, B, C, D} for locus in ("COI", "cytb", "12S", "ITS", "rbcL")}


def candidate(name):
    genus = name.split()[0]
    return Candidate(name, genus, "Fictidae", True, 0.99, 1.0, 1, 600, "X1", 2, None)


def found(locus, species, *, prior=0.9, confidence=0.95, genus=None, status=None, index=1):
    """Return a result with these probabilities, called by them; what is missing to 1 falls to "none"."""
    none = 1 - sum(species.values())
    probabilities = {"species": {**species, "none": none}}
    if genus is not None:
        probabilities["genus"] = {**genus, "none": 1 - sum(genus.values())}
    made = Provenance("f", "0", {}, {"in_library_prior": prior, "confidence": confidence}, {}, "")
    call = call_from_probabilities(probabilities, confidence)
    if status:
        call = Call(status, probabilities=probabilities)
    candidates = tuple(candidate(name) for name in species)
    return Identification(
        f"q{locus}", index, 600, locus, "+", call, candidates, True, 0.9, 0.9, (), made
    )


def codes(combination):
    return [warning.code for warning in combination.call.warnings]
