"""How names, lineages and headers of reference records are read.

How far a deposited name supports a call, by stated rules: hybrids, ``sp.``, ``cf.``, unverified.

Each rule has a code, what is done, and why.  The table is that of docs/library.md; a test holds
the two together.  A record supports a call no further than its name goes, and a record whose
depositor or data base says that it was not examined supports none.

=========  ========================================================================
left out   the record is not taken
genus      the record is taken, and counts for its genus only
kept       the record is taken for its species
=========  ========================================================================

What is flagged is listed by ``library build`` for somebody to look at.

References
----------
Sigovini, Keppel & Tagliapietra 2016, doi:10.1111/2041-210X.12594 (open nomenclature);
NCBI, "UNVERIFIED sequence records" and "Environmental samples" in the GenBank submission guide.

A reference record as its source has it, before it is judged.

Lineages as reference sets write them: ranks in one text, from the kingdom down to the species.

===========  ==============================================================================
prefixed     ``k__Fungi;p__Ascomycota;…;g__Fusarium;s__Fusarium_oxysporum`` (UNITE, QIIME)
SINTAX       ``k:Animalia,p:Chordata,…,g:Manis,s:Manis_javanica``
MIDORI2      ``root_1;Eukaryota_2759;Chordata_7711;…;Manis_9973;Manis javanica_9974``
RDP          ``Root;rootrank;Fungi;domain;Basidiomycota;phylum;…;Sparassis;genus``
plain        ``Animalia;Chordata;Mammalia;Pholidota;Manidae;Manis;Manis javanica``
===========  ==============================================================================

Words that say that a rank is not known (``unidentified``, ``Incertae_sedis``, ``None``) leave it
empty, and so do MIDORI2's fillers (``order_Actinopteri_186623``: the class, for want of an order).

FASTA headers in the styles that people have.

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

A new style goes into `parse_header`, and an example of it into its test.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from pathlib import Path
from sys import intern
from typing import NamedTuple

from forensics.barcode.locus import find_locus
from forensics.barcode.reference.records import RANK_FIELDS, ReferenceRecord
from forensics.errors import UsageError
from forensics.messages import N_, _
from forensics.taxonomy.names import parse_name

LEFT_OUT, GENUS, KEPT = "left_out", "genus", "kept"


class NameRule(NamedTuple):
    """A rule about names.

    Attributes
    ----------
    code : str
        Stable.
    action : str
        `LEFT_OUT`, `GENUS` or `KEPT`.
    flagged : bool
        Whether a record that is taken is listed for somebody to look at.
    reason : str
        In English; `text` is in the reader's language.
    """

    code: str
    action: str
    flagged: bool
    reason: str

    def text(self) -> str:
        """Return the reason in the reader's language."""
        return _(self.reason)


#: In the order in which they are tried; the first that fits decides.
RULES = (
    NameRule(
        "UNVERIFIED", LEFT_OUT, False,
        N_("GenBank marks it UNVERIFIED: its sequence or annotation could not be confirmed"),
    ),
    NameRule(
        "NUCLEAR_COPY", LEFT_OUT, False,
        N_("it is described as a pseudogene or a nuclear copy of an organelle gene"),
    ),
    NameRule(
        "ENVIRONMENTAL", LEFT_OUT, False,
        N_("an environmental or uncultured sample, without a specimen"),
    ),
    NameRule(
        "HYBRID_GENERA", LEFT_OUT, False,
        N_("a hybrid of two genera; which of them the sequence comes from is not known"),
    ),
    NameRule(
        "ABBREVIATED", LEFT_OUT, False,
        N_("the genus is abbreviated; give it in full, or a table with the name"),
    ),
    NameRule(
        "NO_GENUS", LEFT_OUT, False,
        N_("the name has no genus"),
    ),
    NameRule(
        "HYBRID", GENUS, True,
        N_("a hybrid; its sequence is that of one parent, and which one is not known"),
    ),
    NameRule(
        "DOUBTED", GENUS, True,
        N_("the identifier doubts the species (cf., aff., nr., ?)"),
    ),
    NameRule(
        "WIDE", GENUS, True,
        N_("the name is that of a species group or complex, or is used in a wide sense"),
    ),
    NameRule(
        "NO_SPECIES", GENUS, False,
        N_("no species is named (sp., spp., indet., or the genus alone)"),
    ),
    NameRule(
        "THIRD_PARTY", KEPT, True,
        N_("assembled or annotated by someone other than the sequencing laboratory (TPA, MAG)"),
    ),
    NameRule(
        "SPECIES", KEPT, False,
        N_("the name reaches a species"),
    ),
)  # fmt: skip


_BY_CODE = {rule.code: rule for rule in RULES}


# Words that GenBank puts before a name, with the mark that they leave.
_PREFIX = re.compile(
    r"^\s*(UNVERIFIED(?:_ORG|_ASMBLY|_CONTAM)?|TPA(?:_exp|_inf|_asm|_reasm)?|MAG(?: TPA)?|"
    r"PREDICTED|PRF|NON-?VERIFIED)\s*:\s*",
    re.IGNORECASE,
)


_UNVERIFIED = re.compile(r"\bUN-?VERIFIED", re.IGNORECASE)


_NUCLEAR_COPY = re.compile(
    r"\bnumts?\b|\bpseudogene\b|nuclear (copy|copies|insertion|integration)s? of mitochondr",
    re.IGNORECASE,
)


_ENVIRONMENTAL = re.compile(
    r"\b(environmental|uncultured|uncultivated|metagenom\w*|e-?dna|unidentified|unclassified|"
    r"unknown)\b",
    re.IGNORECASE,
)


_THIRD_PARTY = re.compile(r"\b(TPA(_\w+)?|MAG)\s*:|third party annotation", re.IGNORECASE)


_TIMES = re.compile(r"(?:^|\s)[xX×](?:\s|$)|×")


_DOUBT = re.compile(
    r"(?:^|[\s.])(cf|aff|nr|near|prope|affin)(?:\.|\s|$)|\?|-like\b|(?:^|\s)like(?:\s|$)",
    re.IGNORECASE,
)


_WIDE = re.compile(
    r"\b(group|complex|agg|aggregate|gr|superspecies)\b|\bs\.\s?l\.|sensu lato|\(misc\)",
    re.IGNORECASE,
)


_ABBREVIATED = re.compile(r"^[A-Z][a-z]?\.\s?[a-z]")


# Endings that the codes of nomenclature keep for families, subfamilies and orders. No genus has them.
_ABOVE_GENUS = re.compile(r"(idae|inae|aceae|formes|oideae)$")


# Words that stand between the genus and what it is joined to, or after a name that is doubted.
_JOINED = re.compile(r"^([xX×]|cf\.?|aff\.?|nr\.?|near|sp\.?|gr\.?|hybrid)$", re.IGNORECASE)


# Such a word comes fourth at the latest, behind a subspecies; later ones are of the description.
_LATEST = 4


_DESCRIBING = ("isolate", "voucher", "clone", "strain", "haplotype", "specimen", "mitochondrion")


def judge_name(name: str, marks: str = "") -> NameRule:
    """Return the rule that decides about a deposited name.

    Parameters
    ----------
    name : str
        As deposited.
    marks : str
        What else the record says of itself: GenBank's definition and keywords, `marks_of`.

    Examples
    --------
    >>> judge_name("Manis javanica").code, judge_name("Manis cf. javanica").code
    ('SPECIES', 'DOUBTED')
    >>> judge_name("Cairina moschata x Anas platyrhynchos").code
    'HYBRID_GENERA'
    >>> judge_name("Manis javanica", "UNVERIFIED: Manis javanica cytochrome b").code
    'UNVERIFIED'
    """
    return _BY_CODE[_code(name, marks)]


# Many records of a file bear the same name.
@lru_cache(maxsize=2**14)
def _code(name: str, marks: str) -> str:
    name = unicodedata.normalize("NFC", " ".join(name.replace("_", " ").split()))
    text = f"{name} {marks}"
    if _UNVERIFIED.search(text):
        return "UNVERIFIED"
    if _NUCLEAR_COPY.search(text):
        return "NUCLEAR_COPY"
    if _ENVIRONMENTAL.search(name) or "environmental_sample" in marks:
        return "ENVIRONMENTAL"
    bare = _PREFIX.sub("", name)
    parsed = parse_name(bare)
    if parsed.hybrid and _genera(bare) != 1:
        return "HYBRID_GENERA"
    if _ABBREVIATED.match(bare):
        return "ABBREVIATED"
    if not parsed.genus or _ABOVE_GENUS.search(parsed.genus):
        return "NO_GENUS"
    if parsed.hybrid:
        return "HYBRID"
    if not parsed.species or "?" in bare:
        if _DOUBT.search(bare):
            return "DOUBTED"
        return "WIDE" if _WIDE.search(bare) else "NO_SPECIES"
    return "THIRD_PARTY" if _THIRD_PARTY.search(text) else "SPECIES"


def _genera(name: str) -> int:
    """Return how many genera a hybrid's name holds; none where it is a genus of hybrids itself."""
    parts = [part.split() for part in _TIMES.split(name)]
    words = [part[0] for part in parts if part]
    if not words or not parts[0]:  # × Cupressocyparis: a genus of hybrids
        return 0
    genus = words[0]
    genera = {genus}
    for word in words[1:]:
        abbreviated = re.fullmatch(r"([A-Z])[a-z]?\.", word)
        if abbreviated:
            word = genus if genus.startswith(abbreviated.group(1)) else word
        if word[:1].isupper():
            genera.add(word)
    return len(genera)


def leading_name(words: Sequence[str]) -> str:
    """Return the name at the head of a description: two words, or more where it is not a binomial.

    A third word is seldom part of a name that reaches a species, but ``x``, ``cf.`` and the like
    change what it says.

    Examples
    --------
    >>> leading_name("Falco rusticolus x Falco cherrug isolate 7".split())
    'Falco rusticolus x Falco cherrug'
    >>> leading_name("Manis javanica isolate 7 cytochrome b".split())
    'Manis javanica'
    """
    for place, word in enumerate(words[1:_LATEST], 1):
        if not _JOINED.match(word) or not set(words[2:place]).isdisjoint(_DESCRIBING):
            continue
        following = words[place + 1 : place + 3]
        if word.casefold().rstrip(".") in ("hybrid", "sp") or not following:
            following = []
        # A second parent has one word, or two where its genus is written out or abbreviated.
        two = len(following) == 2 and re.fullmatch(r"[A-Z]([a-z]+|[a-z]?\.)", following[0])
        return " ".join([*words[: place + 1], *(following if two else following[:1])])
    return " ".join(words[:2])


def marks_of(description: str) -> tuple[str, str]:
    """Return a description without the words that GenBank puts before a name, and those words.

    Examples
    --------
    >>> marks_of("UNVERIFIED: Manis javanica cytochrome b")
    ('Manis javanica cytochrome b', 'UNVERIFIED:')
    """
    marks = []
    while match := _PREFIX.match(description):
        marks.append(f"{match.group(1)}:")
        description = description[match.end() :]
    return description, " ".join(marks)


_OTHER_FIELDS = {field.name for field in fields(ReferenceRecord)} - {"name", "species"}


class Entry(NamedTuple):
    """A record as its source has it.

    Attributes
    ----------
    path : pathlib.Path
        The file; of a record in memory a name for where it stood.
    number : int
        Its place there, counted from 1.
    record : ReferenceRecord
    text : str
        Its sequence, not cleaned yet.
    marks : str
        What it says of itself, such as UNVERIFIED.
    taxon : int
        NCBI's number; 0 where unknown.
    in_memory : bool
        Whether a script gave it, and no file.
    """

    path: Path
    number: int
    record: ReferenceRecord
    text: str
    marks: str = ""
    taxon: int = 0
    in_memory: bool = False


def with_more(entry: Entry, more: dict[str, str] | None) -> Entry:
    """Return a record with what a table says more of it, by the fields of `ReferenceRecord`."""
    if not more:
        return entry
    # A column "species" holds names of any kind; how far they reach is read from them.
    name = more.get("name") or more.get("species") or entry.record.name
    bare, marks = marks_of(name)
    named = ReferenceRecord.named(entry.record.accession, bare)
    record = replace(
        entry.record,
        name=named.name,
        species=named.species,
        genus=named.genus or entry.record.genus,
    )
    others = {key: value for key, value in more.items() if key in _OTHER_FIELDS}
    if named.genus and named.species:  # the name and not another column says the genus
        others.pop("genus", None)
    return entry._replace(record=replace(record, **others), marks=f"{entry.marks} {marks}".strip())


_LETTERS = {"p": "phylum", "c": "class_", "o": "order", "f": "family", "g": "genus", "s": "species"}


_RANKS = (*RANK_FIELDS.values(), "genus")


_RDP_RANKS = RANK_FIELDS | {"genus": "genus", "species": "species"}


_PREFIXED = re.compile(r"(?:^|;)\s*(?:[dkr]|sk)__[^;]*;|(?:^|;)\s*p__[^;]*;")


_TAXID = re.compile(r"^(.*\S)_(\d+)$")


_UNKNOWN = re.compile(
    r"^(none|na|n/a|null|unidentified.*|unclassified.*|unknown.*|.*incertae[ _]sedis.*|-|\?)$",
    re.IGNORECASE,
)


_FILLER = re.compile(r"^(phylum|class|order|family|genus|species)_(.+)$")


_MIN_RANKS = 5


_Named = tuple[str, dict[str, str]]


def is_lineage(text: str) -> bool:
    """Return whether a text is a lineage with semicolons rather than a name."""
    return bool(_PREFIXED.search(text)) or text.count(";") >= _MIN_RANKS - 1


def parse_lineage(text: str) -> _Named:
    """Return the name at the end of a lineage with semicolons, and the ranks above it.

    Examples
    --------
    >>> parse_lineage("k__Fungi;p__Ascomycota;g__Fusarium;s__Fusarium_oxysporum")
    ('Fusarium oxysporum', {'phylum': 'Ascomycota', 'genus': 'Fusarium'})
    >>> parse_lineage("root_1;Eukaryota_2759;Chordata_7711;Mammalia_40674;order_Mammalia_40674;"
    ...               "Manidae_9971;Manis_9973;Manis javanica_9974")[0]
    'Manis javanica'
    """
    parts = [part.strip().strip('"') for part in text.strip().strip(";").split(";")]
    if any(re.match(r"^[a-z]{1,2}__", part) for part in parts):
        pairs = [part.partition("__")[::2] for part in parts]
        return _named({_LETTERS[k]: v for k, v in pairs if k in _LETTERS})
    if "rootrank" in parts or {"family", "genus"} <= set(parts):
        pairs = list(zip(parts[1::2], parts[::2]))
        return _named({_RDP_RANKS[rank]: v for rank, v in pairs if rank in _RDP_RANKS})
    return _plain(parts)


def parse_sintax(text: str) -> _Named:
    """Return the name and the ranks of a lineage as SINTAX writes it, with commas.

    Examples
    --------
    >>> parse_sintax("k:Animalia,g:Manis,s:javanica")
    ('Manis javanica', {'genus': 'Manis'})
    """
    pairs = [part.strip().partition(":")[::2] for part in text.split(",")]
    values = dict(zip([key for key, _v in pairs], _without_taxids([value for _k, value in pairs])))
    return _named({_LETTERS[key]: value for key, value in values.items() if key in _LETTERS})


def parse_bold_lineage(text: str) -> _Named:
    """Return the name and the ranks of BOLD's lineage with commas: kingdom, phylum and so on.

    Examples
    --------
    >>> parse_bold_lineage("Animalia,Chordata,Mammalia,Pholidota,Manidae,None,None,Manis,"
    ...                    "Manis javanica,None")[0]
    'Manis javanica'
    """
    parts = [_known(part.strip()) for part in text.split(",")]
    # Below the kingdom; a tribe and a subspecies are there in some exports only.
    ranks = dict(zip(RANK_FIELDS.values(), parts[1:5]))
    rest = parts[5:]
    species = next((place for place, part in enumerate(rest) if " " in part), None)
    if species is not None:
        ranks["genus"] = rest[species - 1] if species else ""
        ranks["species"] = rest[species]
    elif len(rest) >= 4:  # subfamily, tribe, genus, species and perhaps subspecies
        ranks["genus"] = rest[2]
    elif len(rest) == 3:  # without the tribe
        ranks["genus"] = rest[1]
    return _named(ranks)


def _plain(parts: list[str]) -> _Named:
    parts = _without_taxids(parts)
    if parts and parts[0].casefold() in ("root", "cellular organisms"):
        parts = parts[1:]
    # The filler of a species (``species_Genus species``) still holds its name.
    last = _known(parts[-1].removeprefix("species_")) if parts else ""
    above = [_known(part) for part in parts[:-1]]
    genus = parse_name(last.replace("_", " ")).genus
    binomial = genus and (" " in last or "_" in last)
    if binomial and above and above[-1] == genus:  # counted from the right, whatever is before it
        ranks = dict(zip(reversed(_RANKS), reversed(above)))
        return _named({**ranks, "species": last})
    ranks = dict(zip(_RANKS, map(_known, parts[1:6])))
    species = parts[6].removeprefix("species_") if len(parts) > 6 else ""
    return _named({**ranks, "species": species})


def _named(ranks: dict[str, str]) -> _Named:
    """Return name and ranks, unknown ones left out and blanks for underscores."""
    ranks = {rank: _known(value).replace("_", " ").strip() for rank, value in ranks.items()}
    name, genus = ranks.pop("species", ""), ranks.get("genus", "")
    # Some sets give the epithet alone at the rank of the species.
    if name and genus and name[0].islower() and not parse_name(name).genus:
        name = f"{genus} {name}" if not _is_open(name) else name
    return name or genus, {rank: value for rank, value in ranks.items() if value}


def _is_open(name: str) -> bool:
    return name.split()[0].casefold() in ("uncultured", "unidentified", "environmental", "unknown")


def _known(value: str) -> str:
    value = value.strip()
    return "" if _UNKNOWN.match(value) or _FILLER.match(value) else value


def _without_taxids(parts: list[str]) -> list[str]:
    """Return the parts without NCBI's numbers behind them, where every part has one."""
    given = [part for part in parts if part]
    if len(given) >= 3 and all(_TAXID.match(part) for part in given):
        return [_TAXID.sub(r"\1", part) for part in parts]
    return parts


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
        What the record says of itself (`forensics.barcode.reference.headers.judge_name`).
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

    def record(self, accession: str, *, source: str = "") -> ReferenceRecord:
        """Return the record of which it is the header; `source` where it does not say one."""
        says = {"locus": self.locus, "source": self.source or source, "country": self.country}
        # What many records say is in memory once.
        shared = {field: intern(value) for field, value in (says | self.ranks).items()}
        return ReferenceRecord.named(accession, self.name, **shared)


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
