"""How far a deposited name supports a call, by stated rules: hybrids, ``sp.``, ``cf.``, unverified.

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
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from forensics.messages import N_, _
from forensics.taxonomy.names import parse_name

__all__ = [
    "GENUS",
    "KEPT",
    "LEFT_OUT",
    "RULES",
    "NameRule",
    "judge_name",
    "leading_name",
    "marks_of",
]

LEFT_OUT, GENUS, KEPT = "left_out", "genus", "kept"


@dataclass(frozen=True)
class NameRule:
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
        N_("GenBank marks it UNVERIFIED: sequence or annotation could not be confirmed"),
    ),
    NameRule(
        "NUCLEAR_COPY", LEFT_OUT, False,
        N_("it is described as a pseudogene or a nuclear copy of an organelle gene"),
    ),
    NameRule(
        "ENVIRONMENTAL", LEFT_OUT, False,
        N_("an environmental or uncultured sample: no specimen was seen"),
    ),
    NameRule(
        "HYBRID_GENERA", LEFT_OUT, False,
        N_("a hybrid of two genera: which of them the sequence is of is not known"),
    ),
    NameRule(
        "ABBREVIATED", LEFT_OUT, False,
        N_("the genus is abbreviated; give it in full, or a table with the name"),
    ),
    NameRule(
        "NO_GENUS", LEFT_OUT, False,
        N_("the name holds no genus"),
    ),
    NameRule(
        "HYBRID", GENUS, True,
        N_("a hybrid: its sequence is that of one parent, which is not known"),
    ),
    NameRule(
        "DOUBTED", GENUS, True,
        N_("the identifier doubts the species (cf., aff., nr., ?)"),
    ),
    NameRule(
        "WIDE", GENUS, True,
        N_("the name is that of a group or complex of species, or meant in a wide sense"),
    ),
    NameRule(
        "NO_SPECIES", GENUS, False,
        N_("no species is named (sp., spp., indet., or the genus alone)"),
    ),
    NameRule(
        "THIRD_PARTY", KEPT, True,
        N_("assembled or annotated by others than who sequenced it (TPA, MAG)"),
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
