"""The estimators of the package in a pipeline, in a search, and with groups."""

import numpy
import pandas
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from forensics.genetics import GenotypeEncoder
from forensics.individual import HusbandryClassifier

random = numpy.random.default_rng(1)
origin = numpy.repeat(["captive", "wild"], 40)
farm = numpy.repeat(numpy.arange(20), 4)
diet = pandas.DataFrame({"d13C": (origin == "wild") * -8 + random.normal(-14, 1, 80)})
model = make_pipeline(StandardScaler(), HusbandryClassifier())
assert cross_val_score(model, diet, origin, groups=farm, cv=GroupKFold(4)).mean() > 0.9
grid = {"husbandryclassifier__prior": ["equal", {"wild": 0.8, "captive": 0.2}]}
assert GridSearchCV(model, grid, cv=GroupKFold(4)).fit(diet, origin, groups=farm).best_score_ > 0.9
genotypes = pandas.DataFrame(random.integers(0, 3, (80, 2)) * 1.0, columns=["L1.a", "L1.b"])
doses = GenotypeEncoder().set_output(transform="pandas").fit_transform(genotypes)
assert list(doses.columns) == ["L1.a_0", "L1.a_1", "L1.a_2"]
