"""Lines of BLAST and SINTAX."""

from collections import Counter

import pytest
from simulation import SPECIES, query

from forensics.barcode.examination import Examination
from forensics.barcode.locus import reverse_complement
from forensics.barcode.options import IdentifyOptions
from forensics.barcode.reading.inputs import as_queries
from forensics.barcode.tabular import blast_lines, sintax_line


@pytest.fixture(scope="module")
def examine(library):
    examination = Examination(library, IdentifyOptions(alignments=True))

    def one(sequence):
        return next(iter(examination.run(as_queries(f">q\n{sequence}\n"))))

    return one


def columns(result):
    names = (
        "query", "record", "identity", "length", "mismatches", "gaps", "query_start", "query_end",
        "record_start", "record_end", "e", "bits",
    )  # fmt: skip
    return [dict(zip(names, line.split("\t"), strict=True)) for line in blast_lines(result)]


def test_an_exact_match_covers_the_query_without_a_difference(examine):
    sequence = query(substitutions=0)
    result = examine(sequence)
    first, *others = columns(result)
    assert first["query"] == "q" and first["record"] == result.candidates[0].accession
    assert first["identity"] == "100.000" and first["mismatches"] == first["gaps"] == "0"
    assert (first["query_start"], first["query_end"]) == ("1", str(len(sequence)))
    assert (first["e"], first["bits"]) == ("-1", "0")
    assert [row["record"] for row in others] == [c.accession for c in result.candidates[1:]]


def test_differences_and_gaps_are_counted_as_blast_does(examine):
    sequence = query(SPECIES[1], substitutions=0)
    swap = {"A": "C", "C": "A", "G": "T", "T": "G"}
    changed = sequence[:100] + swap[sequence[100]] + sequence[101:300] + sequence[302:]
    row = columns(examine(changed))[0]
    assert (row["mismatches"], row["gaps"]) == ("1", "1")  # one run of two
    assert row["length"] == str(len(sequence))
    assert float(row["identity"]) == pytest.approx(
        100 * (len(sequence) - 3) / len(sequence), abs=1e-3
    )


def test_the_reverse_strand_has_the_same_query_and_the_record_turned_round(examine):
    sequence = query()[50:400]
    forward, backward = (
        columns(examine(sequence))[0],
        columns(examine(reverse_complement(sequence)))[0],
    )
    assert (backward["query_start"], backward["query_end"]) == ("1", "350")
    assert (backward["record_start"], backward["record_end"]) == (
        forward["record_end"],
        forward["record_start"],
    )
    assert int(forward["record_end"]) - int(forward["record_start"]) == 349


def test_places_of_the_query_are_those_of_the_query_as_it_was_given(examine):
    inner = query()[:300]
    tail = "ACGTTGCA" * 12
    for sequence, place in ((inner, "1"), (reverse_complement(inner), "1")):
        assert columns(examine(sequence))[0]["query_start"] == place
    sticking_out = columns(examine(reverse_complement(query() + tail)))
    if sticking_out:  # the tail was not taken for a part of the barcode
        assert Counter(row["query_start"] for row in sticking_out)["1"] < len(sticking_out)


def test_a_query_near_to_nothing_has_no_line_of_blast_and_an_empty_one_of_sintax(examine):
    result = examine("ACGT" * 150)
    assert columns(result) == [] and sintax_line(result) == "q\t\t\t"


def test_sintax_names_the_ranks_that_are_called(examine):
    result = examine(query())
    name, _predicted, strand, called = sintax_line(result).split("\t")
    assert (name, strand) == ("q", "+")
    assert called.split(",")[-1] == "s:" + SPECIES[0].replace(" ", "_")


def test_sintax_has_the_probabilities_of_a_calibrated_library():
    from forensics import identify
    from forensics.io.files import folder

    result = identify(folder("reference_sequences") / "demonstration" / "scale.fasta")[0]
    _name, predicted, _strand, called = sintax_line(result).split("\t")
    species = result.call.probabilities["species"]["Manis temminckii"]
    assert predicted.split(",")[-1] == f"s:Manis_temminckii({species:.4f})"
    assert called == "f:Manidae,g:Manis,s:Manis_temminckii"


def test_sintax_states_nothing_below_the_call_where_the_sequence_is_in_doubt():
    """A base is missing, so the frame shifts: a nuclear copy, or an error; the call ends at the genus."""
    from forensics import identify
    from forensics.io.files import folder

    scale = folder("reference_sequences") / "demonstration" / "scale.fasta"
    whole = "".join(scale.read_text(encoding="utf-8").splitlines()[1:])
    result = identify(whole[:300] + whole[301:])[0]
    assert result.rank == "genus" and "FRAMESHIFT" in result.codes
    assert result.call.probabilities["species"]["Manis temminckii"] > 0.95
    predicted, called = sintax_line(result).split("\t")[1::2]
    assert called == "f:Manidae,g:Manis"
    assert [part.partition("(")[0] for part in predicted.split(",")] == called.split(",")


def test_differences_have_the_bases_and_their_places_on_either_strand(examine):
    sequence = query(SPECIES[1], substitutions=0)
    swap = {"A": "C", "C": "A", "G": "T", "T": "G"}
    changed = sequence[:100] + swap[sequence[100]] + sequence[101:]
    for text in (changed, reverse_complement(changed)):
        result = examine(text)
        assert result.sequence == text
        ((place, base, other),) = result.alignments[0].differences
        assert text[place - 1] == base
        own = sequence if text == changed else reverse_complement(sequence)
        assert own[place - 1] == other


def test_a_gap_has_the_number_of_the_base_before_it(examine):
    sequence = query(SPECIES[1], substitutions=0)
    for gap in ("query", "record"):
        text = sequence[:300] + (
            sequence[301:] if gap == "query" else "ACGT"[sequence[300] == "A"] + sequence[300:]
        )
        for one in (text, reverse_complement(text)):
            ((place, base, other),) = examine(one).alignments[0].differences
            if gap == "query":  # of a run of one letter any may be the one that is left out
                assert base == "-" and other in "ACGT"
                restored = one[:place] + other + one[place:]
            else:
                assert other == "-" and one[place - 1] == base
                restored = one[: place - 1] + one[place:]
            assert restored in (sequence, reverse_complement(sequence))


def test_without_alignments_no_sequence_is_kept(library):
    plain = Examination(library, IdentifyOptions())
    assert next(iter(plain.run(as_queries(f">q\n{query()}\n")))).sequence == ""
