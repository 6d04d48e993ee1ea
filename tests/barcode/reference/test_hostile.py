"""Damaged and hostile reference files: no crash, no hang, and what is wrong names its place.

Every file is MADE: a good record of each format, changed at random places (seeded). The fast part
takes 300 records a reader, the slow one 10,000.
"""

import io
import random
import re

import pytest
from simulation import genbank, query

from forensics.barcode.reference.records import parse_header
from forensics.barcode.reference.references import read_references
from forensics.errors import ForensicsError, InputError, UsageError

COI = query("Fictus albus")
LINEAGE = "Eukaryota_2759;Chordata_7711;Mammalia_40674;Pholidota_9971;Manidae_9972;Manis_9973"
PREFIXED = "k__Animalia;p__Chordata;c__Mammalia;o__Pholidota;f__Manidae;g__Manis;s__Manis_javanica"
HEADERS = (
    "A1|Manis javanica|COI|here",
    "GBMA1-06|COI-5P|Gabon|Animalia,Chordata,Mammalia,Pholidota,Manidae,None,None,Manis,Manis javanica",
    f"Manis_javanica|MN1|SH1.10FU|refs|{PREFIXED}",
    'gb|AP009318|Manis javanica (["x"])',
    "gi|5819095|ref|NC_026781.1| Manis javanica mitochondrion",
    f"MN1.1.<1.>658###root_1;{LINEAGE};Manis javanica_9974",
    "A1;tax=k:Animalia,c:Mammalia,o:Pholidota,f:Manidae,g:Manis,s:Manis_javanica;",
    "S1 Manis javanica; A\tLineage=Root;rootrank;Animalia;domain;Manidae;family;Manis;genus",
    "Animalia;Chordata;Mammalia;Pholidota;Manidae;Manis;Manis javanica;",
    "MN1 Manis javanica - COX1 CDS (reversed)",
    "AP009318_Manis_javanica",
    "MN1.1 Falco rusticolus x Falco cherrug isolate 7",
)
FEATURES = (
    f"     CDS             1..{len(COI)}\n"
    '                     /gene="COX1"\n'
    "     rRNA            complement(join(10..200,300..400))\n"
    '                     /product="12S ribosomal RNA"\n'
)
TOKENS = (
    "|", ";", ",", "\t", "\n", "\r", '"', "'", "###", "tax=", "Lineage=", "k__", ">", "//", "LOCUS",
    "\0", "\x1b[31m", "\u202e", "×", " x ", "\ufeff", "../", "=1+1", "..", "join(", "complement(",
    "9" * 40, "é", "None", "|" * 50, ";" * 500, "A" * 5000, "(" * 300, " - ", "_1",
)  # fmt: skip


def mutated(rng: random.Random, content: str) -> str:
    """Return a text with one to six changes: letters, tokens, pieces out, doubled or moved."""
    for _ in range(rng.randint(1, 6)):
        place = rng.randrange(len(content) + 1)
        end = min(len(content), place + rng.choice((1, 1, 3, 20, 200)))
        kind = rng.randrange(6)
        if kind == 0:
            content = content[:place] + rng.choice(TOKENS) + content[place:]
        elif kind == 1:
            content = content[:place] + content[end:]
        elif kind == 2:
            content = content[:end] + content[place:end] * rng.choice((1, 3)) + content[end:]
        elif kind == 3:
            content = content[:place] + chr(rng.randrange(1, 0x2FF)) + content[end:]
        elif kind == 4:
            to = rng.randrange(len(content) + 1)
            rest = content[:place] + content[end:]
            content = rest[:to] + content[place:end] + rest[to:]
        else:
            content = content[:end] if rng.random() < 0.3 else content.replace("\n", "\r", 1)
        content = content[:200_000]
    return content


def fasta(rng):
    return "".join(f">{rng.choice(HEADERS)}\n{COI}\n" for _ in range(rng.randint(1, 3)))


def table(rng):
    columns = ["processid", "species", "Séquence", "marker_code", "Pays", "family", "taxon"]
    cells = ["A1", "Manis javanica", COI, "COI-5P", "Gabon", "Manidae", PREFIXED]
    order = rng.sample(range(len(columns)), rng.randint(3, len(columns)))
    sign = rng.choice("\t,;")
    rows = [columns, cells, [cell.replace("A1", "A2") for cell in cells]]
    return "\n".join(sign.join(row[place] for place in order) for row in rows) + "\n"


def lineages(rng):
    head = rng.choice(("", "Feature ID\tTaxon\n"))
    return f"{head}A1\t{PREFIXED}\nA2\troot_1;{LINEAGE};x_1\n"


def flat_file(rng):
    return genbank("SIM1", "Manis javanica", COI, FEATURES) + genbank("SIM2", "Manis sp.", COI)


READERS = {"x.fasta": fasta, "x.tsv": table, "taxonomy.tsv": lineages, "x.gb": flat_file}


def check(path, content: bytes) -> None:
    """Read a file: records and reasons, or an error that says where; nothing else."""
    path.write_bytes(content)
    try:
        records, left_out = read_references([path], locus="COI")
    except (InputError, UsageError) as error:
        assert path.name in str(error)
        place = re.search(r"record \d+|line \d+|record \S+ does not say", str(error))
        whole = "empty" in str(error) or "binary" in str(error) or "it cannot be read" in str(error)
        assert place or whole or "XLSX" in str(error), str(error)
        return
    except ForensicsError as error:
        raise AssertionError(f"another error than of the input: {error!r}") from error
    for record, sequence in records:
        assert record.accession and record.genus and record.locus and sequence
        assert len(record.to_row().split("\t")) == 16
        assert "\n" not in record.to_row()
    for left in left_out:
        assert left.file == str(path) and left.record > 0 and left.reason


def through(reader: str, tmp_path, number: int) -> None:
    make = READERS[reader]
    for case in range(number):
        rng = random.Random(f"{reader} {case}")
        content = mutated(rng, make(rng)).encode("utf-8", "replace")
        if rng.random() < 0.1:  # damaged below the letters, too
            place = rng.randrange(len(content) + 1)
            content = content[:place] + rng.randbytes(rng.randint(1, 8)) + content[place + 2 :]
        check(tmp_path / reader, content)


@pytest.mark.parametrize("reader", READERS)
def test_three_hundred_changed_records_do_no_harm(reader, tmp_path):
    through(reader, tmp_path, 300)


@pytest.mark.slow
@pytest.mark.parametrize("reader", READERS)
def test_ten_thousand_changed_records_do_no_harm(reader, tmp_path):
    through(reader, tmp_path, 10_000)


def _workbooks(tmp_path, number: int) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (["Ours"], ["Accession", "Espèce", "Séquence"], ["A1", "Manis javanica", COI]):
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    whole = stream.getvalue()
    for case in range(number):
        rng = random.Random(f"workbook {case}")
        content = bytearray(whole)
        for _ in range(rng.randint(1, 30)):
            content[rng.randrange(4, len(content))] = rng.randrange(256)
        if rng.random() < 0.2:
            del content[rng.randrange(4, len(content)) :]
        check(tmp_path / "x.xlsx", bytes(content))


def test_sixty_damaged_workbooks_do_no_harm(tmp_path):
    _workbooks(tmp_path, 60)


@pytest.mark.slow
def test_ten_thousand_damaged_workbooks_do_no_harm(tmp_path):
    _workbooks(tmp_path, 10_000)


@pytest.mark.parametrize(
    "header",
    ["|" * 100_000, ";" * 100_000, "_" * 100_000, " - " * 50_000, "A" * 1_000_000, "k__;" * 50_000,
     "MN12345_" + "A" * 100_000, "Manis " + "x " * 50_000, "UNVERIFIED:" * 20_000, "(" * 100_000,
     "gi|1" * 50_000, "tax=" + "g:" * 50_000, "A1 - " + "CDS " * 50_000, "9" * 100_000 + "_"],
)  # fmt: skip
def test_a_header_without_end_is_read_at_once(header):
    parse_header(header)


def test_a_file_that_unpacks_without_end_is_refused(tmp_path, monkeypatch):
    import gzip

    from forensics.barcode.reference import references

    monkeypatch.setattr(references, "_MAX_BYTES", 2**20)
    path = tmp_path / "bomb.fasta.gz"
    path.write_bytes(gzip.compress(b">A1\n" + b"A" * 2**22))
    with pytest.raises(InputError, match=r"bomb\.fasta\.gz: it unpacks to more than"):
        read_references([path], locus="COI")
