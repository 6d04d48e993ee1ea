import random

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from simulation import mutate, random_sequence

from forensics.barcode.reading.chromatogram import DoublePeak
from forensics.barcode.reading.consensus import GAP, ReadsDisagree, Seen, merge
from forensics.barcode.sequence import IUPAC, reverse_complement

WHOLE = random_sequence(random.Random(9), 400)


def read(number, sequence, error=0.001, **at):
    """Return a read; `at` gives the error at places (``p12=0.2``)."""
    errors = {int(name[1:]): value for name, value in at.items()}
    return [Seen(number, n, base, errors.get(n, error)) for n, base in enumerate(sequence)]


def changed(sequence, place, base):
    return sequence[:place] + base + sequence[place + 1 :]


def other(base):
    return "ACGT"["ACGT".index(base) - 1]


def test_overlapping_reads_become_one():
    merged = merge([read(0, WHOLE[:300]), read(1, WHOLE[100:])])
    assert merged.sequence == WHOLE
    assert (merged.overlap, merged.compared, merged.differing) == (200, 200, 0)
    assert merged.agreement == 1
    assert merged.reversed == (False, False)
    assert [len(column) for column in merged.columns] == [1] * 100 + [2] * 200 + [1] * 100


@given(st.integers(0, 150), st.integers(250, 400), st.booleans())
@examples(25)
def test_the_strand_of_the_second_is_found_from_its_bases(start, end, first_turned):
    reads = [WHOLE[:end], reverse_complement(WHOLE[start:])]
    merged = merge([read(n, text) for n, text in enumerate(reads)])
    assert merged.sequence == WHOLE
    assert merged.reversed == (False, True)
    turned = merge([read(n, text) for n, text in enumerate(reversed(reads))])
    assert turned.sequence == reverse_complement(WHOLE)


def test_agreement_gains_quality_as_edgar_and_flyvbjerg_say():
    # doi:10.1093/bioinformatics/btv401, equations for agreeing and for differing bases
    p, q = 0.01, 0.05
    merged = merge([read(0, WHOLE, p), read(1, WHOLE, q)])
    agree = p * q / 3 / (1 - p - q + 4 * p * q / 3)
    assert merged.errors == pytest.approx([agree] * len(WHOLE))
    p, q = 0.0001, 0.05
    wrong = changed(WHOLE, 200, other(WHOLE[200]))
    merged = merge([read(0, WHOLE, p), read(1, wrong, q)])
    assert merged.sequence == WHOLE
    differ = p * (1 - q / 3) / (p + q - 4 * p * q / 3)
    assert merged.errors[200] == pytest.approx(differ, rel=1e-6)


def test_where_neither_base_is_clearly_better_both_are_written():
    base = other(WHOLE[200])
    wrong = changed(WHOLE, 200, base)
    merged = merge([read(0, WHOLE), read(1, wrong, p200=0.002)])
    assert set(IUPAC[merged.sequence[200]]) == {WHOLE[200], base}
    assert changed(merged.sequence, 200, WHOLE[200]) == WHOLE
    ((place, column),) = merged.conflicts
    assert place == 200
    assert {(seen.read, seen.base, seen.error) for seen in column} == {
        (0, WHOLE[200], 0.001),
        (1, base, 0.002),
    }


def test_a_base_called_n_is_no_conflict_and_the_other_read_fills_it():
    merged = merge([read(0, changed(WHOLE, 200, "N"), p200=0.5), read(1, WHOLE)])
    assert merged.sequence == WHOLE
    assert merged.conflicts == ()


@pytest.mark.parametrize("missing", [False, True])
def test_a_base_too_many_is_settled_by_quality(missing):
    longer = WHOLE[:200] + other(WHOLE[200]) + WHOLE[200:]
    merged = merge([read(0, WHOLE), read(1, longer, p200=0.00001 if missing else 0.3)])
    assert merged.sequence == (longer if missing else WHOLE)
    ((_place, column),) = merged.conflicts
    assert GAP in {seen.base for seen in column}
    assert merged.agreement == pytest.approx(400 / 401)


def peak(base, second, ratio=0.6):
    return DoublePeak(0, base, second, ratio, 0.0)


def test_a_double_peak_of_both_strands_is_written_as_a_code_and_of_one_is_not():
    base, second = WHOLE[200], other(WHOLE[200])

    def with_peak(number):
        reads = read(number, WHOLE)
        reads[200] = Seen(number, 200, base, 0.02, peak(base, second), double=True)
        return reads

    both = merge([with_peak(0), with_peak(1)])
    assert set(IUPAC[both.sequence[200]]) == {base, second}
    assert both.conflicts == ()
    alone = merge([with_peak(0), read(1, WHOLE, 0.00001)])
    assert alone.sequence == WHOLE
    single = merge([with_peak(0)])
    assert set(IUPAC[single.sequence[200]]) == {base, second}


def test_reads_of_two_samples_are_refused():
    far = mutate(random.Random(1), WHOLE, substitutions=30)
    with pytest.raises(ReadsDisagree) as caught:
        merge([read(0, WHOLE), read(1, reverse_complement(far))])
    assert caught.value.read == 1
    assert caught.value.differing > 0.05 * caught.value.compared


def test_reads_that_hardly_meet_are_refused():
    with pytest.raises(ReadsDisagree) as caught:
        merge([read(0, WHOLE[:220]), read(1, WHOLE[200:])])
    assert caught.value.overlap < 50
    with pytest.raises(ReadsDisagree):
        merge([read(0, WHOLE), read(1, random_sequence(random.Random(10), 400))])


def test_errors_at_bad_bases_are_no_disagreement():
    rng = random.Random(2)
    bad = {n: rng.random() < 0.1 for n in range(400)}
    text = "".join(other(base) if bad[n] else base for n, base in enumerate(WHOLE))
    reads = [Seen(1, n, base, 0.2 if bad[n] else 0.001) for n, base in enumerate(text)]
    assert merge([read(0, WHOLE), reads]).sequence == WHOLE


def test_three_reads():
    reads = [WHOLE[:200], reverse_complement(WHOLE[100:350]), WHOLE[250:]]
    merged = merge([read(n, text) for n, text in enumerate(reads)])
    assert merged.sequence == WHOLE
    assert merged.reversed == (False, True, False)
    assert {seen.read for column in merged.columns for seen in column} == {0, 1, 2}


@given(st.data())
@examples(25)
def test_every_base_of_every_read_is_in_one_column(data):
    rng = random.Random(data.draw(st.integers(0, 10**6)))
    texts = [
        mutate(rng, WHOLE[a:b], substitutions=2, insertions=2, deletions=2)
        for a, b in ((0, 300), (80, 400))
    ]
    merged = merge([read(n, text, 0.2) for n, text in enumerate(texts)])
    kept = [seen for column in merged.columns for seen in column if seen.base != GAP]
    lost = [
        seen
        for _place, column in merged.conflicts
        if column not in merged.columns
        for seen in column
        if seen.base != GAP
    ]
    for number, text in enumerate(texts):
        ours = sorted(seen.position for seen in {*kept, *lost} if seen.read == number)
        assert ours == list(range(len(text)))
