"""A trial for lessons: a library is asked for species that it holds and for others that were taken out of it."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from forensics.barcode.reference.library import Library, open_library
from forensics.barcode.reference.writing import write_library
from forensics.drawing import BARS, open_axes
from forensics.examination import identify
from forensics.messages import _
from forensics.training.rounds import LEFT, LOCUS, WHOLE

if TYPE_CHECKING:
    import pandas

FAMILIES = frozenset(
    "Accipitridae Bovidae Bucorvidae Cercopithecidae Crocodylidae Elephantidae Felidae Galagidae Giraffidae "
    "Hippopotamidae Hyaenidae Lorisidae Manidae Pelomedusidae Psittacidae Suidae Testudinidae Viverridae".split()
)
"""Families of which animals are seized in Central Africa; their relatives elsewhere are in them, too."""
HELD, MISSING = 60, 40
"""Species that the library is asked for: with other records in it, and without any."""
_OUT = "#d55e00"  # told apart from `BARS` also by the colour-blind (Okabe & Ito 2008)
_LOWEST, _STEP, _BARS = 0.88, 0.005, 26  # of the picture; what is near no record stands at its left


@dataclass(frozen=True)
class Trial:
    """What `hide_species` made.

    Attributes
    ----------
    library : Library
        Without the records that are asked for.
    asked : tuple of (str, bool, str)
        Species, whether the library holds it, and sequence.
    place : TemporaryDirectory
        Of the library, which goes when the trial does.
    """

    library: Library
    asked: tuple[tuple[str, bool, str], ...]
    place: TemporaryDirectory[str]
    _answers: dict[float, Any] = field(default_factory=dict, repr=False, compare=False)

    def ask(self, in_library_prior: float = 0.9) -> "pandas.DataFrame":
        """Return the answers beside the truth: a row an animal.

        Parameters
        ----------
        in_library_prior : float
            As of `forensics.identify`.
        """
        if in_library_prior not in self._answers:
            self._answers[in_library_prior] = self._ask(in_library_prior)
        return self._answers[in_library_prior].copy()

    def _ask(self, in_library_prior: float) -> "pandas.DataFrame":
        species, held, sequences = zip(*self.asked)
        fasta = "".join(f">{n}\n{sequence}\n" for n, sequence in enumerate(sequences))
        results = identify(
            fasta, library=self.library, locus=LOCUS, in_library_prior=in_library_prior
        )
        columns = ["truth", "held", "best_species", "identity", "status", "rank", "taxon"]
        return results.to_frame().assign(truth=species, held=held)[columns]

    def count(
        self, thresholds: Sequence[float] = (), priors: Sequence[float] = ()
    ) -> "pandas.DataFrame":
        """Count who gets a name of a species, rightly or wrongly: a row a rule.

        Parameters
        ----------
        thresholds : sequence of float
            The nearest record gives the name, from this identity, 0-1.
        priors : sequence of float
            The program gives it, with this prior.
        """
        import pandas

        table, named = self.ask(), {}
        for least in thresholds:
            rule = _("identity from {least:.1%}").format(least=least)
            named[rule] = table["best_species"].where(table["identity"] >= least)
        for prior in priors:
            found = self.ask(prior)
            rule = _("program, prior {prior:g}").format(prior=prior)
            named[rule] = found["taxon"].where(found["rank"] == "species")
        names = pandas.DataFrame(named)
        right = names.eq(table["truth"], axis=0)
        false = names.notna() & ~right
        counts = {
            _("held: right name"): right.sum(),
            _("held: false name"): false[table["held"]].sum(),
            _("missing: false name"): false[~table["held"]].sum(),
        }
        return pandas.DataFrame(counts)

    def plot(self, threshold: float | None = None, axes: Any = None) -> Any:
        """Draw how near the nearest record is, for species that the library holds and for others.

        Parameters
        ----------
        threshold : float, optional
            An identity that is drawn as a line.
        axes : matplotlib.axes.Axes, optional
            Default: those of a new figure.

        Returns
        -------
        matplotlib.axes.Axes
        """
        axes = open_axes(axes, rows=9)
        table = self.ask()
        bins = [_LOWEST + _STEP * n for n in range(_BARS)]
        for held, colour, hatch, label in (
            (True, BARS, "", _("the library holds the species")),
            (False, _OUT, "//", _("the species is missing")),
        ):
            near = table["identity"][table["held"] == held].fillna(_LOWEST).clip(lower=_LOWEST)
            axes.hist(near, bins, alpha=0.7, color=colour, hatch=hatch, label=label)
        if threshold is not None:
            axes.axvline(threshold, color="black", linestyle="--")
        axes.set_xlabel(_("identity of the nearest record"))
        axes.set_ylabel(_("animals"))
        axes.legend(loc="upper left")
        return axes


def hide_species(seed: int) -> Trial:
    """Take animals of `FAMILIES` out of the embedded library, of `HELD` species one record and of `MISSING` all.

    Parameters
    ----------
    seed : int
        Of the lot; the same one gives the same trial.
    """
    records = defaultdict(list)
    for record, sequence in open_library().records(LOCUS):
        if record.family in FAMILIES and record.species and len(sequence) >= WHOLE:
            records[record.species].append((record, sequence))
    lot = random.Random(seed)
    names = lot.sample(sorted(records), len(records))
    held = [name for name in names if len(records[name]) > LEFT][:HELD]
    missing = [name for name in names if name not in held][:MISSING]
    asked = []
    for name in [*held, *missing]:
        taken = records[name].pop(lot.randrange(len(records[name])))
        asked.append((name, name in held, taken[1]))
    left = [pair for name in names if name not in missing for pair in records[name]]
    place = TemporaryDirectory()
    path = Path(place.name) / "library"
    write_library(path, left, name="trial", title="Library of a lesson", demonstration=True)
    return Trial(open_library(path), tuple(asked), place)
