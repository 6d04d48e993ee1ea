"""Names of columns, in the languages of the laboratories that write them."""

import fnmatch
import re
import unicodedata
from collections.abc import Sequence

__all__ = ["NEVER_LOCI", "ROLES", "counted_allele", "matches", "pair_of", "plain_name", "role_of"]

# English, French, Spanish, Portuguese; written as `plain_name` gives them.
ROLES = {
    "animal": (
        "animal animalid animalname id ids ind indiv individual individuals individualid indid "
        "indname sample sampleid samplename specimen specimenid iid animale individu echantillon "
        "idechantillon specimene nomanimal individuo individuos muestra idmuestra ejemplar amostra "
        "idamostra especime exemplar"
    ).split(),
    "population": (
        "pop pops population populations popid popname populationid collection poblacion "
        "populacao colecao coleccion breed race raza raca"
    ).split(),
    "unit": (
        "repunit reportingunit reportinggroup unit unite uniterapport unidad unidade "
        "unidadreporte unidaderelato"
    ).split(),
    "site": (
        "site siteid sitename locality localities samplingsite samplinglocation localite lieu "
        "lieuechantillonnage localidad lugar sitio localidade local"
    ).split(),
    "latitude": "lat latitude decimallatitude latdd latitud latitudes ylat".split(),
    "longitude": "lon long lng longitude decimallongitude londd longdd longitud xlong".split(),
}
_ROLE_OF = {name: role for role, names in ROLES.items() for name in names}

# Columns of small whole numbers that a table of genotypes often has and that are no loci.
NEVER_LOCI = frozenset(
    "x y z utmx utmy easting northing este norte year annee ano anio month mois mes day age sex "
    "sexe sexo mass weight poids peso length longueur longitudtotal date fid pat mat phenotype "
    "sampletype popflag locdata elevation altitude count plate well".split()
)

_FIRST_SECOND = (
    ("1", "2"),
    ("a", "b"),
    ("A", "B"),
)
_SECOND = re.compile(r"(?:[._\- ](?:1|2|b|B)|\s?\((?:1|2)\))")


def plain_name(name: str) -> str:
    """Return a name without case, accents and signs.

    Examples
    --------
    >>> plain_name("Échantillon n°"), plain_name("Sample_ID")
    ('echantillonn', 'sampleid')
    """
    bare = unicodedata.normalize("NFKD", name).casefold()
    return "".join(sign for sign in bare if sign.isalnum() and sign.isascii())


def role_of(name: str) -> str | None:
    """Return what a column is by its name: a key of `ROLES`, or None."""
    return _ROLE_OF.get(plain_name(name))


def matches(name: str, patterns: Sequence[str]) -> bool:
    """Whether a name is one of `patterns`, which may hold ``*`` and ``?``."""
    return any(name == pattern or fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def pair_of(first: str, second: str) -> tuple[str, bool] | None:
    """Return the locus that two neighbouring columns name, and whether that is certain.

    Certain are ``L, L``, ``L, L.1`` and ``L,`` with an empty name after it (merged cells);
    ``L_1, L_2`` and ``L.a, L.b`` may be two loci.

    Examples
    --------
    >>> pair_of("Fca8", "Fca8.1"), pair_of("Fca8_1", "Fca8_2"), pair_of("Fca8", "Fca9")
    (('Fca8', True), ('Fca8', False), None)
    """
    if not first:
        return None
    if second in ("", first):
        return first, True
    if second.startswith(first) and _SECOND.fullmatch(second[len(first) :]):
        return first, True
    for first_ending, second_ending in _FIRST_SECOND:
        if (
            first.endswith(first_ending)
            and second.endswith(second_ending)
            and first[:-1] == second[:-1]
        ):
            stem = first[:-1]
            bare = stem.rstrip("._- ")
            if bare and bare != stem:
                return bare, False
    return None


def counted_allele(name: str) -> tuple[str, tuple[str, str]] | None:
    """Return the labels that the name of a dosage column tells: (not counted, counted).

    ``100049687-12-C/T`` (dartR, adegenet: the second is counted) gives C, T; PLINK's ``rs7_T``
    counts T and does not tell the other one, which is then called ``not T``.

    Examples
    --------
    >>> counted_allele("100049687-12-C/T"), counted_allele("rs7_T")
    (('100049687-12-C/T', ('C', 'T')), ('rs7_T', ('not T', 'T')))
    """
    for mark in "/>":
        head, sign, second = name.rpartition(mark)
        if sign and second in ("A", "C", "G", "T"):
            first = head[-1:]
            if first in ("A", "C", "G", "T") and (len(head) == 1 or not head[-2].isalnum()):
                return name, (first, second)
    head, sign, counted = name.rpartition("_")
    if sign and head and counted in ("A", "C", "G", "T"):
        return name, (f"not {counted}", counted)
    return None
