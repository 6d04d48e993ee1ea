"""A classifier of one's own on measurements: trained, kept in a folder, applied."""

import numpy
import pandas
from sklearn.svm import SVC

from forensics import individual

random = numpy.random.default_rng(3)
known = pandas.DataFrame(
    {"sample": [f"K{n}" for n in range(120)], "origin": ["captive", "wild"] * 60}
)
known["d13C"] = (known["origin"] == "wild") * -6 + random.normal(-15, 1, 120)
reference = individual.read_measurements(known, columns=["d13C"], classes="origin")
individual.train_measurements(reference, SVC(), "svm", name="svm", version="1")
model = individual.open_measurement_model("svm")
exhibit = pandas.DataFrame({"sample": ["E1", "E2"], "d13C": [-21.0, 9.0]})
results = individual.examine_with_model(individual.read_measurements(exhibit), model)
assert [result.status for result in results] == ["supported", "neither"]
assert results[0].supported == "wild" and results[0].estimator == "SVC"
