"""Bad input of every kind: what the message says, and that it leaves with exit code 3.

Some files are refused whole (an error on standard error); some records of a good file are
(a result of status ``unusable`` on standard output, whose warning says why).
"""

import gzip
import zipfile
from io import BytesIO

import pytest
from command_line import records, typed
from simulation import ab1, genbank, query

ONE = query()
GOOD = f">good\n{ONE}\n"
PROTEIN = "MTNIRKTHPLLKIINDAFIDLPAPSNISAWWNFGSLLGICLALQILTGLFLAMHYTSDTTTAFSSVTHICR"
GENBANK = genbank("SIM1", "Fictus albus", ONE)
CHROMATOGRAM = ab1(ONE, [40] * len(ONE))
FASTQ = f"@good\n{ONE}\n+\n{'I' * len(ONE)}\n"


def zipped(name):
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(name, "<x/>")
    return content.getvalue()


def damaged(content):
    middle = len(content) // 2
    return (
        content[:middle]
        + bytes(byte ^ 0xFF for byte in content[middle : middle + 40])
        + content[middle + 40 :]
    )


PACKED = gzip.compress((GOOD * 300).encode(), mtime=0)

# Files that are refused: name, content, place in the file, what the message says (what was
# found, what was expected or what to do), names of the records before it, which are kept.
REFUSED = {
    "empty file": ("x.fasta", b"", "", ["the file is empty", "expected sequences"], 0),
    "only white space": ("x.fasta", b" \n\t\r\n\n", "", ["the file is empty"], 0),
    "only a byte order mark": ("x.fasta", b"\xef\xbb\xbf\n", "", ["the file is empty"], 0),
    "only comments": ("x.fasta", b"; nothing\n; here\n", "", ["only comments", ">NAME"], 0),
    "bare sequence": ("x.fasta", ONE.encode(), ", line 1", ["bare sequence", "put a line with >NAME"], 0),
    "prose": ("x.txt", b"Dear colleague, please find", ", line 1", ["begins with 'Dear colleague", "expected '>'"], 0),
    "binary": ("x.fasta", bytes(range(1, 9)) + b"\0\1\2\3" * 99, "", ["binary file", "expected FASTA"], 0),
    "gzip cut off": ("x.fasta.gz", PACKED[:40], "", ["ends too early", "copy or download it again"], 0),
    "gzip damaged": ("x.fasta.gz", damaged(PACKED), "", ["the compressed file", "copy or download it again"], 0),
    "gzip with a wrong sum": ("x.fasta.gz", PACKED[:-6] + b"\0\0" + PACKED[-4:], "", ["damaged", "copy or download it again"], 0),
    "gzip of nothing": ("x.fasta.gz", gzip.compress(b"", mtime=0), "", ["the file is empty"], 0),
    "PDF": ("x.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "", ["this is a PDF", "expected FASTA"], 0),
    "Word": ("x.docx", zipped("word/document.xml"), "", ["Word, Excel or zip", "expected FASTA"], 0),
    "old Word": ("x.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "", ["old Word or Excel"], 0),
    "RTF": ("x.rtf", b"{\\rtf1\\ansi >a\\par ACGT}", ", line 1", ["expected '>'"], 0),
    "PNG": ("x.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "", ["a picture", "expected FASTA"], 0),
    "JPEG": ("x.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF", "", ["a picture", "expected FASTA"], 0),
    "UTF-16": ("x.fasta", GOOD.encode("utf-16"), "", ["UTF-16", "save it as plain text, UTF-8"], 0),
    "UTF-16 without mark": ("x.fasta", GOOD.encode("utf-16-le"), "", ["binary file"], 0),
    "HTML": ("x.fasta", b"<!DOCTYPE html><html>", "", ["web page", "was the download complete?"], 0),
    "bzip2": ("x.fasta.bz2", b"BZh91AY&SY", "", ["bzip2", "use gzip"], 0),
    "NEXUS": ("x.nex", b"#NEXUS\nbegin data;", "", ["NEXUS", "export FASTA"], 0),
    "SCF": ("x.scf", b".scf\0\0\0\1", "", ["SCF", "export .ab1"], 0),
    "FASTQ cut off in the sequence": ("x.fq", FASTQ + f"@b\n{ONE[:50]}", ", record 2, line 6", ["ends inside this record", "copy it again"], 1),
    "FASTQ cut off in the qualities": ("x.fq", FASTQ + FASTQ[:-9], ", record 2, line 8", ["ends inside this record", "copy it again"], 1),
    "FASTQ with too many qualities": ("x.fq", FASTQ + FASTQ[:-1] + "II\n", ", record 2, line 8", [f"{len(ONE) + 2} qualities for {len(ONE)} bases", "damaged"], 1),
    "FASTQ with too few qualities": ("x.fq", f"@a\n{ONE}\n+\nII\n" + FASTQ, ", record 1, line ", ["qualities for", "damaged"], 0),
    "FASTQ without @": ("x.fq", FASTQ + FASTQ[1:], ", record 2, line 5", ["found 'good'", "expected '@' and a name"], 1),
    "GenBank cut off in the sequence": ("x.gb", GENBANK + GENBANK[:-200], ", record 2", ["not a whole GenBank flat file", "copy or download it again"], 1),
    "GenBank cut off in the annotation": ("x.gb", GENBANK + GENBANK[:400], ", record 2", ["not a whole GenBank flat file", "copy or download it again"], 1),
    "damaged .ab1": ("x.ab1", CHROMATOGRAM[:10] + b"\xff" * 20 + CHROMATOGRAM[30:], "", ["damaged or cut off", "copy it again from the instrument"], 0),
    "cut off .ab1": ("x.ab1", CHROMATOGRAM[:400], "", ["damaged or cut off", "copy it again from the instrument"], 0),
    "cut off .ab1.gz": ("x.ab1.gz", gzip.compress(CHROMATOGRAM, mtime=0)[:-80], "", ["ends too early", "copy or download"], 0),
    "fragment analysis": ("x.fsa", ab1("", [], tags=()), "", ["no called bases"], 0),
    ".ab1 without qualities": ("x.ab1", ab1(ONE, None, tags=("PBAS",)), "", ["no base qualities", "call its bases again"], 0),
}  # fmt: skip

# Records that cannot be examined in a file whose others can: content, number of the record,
# code, what the message says.
UNUSABLE = {
    "only a header": (">empty\n" + GOOD, 1, "EMPTY", ["sequence is empty"]),
    "protein": (GOOD + GOOD + f">p\n{PROTEIN}\n" + GOOD + GOOD, 3, "NOT_NUCLEOTIDE", ["line 6, ", "looks like a protein", "nucleotide sequence is needed"]),
    "all N": (GOOD + f">n\n{'N' * 600}\n", 2, "EMPTY", ["has only N"]),
    "only gaps": (f">n\n{'-' * 600}\n" + GOOD, 1, "EMPTY", ["sequence is empty"]),
    "too short": (GOOD + f">s\n{ONE[:20]}\n", 2, "TOO_SHORT", ["Only 20 bases", "at least 30 are needed"]),
    "too short for the loci": (GOOD + f">s\n{ONE[:60]}\n", 2, "TOO_SHORT", ["60 bases are too few for 12S, COI"]),
    "too ambiguous": (GOOD + f">r\n{'R' * 60}{ONE[60:]}\n", 2, "TOO_AMBIGUOUS", ["9.1% of the bases are ambiguous", "at most 5%"]),
    "digits": (GOOD + f">d\n{ONE[:60]}\n{ONE[60:90]}12{ONE[90:]}\n", 2, "NOT_NUCLEOTIDE", ["line 5, '1' at base 91", "Allowed are A, C, G, T"]),
    "a letter that is none": (GOOD + f">d\n{ONE[:60]}ß{ONE[60:]}\n", 2, "NOT_NUCLEOTIDE", ["line 4, 'ß' at base 61"]),
    "NUL inside": (GOOD * 9 + f">d\n{ONE[:60]}\0{ONE[60:]}\n", 10, "NOT_NUCLEOTIDE", ["line 20, '\\x00' at base 61"]),
    "longer than a megabase": (GOOD + f">l\n{'ACGTTGCA' * 130_000}\n" + GOOD, 2, "TOO_LONG", ["longer than 1000000 bases"]),
    "GenBank without sequence": (GENBANK.split("ORIGIN")[0] + "ORIGIN\n//\n" + GENBANK, 1, "EMPTY", ["sequence is empty"]),
    "FASTQ of protein": (FASTQ + f"@p\n{PROTEIN}\n+\n{'I' * len(PROTEIN)}\n", 2, "NOT_NUCLEOTIDE", ["looks like a protein"]),
    "a chromatogram without good bases": (ab1(ONE, [3] * len(ONE)), 1, "LOW_QUALITY", ["No stretch of good bases"]),
}  # fmt: skip


@pytest.fixture
def identify(library):
    def identify(*files):
        found = typed("identify --format json --library", library.path, *files, expect=3)
        return found.stderr, records(found)

    return identify


@pytest.fixture
def good(tmp_path):
    path = tmp_path / "good.fasta"
    path.write_text(GOOD)
    return path


def check_refused(identify, good, path, place, parts, kept):
    said, found = identify(path)
    (message,) = said.splitlines()
    assert message.startswith(f"Error: {path}{place}"), message
    for part in parts:
        assert part in message, message
    assert [x["status"] for x in found] == ["identified"] * kept
    _said, found = identify(good, path, good)
    assert [found[0]["taxon"], found[-1]["taxon"]] == ["Fictus albus"] * 2


def written(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("kind", REFUSED)
def test_files_that_cannot_be_examined(identify, good, tmp_path, kind):
    name, content, place, parts, kept = REFUSED[kind]
    check_refused(identify, good, written(tmp_path / name, content), place, parts, kept)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("x.fasta", ["no such file", "check its name"]),
        (".", ["this is a folder", "give the files in it"]),
    ],
)
def test_what_is_no_file(identify, good, tmp_path, name, parts):
    check_refused(identify, good, tmp_path / name, ": ", parts, 0)


def test_permission_errors_say_what_to_do(identify, good, tmp_path, monkeypatch):
    """Without depending on who runs the tests: root may read everything."""
    path = tmp_path / "x.fasta"
    path.write_text(GOOD)

    def opening(source, *arguments, **options):
        if source == str(path):
            raise PermissionError(13, "Permission denied", source)
        return open(source, *arguments, **options)

    monkeypatch.setattr("forensics.io.files.open", opening, raising=False)
    check_refused(identify, good, path, ": ", ["you may not read it", "ask for read access"], 0)


@pytest.mark.parametrize("kind", UNUSABLE)
def test_records_that_cannot_be_examined(identify, tmp_path, kind):
    content, record, code, parts = UNUSABLE[kind]
    path = written(tmp_path / "x", content)
    said, found = identify(path)
    assert said == ""
    statuses = [x["status"] for x in found]
    assert statuses.pop(record - 1) == "unusable"
    assert set(statuses) <= {"identified"}
    bad = found[record - 1]
    assert bad["provenance"]["input"]["file"] == str(path)
    assert bad["warnings"][0]["code"] == code
    for part in parts:
        assert part in bad["warnings"][0]["message"]


def test_everything_at_once_keeps_every_good_result(identify, good, tmp_path):
    files, expected = [], 0
    for number, (name, content, _place, _parts, kept) in enumerate(REFUSED.values()):
        files += [written(tmp_path / f"{number}_{name}", content), good]
        expected += kept + 1
    said, found = identify(*files)
    assert len(found) == expected
    assert len(said.splitlines()) == len(files) // 2


def test_the_line_of_a_sample_says_which_letter_is_none_in_french_too(library, tmp_path):
    path = written(tmp_path / "x.fasta", f">x\n{ONE}!\n")
    said = typed("--lang fr identify --library", library.path, path, expect=3).stdout
    assert f"'!', à la base {len(ONE) + 1}, n'est pas un nucléotide" in said.split("Séquence")[0]
