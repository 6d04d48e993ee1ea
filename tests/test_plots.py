"""Results draw themselves on axes of matplotlib: axes in, axes out; nothing of it is loaded before."""

import subprocess
import sys

import numpy as np
import pytest
from golden_results import records
from simulation import query

import forensics
from forensics.age.radiocarbon import Curve, calibrate
from forensics.errors import ForensicsError, UsageError
from forensics.io.files import folder
from forensics.stored_results import read_result

pytest.importorskip("matplotlib")
import matplotlib.figure
import matplotlib.pyplot

KINDS = ("age", "captive", "individual", "mixture", "origin")


@pytest.fixture
def axes():
    return matplotlib.figure.Figure().subplots()


@pytest.fixture(autouse=True)
def _no_figure_is_left_open():
    yield
    matplotlib.pyplot.close("all")


def texts_of(axes):
    """Return all that is written on axes."""
    return " ".join(text.get_text() for text in axes.findobj(matplotlib.text.Text))


def stored(kind):
    return {case: read_result(one) for case, one in records(kind).items()}


def drawable():
    for kind in KINDS:
        for case, result in stored(kind).items():
            if hasattr(result, "plot"):
                yield case, result


def test_every_stored_result_that_has_a_picture_is_drawn_on_the_axes_that_are_given():
    drawn, maps = set(), 0
    for case, result in drawable():
        axes = matplotlib.figure.Figure().subplots()
        if getattr(result, "summary", None) is not None:  # its map is not stored
            with pytest.raises(UsageError, match="map is not stored"):
                result.plot(axes)
            maps += 1
            continue
        assert result.plot(axes) is axes, case
        assert texts_of(axes).strip(), case
        if type(result).__name__ not in drawn:
            axes.figure.canvas.draw()
        drawn.add(type(result).__name__)
    assert maps
    assert drawn >= {
        "RadiocarbonAge", "SeriesAge", "MethylationAge", "Husbandry", "Network", "Mixture",
        "PopulationOrigin", "ClassifiedOrigin",
    }  # fmt: skip


@pytest.fixture(scope="module")
def results(embedded):
    """A query that is named, one that is near to nothing, and one that is too short."""
    folder_ = folder("reference_sequences") / "demonstration"
    named = forensics.identify(folder_ / "scale.fasta", library=embedded)
    return named + forensics.identify(f">far\n{query()}\n>short\nACGT\n", library=embedded)


def test_candidates_are_bars_of_their_probabilities(results, axes):
    best = results[0]
    assert best.plot(axes) is axes
    species = best.call.probabilities["species"]
    expected = [species.get(each.species, 0.0) for each in best.candidates[:8]]
    assert [bar.get_width() for bar in axes.patches] == [*expected, species["none"]]
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels[0].startswith(best.candidates[0].species) and labels[-1] == "none of the library"
    assert axes.yaxis_inverted() and best.headline() in axes.get_title()


def test_without_calibration_identities_are_drawn(library, axes):
    (result,) = forensics.identify(f">near\n{query()}\n", library=library)
    assert result.call.probabilities is None
    result.plot(axes)
    assert [bar.get_width() for bar in axes.patches] == [
        candidate.identity for candidate in result.candidates[:8]
    ]
    assert "not calibrated" in axes.get_xlabel()


def test_a_query_that_is_near_to_nothing_says_so(results, axes):
    results[2].plot(axes)
    assert not axes.patches and results[2].headline() in texts_of(axes)


def test_a_run_is_a_row_a_query(results, axes):
    assert results.plot(axes) is axes
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert [label.split(":")[0] for label in labels] == [result.query for result in results]
    (best,) = [line for line in axes.lines if line.get_xdata()[0] == results[0].candidates[0].identity
               and len(line.get_xdata()) == 1]  # fmt: skip
    assert best.get_ydata()[0] == 0
    many = forensics.Identifications([results[0]] * 101)
    with pytest.raises(UsageError, match="101 queries do not fit in one picture of 100"):
        many.plot(axes)


def test_without_axes_a_figure_of_pyplot_is_made(results):
    matplotlib.pyplot.switch_backend("agg")
    axes = results[0].plot()
    assert matplotlib.pyplot.gcf() is axes.figure


def test_names_of_strangers_are_no_formulas(library, axes):
    (result,) = forensics.identify(f">$\\alpha$\n{query()}\n", library=library)
    result.plot(axes)
    axes.figure.canvas.draw()
    assert "$\\alpha$" in axes.get_title() and not axes.title.get_parse_math()
    assert not any(label.get_parse_math() for label in axes.get_yticklabels())


def test_populations_are_bars_with_their_p_values(axes):
    result = stored("origin")["populations_1"]
    result.plot(axes)
    shares = sorted(result.probabilities.values(), reverse=True)[:20]
    assert [bar.get_width() for bar in axes.patches] == shares
    assert "(p = " in axes.get_yticklabels()[0].get_text()


def test_the_map_of_an_origin_is_that_of_the_file(axes):
    from isotope_simulation import animals, plane

    from forensics.origin.isotope_models import assign_isotopes, fit_isotopes
    from forensics.origin.options import AssignmentOptions

    known = animals(plane(), sites=20)
    model = fit_isotopes(known, [plane()])
    from forensics.core.provenance import make_provenance

    provenance = make_provenance(
        library={"name": "m", "version": "1", "sha256": "0"}, parameters={}, input={}
    )
    (result,) = assign_isotopes(
        known[["d2H"]][:1], model, AssignmentOptions(), provenance=provenance
    )
    sites = (known["latitude"].tolist(), known["longitude"].tolist())
    assert result.plot(axes, sites=sites) is axes
    assert axes.collections and axes.get_title() == result.sample
    assert any(len(line.get_xdata()) == len(known) for line in axes.lines)


def test_a_date_is_drawn_with_its_curve(axes):
    years = np.linspace(1900, 2000, 101)
    curve = Curve("made", years, 1 + 0.005 * (years - 1900), np.full(101, 0.002), ())
    calibration = calibrate(1.2, 0.01, curve, until=2000.0)
    assert calibration.plot(axes) is axes
    assert axes.get_xlabel() == "calendar year"
    assert {text.get_text() for text in axes.get_legend().get_texts()} == {"curve", "measured"}


def test_a_tree_is_drawn(library, axes):
    (result,) = forensics.identify(f">near\n{query()}\n", library=library, tree=True)
    assert result.tree.plot(axes) is axes
    assert "near" in texts_of(axes)


def test_without_matplotlib_it_says_what_to_install(results, monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == "matplotlib"]:
        monkeypatch.setitem(sys.modules, name, None)
    for result in (results[0], results, next(drawable())[1]):
        with pytest.raises(ForensicsError, match=r"needs the extra plot"):
            result.plot()


def test_matplotlib_is_loaded_when_something_is_drawn():
    code = (
        "import sys, forensics, forensics.origin.results, forensics.age.results, "
        "forensics.individual.captive.results, forensics.barcode.mixture.results; "
        "forensics.identify('>a\\n' + 'ACGT' * 30); assert 'matplotlib' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
