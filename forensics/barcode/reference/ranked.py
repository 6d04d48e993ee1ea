"""Lineages as reference sets write them: ranks in one text, from the kingdom down to the species.

===========  ==============================================================================
prefixed     ``k__Fungi;p__Ascomycota;…;g__Fusarium;s__Fusarium_oxysporum`` (UNITE, QIIME)
SINTAX       ``k:Animalia,p:Chordata,…,g:Manis,s:Manis_javanica``
MIDORI2      ``root_1;Eukaryota_2759;Chordata_7711;…;Manis_9973;Manis javanica_9974``
RDP          ``Root;rootrank;Fungi;domain;Basidiomycota;phylum;…;Sparassis;genus``
plain        ``Animalia;Chordata;Mammalia;Pholidota;Manidae;Manis;Manis javanica``
===========  ==============================================================================

Words that say that a rank is not known (``unidentified``, ``Incertae_sedis``, ``None``) leave it
empty, and so do MIDORI2's fillers (``order_Actinopteri_186623``: the class, for want of an order).
"""

import re

from forensics.taxonomy.names import parse_name

__all__ = ["is_lineage", "parse_bold_lineage", "parse_lineage", "parse_sintax"]

_LETTERS = {"p": "phylum", "c": "class_", "o": "order", "f": "family", "g": "genus", "s": "species"}
_RANKS = ("phylum", "class_", "order", "family", "genus")
_RDP_RANKS = {"phylum": "phylum", "class": "class_", "order": "order", "family": "family"}
_RDP_RANKS |= {"genus": "genus", "species": "species"}
_PREFIXED = re.compile(r"(?:^|;)\s*(?:[dkr]|sk)__[^;]*;|(?:^|;)\s*p__[^;]*;")
_TAXID = re.compile(r"^(.*\S)_(\d+)$")
_UNKNOWN = re.compile(
    r"^(none|na|n/a|null|unidentified.*|unclassified.*|unknown.*|.*incertae[ _]sedis.*|-|\?)$",
    re.IGNORECASE,
)
_FILLER = re.compile(r"^(phylum|class|order|family|genus|species)_(.+)$")
# BOLD's places below the kingdom; a tribe and a subspecies are there in some exports only.
_BOLD_PLACES = ("phylum", "class_", "order", "family")
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
    ranks = dict(zip(_BOLD_PLACES, parts[1:5]))
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
