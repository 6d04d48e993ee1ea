"""Scientific names as people deposit them.

A record's name says how far its identification goes: *Manis javanica* names a
species, ``Manis sp. 2`` only a genus, ``Manis cf. javanica`` a genus and an
opinion, ``Falco rusticolus x cherrug`` two parents. A record supports a call no
further than its name goes.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

# Open nomenclature (Sigovini et al. 2016, doi:10.1111/2041-210X.12594) and the
# words that INSDC and BOLD use where no species is known.
_OPEN = (
    r"(?i)^(sp|spp|ssp|cf|aff|nr|gr|near|gen|indet|complex|group|agg|like|species|"
    r"unidentified|environmental|uncultured)\.?\d*$"
)
# Marks that make a name wider or less sure than its binomial wherever they stand, also
# behind a hyphen (``javanica-like``).
_ANYWHERE = (
    r"(?i)(^|[\s-])((sp|spp|cf|aff|nr|gr|agg|like|group|complex)\.?|s\.\s?l\.|sensu lato)(\s|$)|"
    r"\(misc\)"
)
_HYBRID = r"(?i)(^|\s)[x×](\s|$)|×|\bhybrid\b"
_GENUS = r"^[A-Z][a-zà-ÿ]+(?:-[a-zà-ÿ]+)?$"
_EPITHET = r"^[a-zà-ÿ]+(?:-[a-zà-ÿ]+)*$"
# Patterns are compiled where they are first needed. Two words in Latin letters, as nearly all names are, need
# none: of what the patterns know, such a word can only be one of these. One sample would wait for them.
_NO_NAMES = frozenset(
    "sp spp ssp cf aff nr gr near gen indet complex group agg like species unidentified environmental "
    "uncultured sensu x hybrid".split()
)


@dataclass(frozen=True, slots=True)
class TaxonName:
    """A deposited name and what it says.

    Attributes
    ----------
    text : str
        The name as deposited, white space made single, in NFC.
    genus : str
        The genus, or an empty string where none is named.
    species : str
        The binomial, or an empty string where the name does not reach a species.
    hybrid : bool
        Whether the name is that of a hybrid.
    """

    text: str
    genus: str
    species: str
    hybrid: bool = False

    @property
    def label(self) -> str:
        """The name under which the record counts: the binomial, else the name as it stands."""
        return self.species or self.text


# Many records of a file bear the same name.
@lru_cache(maxsize=2**14)
def parse_name(text: str) -> TaxonName:
    """Read a deposited name.

    Parameters
    ----------
    text : str
        For example ``Manis javanica``, ``Manis_javanica``, ``Panthera tigris
        altaica``, ``Bombus cf. terrestris``, ``Falco rusticolus x F. cherrug``.

    Returns
    -------
    TaxonName
        With empty ``species`` for open nomenclature and hybrids, and with empty
        ``genus`` too where the first word is not a genus.

    Examples
    --------
    >>> parse_name("Panthera tigris altaica").species
    'Panthera tigris'
    >>> parse_name("Bombus cf. terrestris").species
    ''
    """
    clean = " ".join(text.replace("_", " ").split())
    if not clean.isascii():
        import unicodedata

        clean = unicodedata.normalize("NFC", clean)
    genus, _space, epithet = clean.partition(" ")
    if _is_binomial(genus, epithet):
        return TaxonName(clean, genus, clean)
    words = [word for word in clean.split(" ") if not word.startswith("(")]
    if not words or re.match(_OPEN, words[0]) or not re.match(_GENUS, words[0]):
        return TaxonName(clean, "", "", bool(re.search(_HYBRID, clean)))
    genus = words[0]
    if re.search(_HYBRID, clean):
        return TaxonName(clean, genus, "", True)
    qualified = any(re.match(_OPEN, word) for word in words[1:3]) or re.search(_ANYWHERE, clean)
    if len(words) < 2 or qualified or not re.match(_EPITHET, words[1]):
        return TaxonName(clean, genus, "")
    return TaxonName(clean, genus, f"{genus} {words[1]}")


def _is_binomial(genus: str, epithet: str) -> bool:
    """Return whether two words are a species without doubt; False says nothing."""
    return (
        len(genus) > 1
        and f"{genus}{epithet}".isascii()
        and genus.isalpha()
        and genus.istitle()
        and epithet.isalpha()
        and epithet.islower()
        and genus.lower() not in _NO_NAMES
        and epithet not in _NO_NAMES
    )
