import random

import pytest
from Bio.Data import CodonTable
from hypothesis import given
from hypothesis import strategies as st
from simulation import mutate

from forensics.barcode import translation
from forensics.barcode.locus import LOCI, reverse_complement
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import Alignment, align, search
from forensics.barcode.reference.records import ReferenceRecord
from forensics.barcode.translation import (
    NAMES,
    TABLES,
    UNKNOWN,
    check_translation,
    codons,
    frameshifts,
    mitochondrial_code,
    readings,
    stops,
    translate,
    without_frame,
)
from forensics.core.notice import Severity


@pytest.fixture(scope="module")
def coi(embedded):
    return embedded.index("COI")


@pytest.fixture(scope="module")
def leopard(embedded):
    """A real COI barcode of a leopard, as the embedded library has it."""
    index = embedded.index("COI")
    found = (
        index.haplotype_at(position) for position in index.positions_labelled("Panthera pardus")
    )
    barcode = next(haplotype for haplotype in found if index.lengths[haplotype] == 658)
    return index.sequence(barcode)


def test_a_piece_of_a_record_reads_as_the_record(leopard):
    """What is the same as its record is not read codon by codon."""
    found = readings(leopard, ReferenceRecord.named("A", "B c"), "COI")
    record = translation._Record(leopard, found)
    for start in range(0, 200, 7):
        for end in range(len(leopard) - 200, len(leopard) + 1, 11):
            piece = leopard[start:end]
            read = translation._read(Alignment(piece, piece, 0, start), record)
            assert {(one.code, one.frame) for one in read} == set(found)
            assert not any(one.stops or one.changes for one in read)
            last = end - 1 if end == len(leopard) else end
            for code, frame in found:
                first = start + (frame - start) % 3
                closing = stops(code)
                assert not any(leopard[s : s + 3] in closing for s in range(first, last - 2, 3))


def checked(sequence, index):
    hits = search(index, sequence).hits
    record = index.sequence(hits[0].haplotype)
    return check_translation(sequence, hits, index, align(sequence, record, hits[0]))


def codes(warnings):
    return [warning.code for warning in warnings]


def frame_of(sequence):
    ((_code, frame),) = readings(
        sequence, ReferenceRecord.named("A", "B c", phylum="Chordata"), "COI"
    )
    return frame


@pytest.mark.parametrize("turned", [False, True])
def test_a_clean_sequence_reads_open_on_both_strands(coi, leopard, turned):
    assert checked(reverse_complement(leopard) if turned else leopard, coi) == ()


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("stop", sorted(stops(2)))
def test_a_stop_codon_of_the_vertebrate_code_is_told_with_its_place(coi, leopard, stop, turned):
    place = frame_of(leopard) + 300
    closed = leopard[:place] + stop + leopard[place + 3 :]
    (warning,) = checked(reverse_complement(closed) if turned else closed, coi)
    assert warning.code == "STOP_CODON"
    assert "genetic code 2" in warning.message
    # On the other strand it is found where its first base lies there.
    base = len(leopard) - place if turned else place + 1
    assert f"at base {base} " in warning.message


def test_an_ambiguous_base_is_no_stop_codon(coi, leopard):
    place = frame_of(leopard) + 300
    assert checked(leopard[:place] + "NGA" + leopard[place + 3 :], coi) == ()


def test_a_codon_that_stops_in_vertebrates_alone_is_none_in_an_insect(coi):
    """AGA is serine in the mitochondria of invertebrates."""
    rng = random.Random(1)
    seen = 0
    while seen < 20:
        haplotype = rng.randrange(coi.size)
        record = coi.records(haplotype)[0]
        if record.phylum == "Chordata" or not record.phylum:
            continue
        sequence = coi.sequence(haplotype)
        assert "STOP_CODON" not in codes(checked(sequence, coi))
        seen += 1


def test_a_coral_is_not_read_as_a_vertebrate():
    """A made gene with AGA and AGG: closed under code 2, open under 4, the coral's."""
    rng = random.Random(2)
    sense = [a + b + c for a in "ACGT" for b in "ACGT" for c in "ACGT"]
    sense = [codon for codon in sense if codon not in stops(4)]
    gene = "".join(rng.choices(sense, k=200)) + "AGAAGG" + "".join(rng.choices(sense, k=10))
    unknown = ReferenceRecord.named("A1", "Acropora fictiva", locus="COI")
    coral = ReferenceRecord.named("A1", "Acropora fictiva", locus="COI", phylum="Cnidaria")
    assert 2 not in {code for code, _frame in readings(gene, unknown, "COI")}
    assert {code for code, _frame in readings(gene, coral, "COI")} == {4}
    for record in (unknown, coral):
        index = Index.build([(record, gene)], locus="COI")
        assert checked(gene[30:], index) == ()
        assert codes(checked(gene[:300] + "TAA" + gene[303:], index)) == ["STOP_CODON"]


@pytest.mark.parametrize("number", [1, 2, 4])
@pytest.mark.parametrize("turned", [False, True])
def test_an_indel_that_shifts_the_frame_is_told(coi, leopard, number, turned):
    shifted = leopard[:300] + leopard[300 + number :]
    found = checked(reverse_complement(shifted) if turned else shifted, coi)
    assert "FRAMESHIFT" in codes(found)
    assert "NUMT" in found[codes(found).index("FRAMESHIFT")].message


def test_a_whole_codon_more_or_less_shifts_nothing(coi, leopard):
    for changed in (leopard[:300] + leopard[303:], leopard[:300] + "GCA" + leopard[300:]):
        assert "FRAMESHIFT" not in codes(checked(changed, coi))


def test_a_base_lost_in_a_run_is_called_a_sequencing_error_rather():
    query = "ACGTACGTACGTGCATGCC-CCCGTACGTACGTACGTTACGT"
    record = "ACGTACGTACGTGCATGCCCCCCGTACGTACGTACGTTACGT"
    (shift,) = frameshifts(Alignment(query, record, 0, 0))
    assert (shift.bases, shift.run) == (-1, "CCCCC" + "C")


@given(st.integers(12, 200), st.integers(1, 12))
def test_gaps_that_make_up_for_each_other_shift_nothing(place, apart):
    rng = random.Random(place)
    base = mutate(rng, "ACGT" * 60)
    query = base[:place] + "-" + base[place + 1 :]
    other = base[: place + apart] + "-" + base[place + apart + 1 :]
    assert frameshifts(Alignment(query, other, 0, 0)) == []
    assert len(frameshifts(Alignment(query, base, 0, 0))) == 1


def test_an_error_of_the_nearest_record_is_not_blamed_on_the_query(coi, leopard):
    """The nearest record lacks a base; two others at hand do not."""
    rng = random.Random(3)
    named = [ReferenceRecord.named(f"A{n}", "Fictus albus", locus="COI") for n in range(3)]
    others = [mutate(rng, leopard, substitutions=3) for _ in range(2)]
    faulty = leopard[:300] + leopard[301:]
    index = Index.build(list(zip(named, [faulty, *others], strict=True)), locus="COI")
    assert "FRAMESHIFT" not in codes(checked(leopard[:640], index))


def test_changes_without_selection_are_told_and_those_of_species_are_not(coi, leopard):
    """Simulated: 4 % of the bases changed at random, as in a nuclear copy."""
    flagged = 0
    for seed in range(20):
        decayed = mutate(random.Random(seed), leopard, substitutions=26)
        flagged += bool(checked(decayed, coi))
    assert flagged >= 18


def test_a_locus_that_is_not_coding_is_not_read(embedded):
    index = embedded.index("16S")
    sequence = index.sequence(index.size // 2)
    assert checked(sequence[:200] + "TAA" + sequence[200:], index) == ()
    assert without_frame("TAATTAATTAA" * 30, "16S") == ()


def test_without_a_record_all_frames_of_both_strands_are_tried(leopard):
    assert without_frame(leopard, "COI") == ()
    assert without_frame(reverse_complement(leopard), "COI") == ()
    closed = "TAACTAACTAAC" * 40  # closed in every frame of one strand, and of the other
    closed += reverse_complement(closed)
    (warning,) = without_frame(closed, "COI")
    assert warning.code == "STOP_CODON"


def test_a_piece_longer_than_the_gene_is_not_read_without_a_record():
    assert without_frame(("TAACTAACTAAC" + "GTTAGTTAGTTA") * 60, "COI") == ()


def replaced(sequence, index, places):
    """Change the first base of codons so that amino acids change and none is a stop; every codon but few is alike."""
    letters = list(sequence)
    frame = frame_of(sequence)
    for codon in places:
        at = frame + 3 * codon
        for base in "ACGT":
            if base != letters[at]:
                changed = [*letters[:at], base, *letters[at + 1 :]]
                text = "".join(changed[at : at + 3])
                amino = codons(2)
                if text in amino and amino[text] not in ("*", amino["".join(letters[at : at + 3])]):
                    letters = changed
                    break
    return "".join(letters)


def test_differences_that_change_amino_acids_are_told_where_selection_lets_few_stand(coi, leopard):
    messages = {}
    for number in (4, 5, 8):
        places = range(20, 20 + 22 * number, 22)
        warnings = checked(replaced(leopard, coi, places), coi)
        messages[number] = [w.message for w in warnings if w.code == "UNEXPECTED_TRANSLATION"]
    assert any("change an amino acid" in m or "no other of" in m for m in messages[8])
    assert messages[5]


def test_differences_of_third_positions_are_not_told_however_many(coi, leopard):
    letters = list(leopard)
    frame = frame_of(leopard)
    swap = {"A": "G", "G": "A", "C": "T", "T": "C"}
    for codon in range(5, 200, 9):
        at = frame + 3 * codon + 2
        letters[at] = swap[letters[at]]
    assert "UNEXPECTED_TRANSLATION" not in codes(checked("".join(letters), coi))


def test_the_share_of_changed_amino_acids_decides_and_their_number():
    def told(changes, differences):
        read = [translation._Reading(2, 0, [], [(n, "A", "B") for n in range(changes)])]
        query = "C" * differences + "A" * 100
        alignment = Alignment(query, "A" * len(query), 0, 0)
        return list(translation._replacements(alignment, read))

    assert told(5, 12) and told(8, 20)
    assert not told(4, 5) and not told(5, 13)
    (notice,) = told(6, 10)
    assert (notice.code, notice.severity) == ("UNEXPECTED_TRANSLATION", Severity.LIMITS)
    assert "6 of the 10 bases" in notice.message


@pytest.mark.parametrize("code", TABLES)
def test_every_codon_stands_for_what_biopython_says(code):
    table = CodonTable.unambiguous_dna_by_id[code]
    expected = {**table.forward_table, **dict.fromkeys(table.stop_codons, "*")}
    assert codons(code) == expected
    assert stops(code) == set(table.stop_codons)


def test_every_code_of_the_loci_is_known_and_named():
    needed = {code for locus in LOCI for code in locus.genetic_codes}
    assert needed <= TABLES.keys()
    assert TABLES.keys() == NAMES.keys()


@given(st.text(alphabet="ACGTRYN-", max_size=40), st.sampled_from(sorted(TABLES)))
def test_a_translation_has_a_letter_for_every_whole_codon(sequence, code):
    amino = translate(sequence, code)
    assert len(amino) == len(sequence) // 3
    for place, letter in enumerate(amino):
        codon = sequence[3 * place : 3 * place + 3]
        assert (letter == UNKNOWN) == (not set(codon) <= set("ACGT"))


@pytest.mark.parametrize(
    ("phylum", "class_", "code"),
    [
        ("Chordata", "Aves", 2),
        ("Chordata", "Ascidiacea", 13),
        ("Echinodermata", "", 9),
        ("Arthropoda", "Insecta", 5),
        ("Cnidaria", "Anthozoa", 4),
    ],
)
def test_the_mitochondrial_code_follows_phylum_and_class(phylum, class_, code):
    assert mitochondrial_code(phylum, class_) == code
