import pytest
from Bio.SeqFeature import ExactPosition, SeqFeature, SimpleLocation
from loopback import GENES, barcode, changed, flat, genome, mitogenome, record

from forensics.barcode.fetch.extract import extract_loci
from forensics.barcode.fetch.ncbi import entry_of, fetched_of
from forensics.barcode.locus import LOCI

COI = slice(*GENES["COI"])


@pytest.fixture
def cut_of(witnesses):
    def cut_of(made, *loci):
        text = flat(made)
        entry, sequence = entry_of(text)
        pieces, reasons = extract_loci(
            fetched_of(text, entry, {}), entry, sequence, loci or ("COI",), witnesses
        )
        return {piece.locus: piece for piece in pieces}, reasons

    return cut_of


@pytest.mark.parametrize("turn", [0, 6000, 7000, 15000])
@pytest.mark.parametrize("strand", [1, -1])
def test_a_genome_is_cut_on_both_strands_and_across_the_origin(cut_of, turn, strand):
    found, reasons = cut_of(
        mitogenome("FA1.1", "Fictus albus", turn=turn, strand=strand, seed=9), "COI", "cytb", "12S"
    )
    expected = changed(genome(), 0.05, 9)
    assert not reasons
    assert found.keys() == {"COI", "cytb", "12S"}
    for locus, piece in found.items():
        assert piece.sequence == expected[slice(*GENES[locus])]
        assert piece.way == "annotation"


def test_loci_that_are_not_asked_for_are_not_cut(cut_of):
    found, reasons = cut_of(mitogenome("FA1.1", "Fictus albus"), "cytb")
    assert found.keys() == {"cytb"} and not reasons


def test_a_gene_in_parts_is_put_together(cut_of):
    text = genome()[COI]
    with_intron = text[:700] + "A" * 90 + text[700:]
    location = SimpleLocation(0, 700, 1) + SimpleLocation(790, len(with_intron), 1)
    made = record("FA1.1", "Fictus albus", with_intron, [("CDS", location, {"gene": ["COX1"]})])
    assert cut_of(made)[0]["COI"].sequence == text


@pytest.mark.parametrize(
    "qualifiers",
    [
        {"gene": ["COI"]},
        {"gene": ["cox1"]},
        {"gene": ["MT-CO1"]},
        {"product": ["cytochrome c oxidase subunit 1"]},
        {"product": ["Cytochrome Oxidase Subunit I"]},
        {"gene": ["unknown"], "gene_synonym": ["COX1"]},
    ],
)
def test_names_that_records_give_to_the_gene_are_known(cut_of, qualifiers):
    text = genome()[COI][:658]
    made = record("FA1.1", "Fictus albus", text, [("CDS", SimpleLocation(0, 658, 1), qualifiers)])
    assert cut_of(made)[0]["COI"].sequence == text


@pytest.mark.parametrize("gene", ["COX2", "COX3", "COII", "ND1", "COIII"])
def test_other_genes_are_not_taken_for_it(cut_of, gene):
    text = genome()[COI][:658]
    made = record(
        "FA1.1", "Fictus albus", text, [("CDS", SimpleLocation(0, 658, 1), {"gene": [gene]})]
    )
    found, reasons = cut_of(made)
    assert not found and "none of COI is annotated" in reasons[""]


def test_the_control_region_is_known_by_its_key_and_by_its_note(cut_of):
    text = genome()[15418:15948]
    for kind, qualifiers in (("D-loop", {}), ("misc_feature", {"note": ["control region"]})):
        made = record(
            "FA1.1", "Fictus albus", text, [(kind, SimpleLocation(0, 530, 1), qualifiers)]
        )
        assert cut_of(made, "CR")[0]["CR"].sequence == text


@pytest.mark.parametrize(
    "more, reason",
    [
        ({"keywords": ["UNVERIFIED"]}, "UNVERIFIED"),
        ({"title": "UNVERIFIED: Fictus albus COI-like gene"}, "UNVERIFIED"),
        ({"keywords": ["ENV"]}, "environmental"),
        ({"environmental_sample": [""]}, "environmental"),
        ({"name": "uncultured Fictus"}, "environmental"),
        ({"title": "Fictus albus nuclear copy of mitochondrial COI gene"}, "nuclear copy"),
        ({"title": "Fictus albus numt COI-like sequence"}, "nuclear copy"),
    ],
)
def test_records_that_nobody_vouches_for_are_left_out_with_a_reason(cut_of, more, reason):
    name = more.get("name", "Fictus albus")
    rest = {key: value for key, value in more.items() if key != "name"}
    found, reasons = cut_of(barcode("FA1.1", name, **rest))
    assert not found and reason in reasons[""]


@pytest.mark.parametrize("mark", ["pseudo", "pseudogene"])
def test_a_pseudogene_is_left_out(cut_of, mark):
    made = barcode("FA1.1", "Fictus albus")
    made.features[1].qualifiers[mark] = ["unknown" if mark == "pseudogene" else ""]
    found, reasons = cut_of(made)
    assert not found and reasons["COI"] == "marked as a pseudogene"


def test_a_gene_annotated_twice_with_other_sequences_is_left_out(cut_of):
    made = mitogenome("FA1.1", "Fictus albus")
    made.features.append(SeqFeature(SimpleLocation(100, 900, 1), "CDS", {"gene": ["COX1"]}))
    made.features[-1].qualifiers = {"gene": ["COX1"]}
    found, reasons = cut_of(made)
    assert not found and "annotated 2 times with different sequences" in reasons["COI"]


def test_a_ribosomal_gene_of_another_genome_is_not_taken(cut_of):
    text = genome()[slice(*GENES["16S"])]
    features = [("rRNA", SimpleLocation(0, len(text), 1), {"product": ["16S ribosomal RNA"]})]
    for organelle in ("plastid:chloroplast", ""):
        made = record("FA1.1", "Fictus albus", text, features, organelle=organelle, title="made")
        found, reasons = cut_of(made, "16S")
        assert not found and "not of the genome" in reasons["16S"]
    assert "16S" in cut_of(record("FA1.1", "Fictus albus", text, features), "16S")[0]


def test_a_place_outside_the_record_is_told(cut_of):
    made = barcode("FA1.1", "Fictus albus")
    made.features[1].location = SimpleLocation(ExactPosition(0), ExactPosition(90), 1)
    found, reasons = cut_of(made)
    assert not found and "90 bases; COI has 100 to 1650" in reasons["COI"]


def test_a_place_in_another_record_is_told(cut_of):
    made = barcode("FA1.1", "Fictus albus")
    made.features[1].location = SimpleLocation(0, 658, 1, ref="ZZ1.1")
    found, reasons = cut_of(made)
    assert not found and "its place cannot be read" in reasons["COI"]


def test_a_record_without_a_sequence_is_told(witnesses):
    text = flat(barcode("FA1.1", "Fictus albus"))
    head, _origin, _rest = text.partition("ORIGIN")
    entry, sequence = entry_of(head + "CONTIG      join(ZZ000001.1:1..658)\n//\n")
    found = extract_loci(fetched_of(text, entry, {}), entry, sequence, ("COI",), witnesses)
    assert found == ([], {"": "it has no sequence of its own"})


def test_a_genome_without_annotation_is_cut_by_alignment(cut_of):
    made = record("FA1.1", "Fictus albus", changed(genome(), 0.05, 3), [])
    found, _reasons = cut_of(made, "COI", "cytb")
    assert found["COI"].way == found["cytb"].way == "alignment"
    start = GENES["COI"][0]
    assert found["COI"].sequence[50:600] in changed(genome(), 0.05, 3)[start : start + 658]


def test_a_short_record_without_annotation_is_taken_by_its_title(cut_of):
    text = genome()[COI][:658]
    title = "Fictus albus cytochrome oxidase subunit I gene, partial; mitochondrial"
    found, reasons = cut_of(record("FA1.1", "Fictus albus", text, [], title=title))
    assert found["COI"].way == "whole" and not reasons
    title = "Fictus albus cytochrome oxidase subunit I and cytochrome b genes; mitochondrial"
    found, reasons = cut_of(record("FA1.1", "Fictus albus", text, [], title=title))
    assert not found and "none of COI" in reasons[""]


def test_the_spacers_are_taken_with_what_lies_between_them(cut_of):
    text = changed("ACGTTGCAAC" * 60, 0.4, 5)
    features = [
        ("misc_RNA", SimpleLocation(20, 240, 1), {"product": ["internal transcribed spacer 1"]}),
        ("rRNA", SimpleLocation(240, 400, 1), {"product": ["5.8S ribosomal RNA"]}),
        ("misc_RNA", SimpleLocation(400, 590, 1), {"product": ["internal transcribed spacer 2"]}),
    ]
    made = record("FA1.1", "Fictus albus", text, features, organelle="", title="made ITS")
    assert cut_of(made, "ITS")[0]["ITS"].sequence == text[20:590]


def test_every_locus_has_names_in_annotated_records():
    for gene in (locus.gene for locus in LOCI):
        assert gene.symbols and gene.products and gene.types
