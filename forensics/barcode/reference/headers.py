"""FASTA headers in the styles that people have.

==========  ==========================================================================
pipes       ``accession|Genus species|locus|source``, and BOLD's of version 4
            ``processid|Genus species|marker|accession``
BOLD 5      ``processid|marker|country|Animalia,Chordata,…,Manis,Manis javanica``
UNITE       ``Name|accession|SH…|refs|k__Fungi;p__…;s__Genus_species``
NCBI        ``gi|number|gb|accession| Genus species and the rest``
MitoFish    ``gb|accession|Genus species ("name")``
SINTAX      ``accession;tax=k:Animalia,…,g:Manis,s:Manis_javanica;``
MIDORI2     ``accession.1.<1.>658###root_1;Eukaryota_2759;…;Manis javanica_9974``
RDP         ``accession name<TAB>Lineage=Root;rootrank;…;Manis;genus``
DADA2       ``Kingdom;Phylum;Class;Order;Family;Genus;Genus species;``
Geneious    ``accession Genus species - COX1 CDS (reversed)``
underscore  ``accession_Genus_species`` (files of MitoFish and of Geneious)
words       ``accession Genus species and the rest`` (GenBank's own, DADA2's for species)
==========  ==========================================================================

A new style goes into `parse_header`, and an example of it into its test.  What a lineage says is
read by `forensics.barcode.reference.ranked`.
"""

import re
from dataclasses import dataclass, field, replace

from forensics.barcode.locus import find_locus
from forensics.barcode.reference.naming import leading_name, marks_of
from forensics.barcode.reference.ranked import (
    is_lineage,
    parse_bold_lineage,
    parse_lineage,
    parse_sintax,
)
from forensics.errors import UsageError

__all__ = ["MAX_HEADER_LENGTH", "Header", "clean_accession", "parse_header"]

#: Letters of a header that are read; GenBank's longest definitions have some thousands.
MAX_HEADER_LENGTH = 10_000

_SINTAX = re.compile(r"(?:^|;)\s*tax=([^;]*)")
_RDP = re.compile(r"(?:^|\t|\s)Lineage=(.*)$")
# NCBI's names of data bases, where an accession stands behind the name.
_NCBI = re.compile(r"^(?:gi\|\d+\|)?(?:gb|emb|dbj|ref|tpg|tpe|tpd|lcl|gnl)\|([^|\s]+)\|?([^|].*|)$")
# A locus name of the oldest GenBank records, before the description.
_LOCUS_NAME = re.compile(r"^[A-Z0-9_]*\d[A-Z0-9_]*$")
# Where MIDORI2 cut the gene out of a record; the record is what can be looked up.
_PLACE = re.compile(r"^([A-Z]{1,6}_?[A-Z]*\d+\.\d+)\.<?\d+\.>?\d+$")
_UNDERSCORES = re.compile(
    r"^((?:[A-Z]{2}_)?[A-Z]{0,6}\d{5,}(?:\.\d+)?)_([A-Z][a-z]+_[a-zé.×]+(?:_\S*)?)$"
)
# NCBI's number of a taxon: MIDORI2's at the end of its lineage, or told by name.
_TAXON = re.compile(r"Eukaryota_2759[;,].*_(\d{1,9});?$|\btax_?id=(\d{1,9})\b", re.ASCII)
_GENEIOUS = re.compile(
    r"^(.*?)\s+-\s+(.+?)(?:\s+(?:CDS|gene|rRNA|misc_feature|region|feature))*"
    r"\s*(?:\(reversed\)|\(modified\)|extraction)*\s*$"
)


@dataclass(frozen=True)
class Header:
    """What a header says; empty where it says nothing.

    Attributes
    ----------
    accession, name, locus, source, country : str
        The name is as deposited.
    ranks : dict of str to str
        ``phylum``, ``class_``, ``order``, ``family``, ``genus`` where given.
    marks : str
        What the record says of itself (`forensics.barcode.reference.naming.judge_name`).
    taxon : int
        NCBI's number of the taxon, 0 where none is given.
    """

    accession: str
    name: str
    locus: str = ""
    source: str = ""
    ranks: dict[str, str] = field(default_factory=dict)
    country: str = ""
    marks: str = ""
    taxon: int = 0


def parse_header(text: str) -> Header:
    """Read a FASTA header without its ``>``.

    Examples
    --------
    >>> parse_header("DQ1.1|Manis javanica|COI|GenBank").name
    'Manis javanica'
    >>> parse_header("A1;tax=k:Animalia,g:Manis,s:Manis_javanica;").name
    'Manis javanica'
    >>> parse_header("gi|5819095|ref|NC_001321.1| Balaenoptera physalus mitochondrion").name
    'Balaenoptera physalus'
    """
    text = text[:MAX_HEADER_LENGTH].strip()
    header = _parsed(text)
    match = _TAXON.search(text)
    # The first number that stands: of a lineage it is the last, that of the species.
    return replace(header, taxon=int(match.group(1) or match.group(2))) if match else header


def _parsed(text: str) -> Header:
    if match := _SINTAX.search(text):
        name, ranks = parse_sintax(match.group(1))
        accession = "" if text.startswith(("tax=", ";")) else text.split(";", 1)[0]
        return Header(clean_accession(accession), name, ranks=ranks)
    if match := _RDP.search(text):
        before = text[: match.start()]
        name, ranks = parse_lineage(match.group(1))
        words = _words(before.partition(";")[0])
        # The lineage ends at the genus, and the words before it may know the species.
        return Header(words.accession, words.name or name, ranks=ranks, marks=words.marks)
    if match := _NCBI.match(text):
        accession, rest = match.groups()
        first, _blank, after = rest.partition(" ")
        description = after if _LOCUS_NAME.match(first) else rest
        return _described(clean_accession(accession), description.strip())
    if "###" in text:
        accession, _marks, lineage = text.partition("###")
        name, ranks = parse_lineage(lineage)
        return Header(clean_accession(accession), name, ranks=ranks)
    if "|" in text:
        return _pipes([part.strip() for part in text.split("|")])
    accession, _blank, rest = text.replace("\t", " ").partition(" ")
    if is_lineage(text):
        # Behind an accession, or the whole header; a lineage's own first word has a semicolon.
        alone = ";" in accession or not is_lineage(rest)
        name, ranks = parse_lineage(text if alone else rest)
        return Header("" if alone else clean_accession(accession), name, ranks=ranks)
    return _words(text)


def clean_accession(text: str) -> str:
    """Return an accession without the place of the piece that was cut out of it.

    Examples
    --------
    >>> clean_accession("KY290222.1.<1.>1539"), clean_accession("A1")
    ('KY290222.1', 'A1')
    """
    text = _first(text)
    match = _PLACE.match(text)
    return match.group(1) if match else text


def _first(text: str) -> str:
    return clean.split()[0] if (clean := text.strip()) else ""


def _pipes(parts: list[str]) -> Header:
    lineage = next((part for part in parts if "k__" in part or ";p__" in part), "")
    if lineage:
        name, ranks = parse_lineage(lineage)
        # UNITE has the name first; where there is none, the accession.
        named_first = len(parts) >= 4 and not re.match(r"^SH\d", parts[1])
        accession = parts[1] if named_first else parts[0]
        hypothesis = next((part for part in parts if re.match(r"^SH\d", part)), "")
        return Header(accession, name, source=hypothesis, ranks=ranks)
    if len(parts) == 4 and parts[3].count(",") >= 5:
        name, ranks = parse_bold_lineage(parts[3])
        country = "" if parts[2].casefold() in ("none", "unrecoverable") else parts[2]
        return Header(parts[0], name, parts[1], country=country, ranks=ranks)
    parts += [""] * 3
    name, marks = marks_of(parts[1].replace("_", " "))
    return Header(clean_accession(parts[0]) or "", name, parts[2], parts[3], marks=marks)


def _words(text: str) -> Header:
    locus = ""
    if match := _GENEIOUS.match(text):
        locus = _locus(match.group(2))
        text = match.group(1) if locus else text
    if match := _UNDERSCORES.match(text.split(" ")[0]):
        return Header(match.group(1), leading_name(match.group(2).split("_")), locus)
    accession, _space, rest = text.partition(" ")
    header = _described(clean_accession(accession), rest)
    return Header(header.accession, header.name, locus, marks=header.marks)


def _described(accession: str, description: str) -> Header:
    """Return what a description in GenBank's manner says: a name at its head, then other words."""
    bare, marks = marks_of(description)
    return Header(accession, leading_name(bare.split()), marks=description if marks else bare)


def _locus(name: str) -> str:
    for words in (name, name.rsplit(" ", 1)[0], name.split(" ")[0]):
        try:
            return find_locus(words).name
        except UsageError:
            continue
    return ""
