"""What lessons 4 to 7 are about: tusks of unknown origin, and a case that may be forged and cross-examined.

>>> from forensics.training import open_case
>>> open_case().forge("weight")                                            # doctest: +SKIP

The tusks are simulated. Of the case people, places and times are invented, and the sequence is real.
"""

import copy
import shutil
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

import numpy as np

from forensics.custody import PrivateKey, open_ledger, verify
from forensics.custody.heads import SignedHead
from forensics.custody.keys import open_key
from forensics.custody.storage import LEDGER_DATABASE
from forensics.custody.timeline import timeline
from forensics.demonstration import PASSPHRASE, make_case
from forensics.drawing import draw_bars, open_axes
from forensics.genetics import Genotypes, read_genotypes
from forensics.io.files import folder
from forensics.messages import N_, _, numeral
from forensics.origin import Model, train_genotypes
from forensics.origin.ranges import range_of_sites
from forensics.origin.regions import read_regions
from forensics.report import Problem, check, read_template, render
from forensics.report.building import Report
from forensics.store.connections import open_writer

_SITES, _LACKING = ("TAI", "LOP", "GAR", "VIR"), N_("Eastern Congo")
"""Where the elephants of the tusks lived; and the region that the reference lacks, though two of these are in it."""
_OTHERS = (N_("West Africa"), N_("Nigeria to Gabon and Congo"))
_EVERY = 6  # animal of these sites is one of the tusks; each site has 18
_REACH_KM = 1100.0
"""Of the range around the sites: far enough that the region without animals is in it."""

_LEDGER = "laboratory.db"
_FORGERIES: Mapping[str, tuple[str, str]] = {
    "weight": (N_("another weight"), "UPDATE openings SET value = json_set(value, '$[0].quantity', '1') WHERE name = 'exhibits'"),
    "signature": (N_("an invented signature"), "UPDATE events SET signature = randomblob(64) WHERE seq = 14"),
    "middle": (N_("one taken out"), "DELETE FROM openings WHERE seq = 16; DELETE FROM events WHERE seq = 16"),
    "end": (N_("the end cut off"), "DELETE FROM openings WHERE seq > 27; DELETE FROM events WHERE seq > 27; DELETE FROM heads"),
    "all": (N_("all rewritten"), ""),
}  # fmt: skip
"""What each forgery of the ledger is called, and how it is made in its database."""
_FOUND = {
    (True, True): N_("sound"),
    (True, False): N_("found with the head alone"),
    (False, False): N_("FOUND"),
}
"""What a verification says, by whether nothing is wrong: alone, and with a head."""
_HOLDS, _WRONG = "#0072b2", "#d55e00"  # Okabe and Ito 2008
_NAMED, _LETTERS, _WIDE = 0.95, 11.0, 8.9  # a probability; points; inches
_STEPS = (
    N_("the court: this person is guilty"),
    N_("the court: this person brought the scales here"),
    N_("the expert: the scale is of a pangolin"),
    N_("the expert: the sequence agrees with those of pangolins"),
)
"""From the verdict down to the laboratory (Cook et al. 1998, doi:10.1016/S1355-0306(98)72117-3)."""


def tusks() -> tuple[Model, Genotypes]:
    """Return a model, and tusks of simulated elephants that it has not seen; training takes half a minute.

    Returns
    -------
    Model
        Of places, with reporting regions; its reference has no animal of one of the regions.
    Genotypes
        Of twelve tusks; their populations are the regions where the animals lived.
    """
    import pandas

    data = folder("models") / "data"
    animals = read_genotypes(data / "simulated_range.csv.gz")
    table = pandas.read_csv(data / "simulated_range_regions.csv")
    table["region"] = table.region.map(_)
    sites = list(animals.populations or ())
    regions = table.set_index("site").region[sites].to_numpy()
    asked = np.flatnonzero(np.isin(sites, _SITES))[::_EVERY]
    reference = np.setdiff1d(np.flatnonzero(regions != _(_LACKING)), asked)
    with TemporaryDirectory() as place:
        written = Path(place) / "regions.csv"
        table.to_csv(written, index=False)
        model = train_genotypes(
            animals.take(reference), Path(place) / "model", name="tusks", version="1",
            regions=read_regions(written), range_=range_of_sites(_REACH_KM),
        )  # fmt: skip
    names = tuple(f"T{number}" for number in range(1, len(asked) + 1))
    return model, replace(animals.take(asked), animals=names, populations=tuple(regions[asked]))


@dataclass(frozen=True, repr=False)
class Case:
    """The training case, in a folder that is removed with this object.

    Attributes
    ----------
    folder : Path
    report : Report
        As it was built from the ledger.
    """

    folder: Path
    report: Report
    _temporary: "TemporaryDirectory[str]"

    @property
    def ledger(self) -> Path:
        """The ledger, a file."""
        return self.folder / _LEDGER

    @property
    def story(self) -> str:
        """What happened, a line an event."""
        with open_ledger(self.ledger) as ledger:
            return "\n".join(map(str, timeline(ledger, self.report.content.case.id)))

    def _repr_html_(self) -> str:
        page = render(self.report.content, read_template(), ".html").decode("utf-8")
        style = "width:100%;height:30em;border:1px solid grey"
        return f'<iframe srcdoc="{escape(page)}" style="{style}"></iframe>'

    def key(self, person: str) -> PrivateKey:
        """Return the key of a person; in this case everybody may have it."""
        return open_key(f"{self.ledger}.keys/{person}.key", lambda: PASSPHRASE)

    def testify(self, text: str) -> list[Problem]:
        """Return what is wrong with a text as an opinion in the report of this case."""
        statement = copy.deepcopy(self.report.statement)
        statement["opinions"][0]["text"] = text
        return [problem for problem in check(statement) if problem.field == "opinions.0.text"]

    def forge(self, how: str) -> Path:
        """Return a forged copy of the ledger.

        Parameters
        ----------
        how : {"weight", "signature", "middle", "end", "all"}
            One gram is written over the weight that was received; the signature of that event is invented; an event
            in the middle is taken out, or the last six; everybody signs the whole story once more, in a new ledger.

        Raises
        ------
        KeyError
            If there is no such forgery.
        """
        statements = _FORGERIES[how][1]
        target = Path(mkdtemp(dir=self.folder.parent)) / "case"
        if not statements:
            make_case(target)
            return target / _LEDGER
        shutil.copytree(self.folder, target)
        with closing(open_writer(target / _LEDGER, LEDGER_DATABASE)) as database:
            made = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            names, triggers = zip(*made)
            # The triggers are put back, so that nobody sees.
            off = [f"DROP TRIGGER {name}" for name in names]
            database.executescript(";".join([*off, statements, *triggers]))
        return target / _LEDGER

    def draw_forgeries(self, head: SignedHead) -> Any:
        """Draw every forgery: its events, and whether it is found, alone and with a head that was kept."""
        axes, labels = open_axes(rows=14), []
        ledgers = {N_("as it was"): self.ledger}
        ledgers |= {name: self.forge(how) for how, (name, _made) in _FORGERIES.items()}
        for row, (name, path) in enumerate(ledgers.items()):
            alone = verify(path)
            wrong = {problem.seq for problem in alone.problems}
            events = range(1, alone.size + 1)
            colours = [_WRONG if seq in wrong else _HOLDS for seq in events]
            axes.barh([row] * alone.size, 0.8, 0.6, events, color=colours, edgecolor="grey")
            found = _FOUND[alone.ok, verify(path, [head]).ok]
            labels.append("\n".join((_(name), _(found))))
        axes.set_yticks(range(len(labels)), labels)
        axes.set_xlabel(_("event"))
        axes.invert_yaxis()
        return axes

    def draw_priors(self) -> Any:
        """Draw under each prior how probable it is that the scale is of a species that the library has."""
        calls = self.report.content.findings[0].priors or ()
        shares = [1 - float(call.none or 0) for call in calls]
        labels = [
            _("prior {prior}: {name}").format(prior=numeral(call.prior), name=call.taxon)
            for call in calls
        ]
        colours = [_HOLDS if share >= _NAMED else _WRONG for share in shares]
        axes = open_axes(rows=len(calls))
        draw_bars(axes, labels, shares, colours, title="")
        axes.axvline(_NAMED, color="black", linestyle="--")
        axes.set_xlabel(_("probability of a species of the library (dashed: 0.95)"))
        return axes


def open_case() -> Case:
    """Make the training case in a folder for the time of a lesson; this takes some seconds."""
    temporary = TemporaryDirectory()
    place = Path(temporary.name) / "case"
    return Case(place, make_case(place), temporary)


def draw_steps() -> Any:
    """Draw how far above the sequence each kind of statement is, and who makes it."""
    axes = open_axes(rows=len(_STEPS))
    colours = [_WRONG, _WRONG, _HOLDS, _HOLDS]
    draw_bars(axes, list(map(_, _STEPS)), [1.0, 2.0, 3.0, 4.0], colours, title="")
    axes.set_xticks([])
    return axes


def enlarge(axes: Any) -> Any:
    """Make a picture as wide as a page of a lesson, its letters 11 points or larger; return its axes."""
    from matplotlib.text import Text

    axes.figure.set_figwidth(_WIDE)
    for text in axes.findobj(Text):
        text.set_size(max(_LETTERS, text.get_size()))
    return axes
