"""What is said of taxa, from counts that are given; the program VSEARCH is not needed here."""

import gzip
import json
from hashlib import sha1

import pytest
from hypothesis import given
from hypothesis import strategies as st
from read_set_simulation import insert, stranger

from forensics.barcode.mixture.denoising import Denoised, is_chimera
from forensics.barcode.mixture.options import ReadSetOptions
from forensics.barcode.mixture.presence import Presence
from forensics.barcode.mixture.results import CSV_COLUMNS, AmpliconSequences, Mixture, weigh_samples
from forensics.barcode.mixture.sheet import BLANK, POSITIVE, SAMPLE, Pcr
from forensics.barcode.mixture.sorting import Amplicon
from forensics.barcode.reading.reads import Query
from forensics.core.provenance import Provenance
from forensics.errors import UsageError
from forensics.examination import identify_each
from forensics.io.files import folder

PCRS = [
    Pcr("soup", "1", SAMPLE, ("a",)),
    Pcr("soup", "2", SAMPLE, ("b",)),
    Pcr("water", "1", BLANK, ("c",)),
]
WHITE, BLACK = insert("Fictus albus"), insert("Fictus niger")
PROVENANCE = Provenance(
    "forensics", "0", {"name": "simulated", "sha256": "0" * 64}, {}, {"files": []}, "2026",
    {"vsearch": "2.30.0"},
)  # fmt: skip


def denoised(sequence, *reads, chimera=False, pcrs=PCRS):
    counts = {pcr.name: count for pcr, count in zip(pcrs, reads) if count}
    return Denoised(sha1(sequence.encode()).hexdigest(), sequence, chimera, counts)


@pytest.fixture
def weigh(library):
    def weigh(*sequences, pcrs=PCRS, examined=(5000, 5000, 100)):
        kept = [one for one in sequences if not one.chimera]
        queries = (Query(one.digest, one.sequence) for one in kept)
        calls = identify_each(queries, library=library, locus="12S", one_sample=True)
        depth = {pcr.name: count for pcr, count in zip(pcrs, examined)}
        part = AmpliconSequences(Amplicon("V5"), depth, list(sequences), list(zip(kept, calls)))
        counts = {pcr.name: {"reads": depth[pcr.name], "sorted": depth[pcr.name]} for pcr in pcrs}
        return weigh_samples(pcrs, counts, [{"reads": sum(examined)}], [part], PROVENANCE)

    return weigh


def human_sequence():
    path = folder("reference_sequences") / "contaminants" / "human_mitogenome.fasta.gz"
    return "".join(gzip.decompress(path.read_bytes()).decode().split("\n")[1:])[700:1000]


def presences(result):
    return {taxon.label: taxon.presence for taxon in result.taxa}


def codes(result):
    return [warning.code for warning in result.warnings]


def test_a_taxon_is_present_above_the_limit_in_two_pcrs(weigh):
    (result,) = weigh(denoised(WHITE, 3000, 2900, 0), denoised(BLACK, 50, 2, 0))
    assert presences(result) == {"Fictus albus": Presence.PRESENT, "Fictus niger": Presence.ONE_PCR}
    assert result.headline() == "present: Fictus albus"
    assert [taxon.name for taxon in result.present] == ["Fictus albus"]


def test_few_reads_are_below_the_limit_and_are_shown_all_the_same(weigh):
    (result,) = weigh(denoised(WHITE, 3000, 2900, 0), denoised(BLACK, 2, 2, 0))
    assert presences(result)["Fictus niger"] == Presence.BELOW
    assert any("Fictus niger" in text and "limit" in text for _label, text in result.lines())


def test_one_pcr_alone_is_enough_where_there_is_no_other_and_is_said(weigh):
    pcrs = [PCRS[0], PCRS[2]]
    (result,) = weigh(denoised(WHITE, 3000, 0, pcrs=pcrs), pcrs=pcrs, examined=(5000, 100))
    assert presences(result) == {"Fictus albus": Presence.PRESENT} and "ONE_PCR" in codes(result)


def test_a_taxon_of_a_blank_stands_beside_the_sample_and_nothing_is_subtracted(weigh):
    (result,) = weigh(denoised(WHITE, 3000, 2900, 60), denoised(BLACK, 65, 70, 60))
    white, black = result.taxa
    assert (white.reads, white.share) == (5900, 5900 / 6035)
    assert [(one.pcr, one.reads) for one in white.controls] == [("water/1", 60)]
    assert (white.presence, black.presence) == (Presence.PRESENT, Presence.BELOW)
    assert "TAXON_IN_BLANK" in codes(result)
    assert any("60 of 120 in water/1" in text for _label, text in result.lines())


def test_what_is_not_in_the_library_is_said_with_its_share_and_never_named(weigh):
    (result,) = weigh(denoised(WHITE, 1000, 900, 0), denoised(stranger(), 3000, 3100, 0))
    assert result.headline() == "present: Fictus albus"
    text = dict(result.lines())["Nothing near"]
    assert text.startswith("76.2% of the reads of V5, in 1 sequence (1 above the limit)")


def test_sequences_of_one_species_count_together_and_strangers_apart(weigh):
    other = WHITE[:90] + "ACGT".replace(WHITE[90], "")[0] + WHITE[91:]
    (result,) = weigh(
        denoised(WHITE, 1000, 900, 0), denoised(other, 100, 90, 0),
        denoised(stranger(), 50, 50, 0), denoised(stranger()[::-1], 40, 40, 0),
    )  # fmt: skip
    assert [(taxon.name, taxon.reads) for taxon in result.taxa] == [
        ("Fictus albus", 2090), (None, 100), (None, 80),
    ]  # fmt: skip


def test_chimeras_are_counted_and_named_nowhere(weigh):
    (result,) = weigh(denoised(WHITE, 1000, 900, 0), denoised(BLACK, 50, 60, 0, chimera=True))
    assert presences(result) == {"Fictus albus": Presence.PRESENT}
    assert [pcr.chimeras for pcr in result.reads] == [50, 60]
    assert [pcr.sequences for pcr in result.reads] == [1050, 960]


def test_human_reads_are_contamination_without_their_sequence_and_set_no_limit(weigh):
    human = human_sequence()
    (result,) = weigh(denoised(WHITE, 1000, 900, 0), denoised(human, 500, 400, 5000))
    assert presences(result) == {"Fictus albus": Presence.PRESENT, "human": Presence.CONTAMINATION}
    assert "HUMAN_READS" in codes(result) and "TAXON_IN_BLANK" not in codes(result)
    told = result.to_json()
    assert human not in told and sha1(human.encode()).hexdigest() not in told


def test_a_positive_control_is_a_result_of_its_own(weigh):
    pcrs = [*PCRS, Pcr("mock", "1", POSITIVE, ("d",))]
    results = weigh(
        denoised(WHITE, 1000, 900, 0, 0, pcrs=pcrs), denoised(BLACK, 0, 0, 0, 700, pcrs=pcrs),
        pcrs=pcrs, examined=(5000, 5000, 100, 800),
    )  # fmt: skip
    assert [(one.sample, one.role) for one in results] == [("soup", SAMPLE), ("mock", POSITIVE)]
    assert results[1].headline() == "present: Fictus niger"


def test_without_blanks_and_reads_and_replicates_that_is_said(weigh):
    (result,) = weigh(pcrs=PCRS[:1], examined=(0,))
    assert result.headline() == "no reads could be examined"
    assert {"NO_BLANKS", "JUMPS_UNKNOWN", "ONE_PCR", "FEW_READS"} <= set(codes(result))


def test_shares_are_called_shares_of_reads_and_have_their_interval(weigh):
    (result,) = weigh(denoised(WHITE, 3000, 2900, 0), denoised(stranger(), 2000, 2100, 0))
    assert "of reads, not of material" in dict(result.lines())["Shares"]
    found = json.loads(result.to_json())["found"][0]
    assert found["share_of_reads"] == 0.59 and found["low"] < 0.59 < found["high"]
    assert "Korn & Graubard" in found["interval"]


def test_rows_and_frame_have_the_columns_that_are_promised(weigh):
    results = weigh(denoised(WHITE, 3000, 2900, 4), denoised(stranger(), 20, 20, 0))
    assert [tuple(row) for row in results[0].rows()] == [CSV_COLUMNS] * 2
    frame = results.to_frame()
    assert list(frame.columns) == list(CSV_COLUMNS) and len(frame) == 2
    assert frame["most_reads_in_blank"].tolist() == [4, 0]
    assert "Fictus albus" in results._repr_html_() and "Fictus albus" in repr(results)


def test_a_result_that_is_read_back_shows_what_it_showed(weigh):
    (result,) = weigh(
        denoised(WHITE, 3000, 2900, 60), denoised(BLACK, 65, 0, 60), denoised(stranger(), 2, 900, 0)
    )
    stored = Mixture.from_json(result.to_json())
    assert stored.to_dict() == result.to_dict() and not stored.written.values
    assert stored.lines() == result.lines() and stored.rows() == result.rows()
    assert [notice.code for notice in stored.notices] == codes(result) == ["TAXON_IN_BLANK"]


def test_a_row_has_the_identity_of_a_sequence_of_its_own_sample(weigh):
    pcrs = [*PCRS[:1], Pcr("broth", "1", SAMPLE, ("b",)), PCRS[2]]
    other = WHITE[:90] + "ACGT".replace(WHITE[90], "")[0] + WHITE[91:]
    soup, broth = weigh(
        denoised(WHITE, 3000, 0, 0, pcrs=pcrs), denoised(other, 0, 2000, 0, pcrs=pcrs), pcrs=pcrs
    )
    for result in (soup, broth):
        ((row,), (sequence,)) = result.rows(), result.taxa[0].sequences
        assert row["sequences"] == 1 and row["identity"] == sequence.nearest.identity
    assert broth.rows()[0]["identity"] < soup.rows()[0]["identity"]


def test_human_sequences_are_counted_and_a_record_of_them_does_not_say_how_many(weigh):
    (result,) = weigh(denoised(WHITE, 1000, 900, 0), denoised(human_sequence(), 500, 400, 5000))
    (row,) = [row for row in result.rows() if row["status"] == "human"]
    assert (row["sequences"], row["identity"], row["probability"]) == (1, None, None)
    stored = Mixture.from_json(result.to_json())
    assert [row["sequences"] for row in stored.rows()] == [1, None]


@given(st.lists(st.integers(0, 3000), min_size=3, max_size=3), st.integers(0, 3000))
def test_more_reads_in_a_blank_never_make_a_taxon_present(weigh_once, reads, more):
    rank = {Presence.BELOW: 0, Presence.ONE_PCR: 1, Presence.PRESENT: 2}
    less = weigh_once(denoised(WHITE, *reads))
    much = weigh_once(denoised(WHITE, *reads[:2], reads[2] + more))
    found = [[rank[taxon.presence] for taxon in result.taxa] for result in (less, much)]
    assert found[0] >= found[1]


@pytest.fixture(scope="module")
def weigh_once(library):
    """Weigh one sequence of Fictus albus, identified once."""
    (call,) = identify_each(
        iter([Query("x", WHITE)]), library=library, locus="12S", one_sample=True
    )
    depth = {pcr.name: 3000 for pcr in PCRS}
    counts = {name: {"reads": 3000, "sorted": 3000} for name in depth}

    def weigh(one):
        part = AmpliconSequences(Amplicon("V5"), depth, [one], [(one, call)])
        return weigh_samples(PCRS, counts, [{"reads": 9000}], [part], PROVENANCE)[0]

    return weigh


# -- chimeras and settings --------------------------------------------------------------


def test_a_sequence_is_a_chimera_only_where_both_parents_are_in_its_pcrs():
    one, two = denoised(WHITE, 900, 800), denoised(BLACK, 700, 900)
    made = denoised(stranger(), 20, 30)
    assert is_chimera(made, [one, two])
    assert not is_chimera(made, [one, denoised(BLACK, 700, 0)])
    assert not is_chimera(made, [one, denoised(BLACK, 700, 30)])


@pytest.mark.parametrize(
    "wrong",
    [
        {"maximum_errors": 0},
        {"alpha": -1},
        {"least_reads": 0},
        {"minimum_length": 0},
        {"quality_offset": "50"},
    ],
)
def test_settings_that_mean_nothing_are_refused(wrong):
    with pytest.raises(UsageError):
        ReadSetOptions(**wrong)
