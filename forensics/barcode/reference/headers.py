"""FASTA headers in the styles that people have.

=========  ==========================================================
pipes      ``accession|Genus species|locus|source``, and BOLD's
           ``processid|Genus species|marker|accession``
SINTAX     ``accession;tax=k:Animalia,…,g:Manis,s:Manis_javanica;``
DADA2      ``Kingdom;Phylum;Class;Order;Family;Genus;Genus species;``
words      ``accession Genus species and the rest`` (GenBank's own)
=========  ==========================================================

A new style goes into `parse_header`, and an example of it into its test.
"""

import re
from dataclasses import dataclass, field

from forensics.taxonomy.names import parse_name

__all__ = ["Header", "parse_header"]

_SINTAX_RANKS = {"p": "phylum", "c": "class_", "o": "order", "f": "family", "g": "genus"}
_DADA2_RANKS = ("phylum", "class_", "order", "family", "genus")
_SINTAX = re.compile(r"(?:^|;)\s*tax=([^;]*)")


@dataclass(frozen=True)
class Header:
    """What a header says; empty where it says nothing.

    Attributes
    ----------
    accession, name, locus, source : str
        The name is as deposited.
    ranks : dict of str to str
        ``phylum``, ``class_``, ``order``, ``family``, ``genus`` where given.
    """

    accession: str
    name: str
    locus: str = ""
    source: str = ""
    ranks: dict[str, str] = field(default_factory=dict)


def parse_header(text: str) -> Header:
    """Read a FASTA header without its ``>``.

    Examples
    --------
    >>> parse_header("DQ1.1|Manis javanica|COI|GenBank").name
    'Manis javanica'
    >>> parse_header("A1;tax=k:Animalia,g:Manis,s:Manis_javanica;").name
    'Manis javanica'
    """
    text = text.strip()
    if found := _SINTAX.search(text):
        return _sintax(text, found.group(1))
    if "|" in text:
        parts = [part.strip() for part in text.split("|")] + ["", "", ""]
        return Header(parts[0], parts[1].replace("_", " "), parts[2], parts[3])
    if text.count(";") >= 4:
        return _dada2(text)
    accession, _space, rest = text.partition(" ")
    words = rest.split()
    # A binomial at the head of a description; a third word is seldom part of the name.
    return Header(accession, " ".join(words[:2]) if words else "")


def _sintax(text: str, lineage: str) -> Header:
    ranks, name = {}, ""
    for part in lineage.split(","):
        key, _colon, value = part.strip().partition(":")
        value = value.strip().replace("_", " ")
        if key == "s":
            name = value
        elif key in _SINTAX_RANKS and value:
            ranks[_SINTAX_RANKS[key]] = value
    genus = ranks.get("genus", "")
    # Some sets give the epithet alone at rank s.
    if name and genus and not parse_name(name).genus:
        name = f"{genus} {name}"
    accession = text.split(";", 1)[0].split()[0] if not text.startswith(("tax=", ";")) else ""
    return Header(accession, name or genus, ranks=ranks)


def _dada2(text: str) -> Header:
    parts = [part.strip().replace("_", " ") for part in text.rstrip(";").split(";")]
    ranks = {rank: value for rank, value in zip(_DADA2_RANKS, parts[1:6]) if value}
    name = parts[6] if len(parts) > 6 else ""
    genus = ranks.get("genus", "")
    if name and genus and not parse_name(name).genus:
        name = f"{genus} {name}"
    return Header("", name or genus, ranks=ranks)
