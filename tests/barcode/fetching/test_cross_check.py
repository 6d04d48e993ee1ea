import pytest
from loopback import GENES, changed, genome

from forensics.barcode.fetching.cross_check import cross_check
from forensics.barcode.fetching.sources import Fetched, Piece
from forensics.barcode.sequence import reverse_complement

COI = genome()[slice(*GENES["COI"])]
CYTB = genome()[slice(*GENES["cytb"])]


def piece(accession, sequence, locus="COI", family="Fictidae"):
    record = Fetched(accession, "Fictus albus", ranks=(("family", family),))
    return Piece(record, locus, sequence, way="annotation")


def test_a_piece_of_its_locus_agrees_and_says_how_much(witnesses):
    for part in (COI, COI[:658], COI[100:400]):
        (kept,), refused = cross_check([piece("FA1.1", changed(part, 0.05, 1))], witnesses)
        assert not refused
        assert kept.agrees.startswith("agrees 0.")
        assert float(kept.agrees.split()[1]) >= 0.64


@pytest.mark.parametrize(
    "sequence, code",
    [
        (CYTB, "WRONG_LOCUS"),
        (reverse_complement(COI[:658]), "OTHER_STRAND"),
        (reverse_complement(CYTB), "WRONG_LOCUS"),
    ],
)
def test_annotation_and_sequence_that_disagree_are_left_out_with_the_evidence(
    witnesses, sequence, code
):
    sound = [piece(f"FA{n}.1", changed(COI[:658], 0.05, n)) for n in range(2, 6)]
    kept, refused = cross_check([piece("FA1.1", sequence), *sound], witnesses)
    assert [p.record.accession for p in kept] == [p.record.accession for p in sound]
    ((found, reason),) = refused
    assert found.record.accession == "FA1.1"
    assert f"disagree ({code})" in reason


def test_what_is_no_locus_at_all_is_left_out_where_its_kin_are_sound(witnesses):
    rubbish = changed("ACGT" * 160, 0.7, 3)
    sound = [piece(f"FA{n}.1", changed(COI[:658], 0.05, n)) for n in range(2, 6)]
    _kept, ((found, reason),) = cross_check([piece("FA1.1", rubbish), *sound], witnesses)
    assert found.record.accession == "FA1.1" and "UNLIKE_LOCUS" in reason


def test_a_locus_without_any_known_record_is_said_not_to_have_been_judged(witnesses):
    (kept,), refused = cross_check([piece("FA1.1", COI[:600], locus="matK")], witnesses)
    assert not refused and kept.agrees == "nothing to judge"


def test_too_few_bases_are_not_judged(witnesses):
    (kept,), refused = cross_check([piece("FA1.1", COI[:90])], witnesses)
    assert not refused and kept.agrees == "nothing to judge"


def test_a_record_is_no_witness_for_itself(witnesses):
    # W0COI of the library, fetched again under its version, turned round.
    text = dict((r.accession, s) for r, s in witnesses.records("COI"))["W0COI"]
    _kept, refused = cross_check([piece("W0COI.1", reverse_complement(text))], witnesses)
    assert "OTHER_STRAND" in refused[0][1]
