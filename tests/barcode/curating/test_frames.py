"""Stop codons and changes of the frame. All sequences are SIMULATED."""

import random

from forensics.barcode.curating.checks import MIN_RECORDS, learn_codons, screen_frames
from forensics.barcode.locus import reverse_complement
from forensics.barcode.reference.records import ReferenceRecord

# A gene uses some codons more than others; these are made up.
CODONS = ["GCC", "CTA", "ATT", "TTC", "GGA", "ACA", "CTT", "GTA", "TAC", "CCC", "ATA", "TCA", "GCA"]


def gene(rng, codons=200):
    return "".join(rng.choice(CODONS) for _ in range(codons))


def records(number=120, start=0, locus="COI"):
    rng = random.Random(f"frames {number}")
    return [
        (
            ReferenceRecord(
                f"F{n:03}", "Fictus albus", "Fictus albus", "Fictus", class_="Aves",
                phylum="Chordata", locus=locus,
            ),
            "G" * start + gene(rng),
        )
        for n in range(number)
    ]  # fmt: skip


def told(pairs, **options):
    return [(f.accession, f.code, f.suggested_action) for f in screen_frames(pairs, **options)]


def test_sound_genes_have_no_findings_whatever_base_they_begin_at():
    for start in range(3):
        assert told(records(start=start)) == []


def test_a_stop_codon_is_found_though_another_frame_is_open():
    pairs = records()
    record, text = pairs[7]
    pairs[7] = record, text[:300] + "TAA" + text[303:]
    (finding,) = screen_frames(pairs)
    assert (finding.accession, finding.code, finding.score) == ("F007", "STOP_CODON", 1.0)


def test_the_stop_codon_at_the_end_of_a_gene_is_its_own():
    pairs = records()
    pairs[7] = pairs[7][0], pairs[7][1] + "TAA"
    assert told(pairs) == []


def test_a_base_lost_or_read_twice_is_found_where_it_is():
    for change in ("", "GG"):
        pairs = records()
        record, text = pairs[7]
        pairs[7] = record, text[:300] + change + text[301:]
        (finding,) = screen_frames(pairs)
        assert (finding.accession, finding.code, finding.suggested_action) == (
            "F007",
            "FRAME_SHIFT",
            "drop",
        )
        place = int(finding.evidence.split("base ")[1].split()[0])
        assert abs(place - 300) <= 15


def test_a_codon_more_or_less_is_no_shift():
    pairs = records()
    record, text = pairs[7]
    pairs[7] = record, text[:300] + text[303:]
    assert told(pairs) == []


def test_few_records_teach_nothing():
    pairs = records(MIN_RECORDS - 1)
    pairs[7] = pairs[7][0], pairs[7][1][:300] + "TAA" + pairs[7][1][303:]
    assert learn_codons(pairs) == {} and told(pairs) == []


def test_a_locus_that_is_not_coding_has_no_frame():
    assert told(records(locus="12S")) == []


def test_what_is_known_to_be_another_locus_is_passed_over():
    pairs = records()
    pairs[7] = pairs[7][0], pairs[7][1][:300] + "TAA" + pairs[7][1][303:]
    assert told(pairs, exclude={"F007"}) == []


def test_a_record_on_the_other_strand_does_not_disturb_the_others():
    pairs = records()
    pairs[7] = pairs[7][0], reverse_complement(pairs[7][1])
    assert {accession for accession, _code, _action in told(pairs)} <= {"F007"}
