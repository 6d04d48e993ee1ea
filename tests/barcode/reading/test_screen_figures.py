"""Pictures of chromatograms for a screen: what they show, and that their letters can be read in a workshop."""

import pytest

from forensics import barcode, training
from forensics.errors import InputError, UsageError

matplotlib = pytest.importorskip("matplotlib")
SMALLEST = 11


@pytest.fixture(autouse=True)
def agg():
    from matplotlib import pyplot

    with matplotlib.rc_context({"backend": "agg", "figure.dpi": 96, "font.size": 12.5}):
        yield
    pyplot.close("all")


@pytest.mark.parametrize(("name", "reads", "at"), [("mixed", 2, 412), ("clean", 1, 1)])
def test_a_base_and_those_around_it_fit_a_screen_in_letters_that_can_be_read(name, reads, at):
    axes = barcode.plot_chromatograms(training.exhibits()[name][:reads], at=at)
    figure = axes.figure
    assert figure.get_size_inches()[0] * figure.dpi <= 900
    texts = [*figure.texts, *figure.legends[0].get_texts()]
    assert min(text.get_fontsize() for text in texts) >= SMALLEST
    drawn = [
        each for each in axes.collections if hasattr(each, "get_sizes") and len(each.get_sizes())
    ]
    assert min(each.get_sizes()[0] for each in drawn) >= SMALLEST**2


def test_a_base_that_the_sequence_does_not_have_is_refused(tmp_path):
    with pytest.raises(UsageError, match="no base 656; its length is 655"):
        barcode.plot_chromatograms(training.exhibits()["mixed"], at=656)
    text = tmp_path / "a.fasta"
    text.write_text(">a\nACGT\n", encoding="utf-8")
    with pytest.raises(InputError, match="chromatogram"):
        barcode.plot_chromatograms([text], at=1)


def test_one_chromatogram_may_be_given_by_itself():
    file = training.exhibits()["mixed"][0]
    alone = barcode.inspect_chromatograms(file)
    assert alone == barcode.inspect_chromatograms([file]) and len(alone.reads) == 1


def test_double_peaks_are_filled_where_both_strands_show_them():
    mixed = barcode.inspect_chromatograms(training.exhibits()["mixed"])
    assert (mixed.sample, mixed.mixed) == ("Bombus_ignitus", True)
    filled, open_ = mixed.plot().lines
    clear = [peak.place for peak in mixed.double_peaks if peak.clear and peak.where == "both"]
    assert len(clear) == 11 and list(filled.get_xdata()) == clear
    assert len(open_.get_xdata()) == len(mixed.double_peaks) - 11
    assert filled.get_markerfacecolor() != "none" and open_.get_markerfacecolor() == "none"
