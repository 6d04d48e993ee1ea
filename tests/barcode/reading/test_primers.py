import gzip
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.barcode.locus import IUPAC, LOCI, find_locus, reverse_complement
from forensics.barcode.matching.kernel import semiglobal_distance, semiglobal_placements
from forensics.barcode.reading.inputs import as_queries
from forensics.barcode.reading.primers import MAX_AMPLICON, MAX_GAP, TAILS, trim_primers
from forensics.barcode.reading.reads import read_queries
from forensics.errors import UsageError
from forensics.io.files import folder

PRIMERS = [(locus, primer) for locus in LOCI for primer in locus.primers]
LCO, HCO = (find_locus("COI").primers[place].sequence for place in (0, 1))
M13F, M13R = TAILS["M13F(-21)"], TAILS["M13R(-27)"]


def simulated(length: int, seed: int = 1) -> str:
    return "".join(random.Random(seed).choices("ACGT", k=length))


def plain(primer: str) -> str:
    """Return one of the sequences that a primer with IUPAC codes stands for."""
    return "".join(IUPAC[code][0] for code in primer)


INSERT = simulated(300)
AMPLICON = LCO + INSERT + reverse_complement(HCO)


def kept(sequence: str, **options) -> str:
    found = trim_primers(sequence, **options)
    return sequence[found.start : found.end]


def test_the_primers_of_both_ends_are_found_on_either_strand():
    found = trim_primers(AMPLICON)
    assert AMPLICON[found.start : found.end] == INSERT
    assert [primer.name for primer in found.primers] == ["LCO1490", "HCO2198"]
    other = reverse_complement(AMPLICON)
    found = trim_primers(other)
    assert other[found.start : found.end] == reverse_complement(INSERT)
    assert (found.forward.name, found.reverse.name) == ("HCO2198", "LCO1490")


@pytest.mark.parametrize("locus, primer", PRIMERS, ids=lambda value: value.name)
def test_every_primer_of_the_table_is_cut_off_at_its_place_alone(locus, primer):
    copy = plain(primer.sequence)
    read = copy + INSERT
    found = trim_primers(read, locus=locus.name)
    assert read[found.start :] == INSERT and found.end == len(read)
    # A shorter primer of the same site may be told instead, where it fits as well.
    assert copy.endswith(plain(found.forward.sequence)) or found.forward is primer or (
        semiglobal_distance(found.forward.sequence, copy) <= 2
    )  # fmt: skip
    assert kept(reverse_complement(read), locus=locus.name) == reverse_complement(INSERT)
    assert kept(INSERT + copy + INSERT, locus=locus.name) == INSERT + copy + INSERT


@pytest.mark.parametrize("tail", TAILS, ids=str)
def test_known_tails_go_with_the_primer(tail):
    assert kept(TAILS[tail] + AMPLICON) == INSERT
    assert kept(TAILS[tail][-9:] + AMPLICON + reverse_complement(M13R)) == INSERT
    assert kept("AC" + TAILS[tail] + "GTA" + AMPLICON) == INSERT


def test_other_bases_before_a_primer_may_be_few():
    assert kept("C" * MAX_GAP + AMPLICON) == INSERT
    found = trim_primers("C" * (MAX_GAP + 1) + AMPLICON)
    assert found.forward is None and found.reverse.name == "HCO2198"


@pytest.mark.parametrize(
    "primer, read",
    [
        ("one base wrong", LCO[:10] + "C" + LCO[11:]),
        ("two bases wrong", "C" + LCO[1:12] + "T" + LCO[13:]),
        ("a base missing", LCO[:12] + LCO[13:]),
        ("a base too many", LCO[:12] + "G" + LCO[12:]),
        ("the first six missing", LCO[6:]),
    ],
    ids=lambda value: value if " " in value else "",
)
def test_errors_and_a_lost_beginning_are_allowed_for(primer, read):
    assert kept(read + INSERT) == INSERT


def test_too_many_errors_or_too_short_a_part_is_no_primer():
    primer = next(p.sequence for _locus, p in PRIMERS if p.name == "H408")
    wrong = primer[:5] + "GGG" + primer[8:]
    assert sum(a != b for a, b in zip(wrong, primer)) == 3
    for read in (wrong + INSERT, primer[6:] + INSERT):
        assert trim_primers(read).primers == ()
    assert kept(primer[5:] + INSERT) == INSERT


def test_both_ends_must_be_of_one_locus_and_one_direction():
    cytb = find_locus("cytb").primers
    forward = next(p for p in cytb if p.name == "L14724").sequence
    # Of two loci: the end that fits better is believed, the other bases stay.
    found = trim_primers(forward + INSERT + reverse_complement(HCO))
    assert len(found.primers) == 1
    # Two forward primers face each other in no amplicon.
    read = LCO + INSERT + reverse_complement(LCO)
    assert len(trim_primers(read).primers) == 1


def test_a_locus_limits_the_primers():
    assert kept(AMPLICON, locus="cytb") == AMPLICON
    assert kept(AMPLICON, locus="cox1") == INSERT
    with pytest.raises(UsageError, match="Known loci"):
        trim_primers(AMPLICON, locus="18S")


def test_ambiguous_bases_ends_of_genomes_and_what_leads_out_are_no_primers():
    for run in ("N" * 40, "N" * 25, "R" * 25):
        assert kept(run + INSERT) == run + INSERT
    assert kept(LCO[:10] + "N" + LCO[11:] + "NN" + INSERT) == INSERT
    genome = LCO + simulated(MAX_AMPLICON)
    for whole in (INSERT + LCO, reverse_complement(HCO) + INSERT, genome):
        assert kept(whole) == whole


def test_primers_alone_leave_nothing():
    found = trim_primers(LCO + reverse_complement(HCO))
    assert found.start == found.end
    assert trim_primers("") == trim_primers("").__class__(0, 0)


@given(st.text("ACGTNR", max_size=120), st.sampled_from(PRIMERS), st.text("ACGT", max_size=20))
def test_both_strands_give_the_same(insert, one, tail):
    sequence = tail + plain(one[1].sequence) + insert
    found, other = trim_primers(sequence), trim_primers(reverse_complement(sequence))
    assert 0 <= found.start <= found.end <= len(sequence)
    assert (found.start > 0) == (found.forward is not None)
    assert len(found.primers) == len(other.primers)
    if found.start < found.end:
        assert (other.start, other.end) == (len(sequence) - found.end, len(sequence) - found.start)


# -- where the primers of the table sit in real genomes -----------------------------


GENOMES = {
    "savannah elephant": "demonstration/elephant_mitogenome.fasta.gz",
    "man": "contaminants/human_mitogenome.fasta.gz",
    "orang-utan": "contaminants/orang_mitogenome.fasta.gz",
}


def genome(name: str) -> str:
    path = folder("reference_sequences") / GENOMES[name]
    if not path.is_file():
        pytest.skip(f"no genome of {name} in this checkout")
    text = gzip.decompress(path.read_bytes()).decode("ascii")
    return "".join(text.upper().splitlines()[1:])


def site(primer, text: str) -> tuple[int, int, int]:
    """Return errors, start and end of the best place of a primer on its own strand."""
    wanted = primer.sequence if primer.strand == "+" else reverse_complement(primer.sequence)
    edits, places = semiglobal_placements(wanted, text)
    return edits, *places[0]


# Primers, and what lies between them in man (by the Cambridge reference sequence's numbers,
# which are in the names of many: L14841 ends at base 14841).
@pytest.mark.parametrize(
    "name, forward, reverse, length",
    [
        ("savannah elephant", "jgLCO1490", "jgHCO2198", 658),
        ("savannah elephant", "VF1d", "VR1i", 658),
        ("savannah elephant", "GluDG-L", "CB3-H", 837),
        ("savannah elephant", "MiMammal-U-F", "MiFish-U-R", 169),
        ("savannah elephant", "16Sar-L", "16Sbr-H", 550),
        ("savannah elephant", "16Smam1", "16Smam2", 93),
        ("savannah elephant", "Dlp1.5", "Dlp5", 497),
        ("man", "L14723", "H15173", 425),
        ("man", "MiFish-E-F", "MiFish-U-R", 171),
        ("man", "jgLCO1490", "HCO2198", 658),
        ("man", "L14841", "H15149", 307),
        ("man", "L1091", "H1478", 386),
        ("man", "12S-V5-F1", "12S-V5-R1", 107),
        ("man", "L15996", "H16401", 404),
        ("man", "L15926", "H16498", 571),
        ("man", "mcb398", "mcb869", 421),
        ("orang-utan", "LoboF1", "BR2", 658),
        ("orang-utan", "16Sar-L", "16Sbr-H", 548),
    ],
)
def test_pairs_of_primers_enclose_their_fragment_in_real_genomes(name, forward, reverse, length):
    text = genome(name)
    by_name = {primer.name: primer for _locus, primer in PRIMERS}
    errors, _start, start = site(by_name[forward], text)
    more, end, _end = site(by_name[reverse], text)
    assert abs(end - start - length) <= 2
    # Restriction sites at the ends of the oldest primers are no part of the genome.
    allowed = 8 if forward in ("L14841", "L1091", "L15926") else 3
    assert max(errors, more) <= allowed


# -- reading -----------------------------------------------------------------------


def test_queries_are_read_without_primers_and_say_so(tmp_path):
    path = tmp_path / "reads.fastq"
    letters = "".join(chr(40 + place % 30) for place in range(len(AMPLICON)))
    path.write_text(f"@a\n{AMPLICON}\n+\n{letters}\n", encoding="ascii")
    fasta = f">a\n{reverse_complement(AMPLICON)}\n"
    (read,) = read_queries(path)
    (text,) = as_queries(fasta)
    assert read.sequence == INSERT and text.sequence == reverse_complement(INSERT)
    assert read.qualities == letters[len(LCO) : len(LCO) + len(INSERT)]
    for query, bases in ((read, (25, 26)), (text, (26, 25))):
        (note,) = query.notes
        assert note.code == "PRIMERS_TRIMMED"
        assert "LCO1490" in note.message and "HCO2198" in note.message
        assert f"{bases[0]} bases at the start and {bases[1]} at the end" in note.message
    assert next(iter(as_queries(f">a\n{INSERT}\n"))).notes == ()


def test_a_query_of_primers_alone_cannot_be_examined():
    (read,) = as_queries(f">a\n{M13F}{LCO}{reverse_complement(HCO)}{reverse_complement(M13R)}\n")
    assert read.problem.code == "EMPTY" and read.notes[0].code == "PRIMERS_TRIMMED"


# -- clean sequences -----------------------------------------------------------------


def deposited(folder, locus: str) -> list[tuple[str, str]]:
    text = gzip.decompress((folder / "barcodes" / f"{locus}.fasta.gz").read_bytes()).decode()
    parts = [entry.partition("\n") for entry in text.split(">")[1:]]
    return [(header, "".join(lines.split()).upper()) for header, _end, lines in parts]


def test_genes_of_genomes_keep_every_base(embedded):
    # A gene that was cut out of a genome bears its place behind the accession, and no primer of a laboratory.
    genes = [
        (locus, record.accession, sequence)
        for locus in ("12S", "16S", "COI", "CR", "cytb")
        for record, sequence in embedded.records(locus)
        if ":" in record.accession
    ]
    assert len(genes) > 2000
    assert [gene[:2] for gene in genes if trim_primers(gene[2]).primers] == []


@pytest.mark.slow
def test_no_bird_barcode_of_the_evaluation_data_is_trimmed(evaluation_data):
    birds = [s for header, s in deposited(evaluation_data, "COI") if "cran/VLF" in header]
    assert len(birds) > 10_000
    assert not any(trim_primers(sequence).primers for sequence in birds)


def test_whales_deposited_with_their_primers_lose_them(evaluation_data):
    # The source, cran/insect, says that these hold 16Smam1 and 16Smam2.
    whales = [s for header, s in deposited(evaluation_data, "16S") if "cran/insect" in header]
    found = [trim_primers(sequence) for sequence in whales]
    assert len(whales) == 19
    assert {tuple(p.name for p in one.primers) for one in found} == {("16Smam1", "16Smam2")}
    assert {(one.start, len(s) - one.end) for one, s in zip(found, whales)} == {(19, 21)}
