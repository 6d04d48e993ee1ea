"""Names that tables have for the same thing: of BOLD, GenBank, QIIME, and of laboratories' own.

English, French, Portuguese and Spanish; accents, case, blanks and signs do not matter.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import fields

from forensics.barcode.reference.records import ReferenceRecord

__all__ = ["SAMPLE", "SEQUENCE", "TAXONOMY", "find_columns"]

#: Columns that are no fields of a record: its sequence, its lineage, and what joins the sheets of
#: a workbook.
SEQUENCE, TAXONOMY, SAMPLE = "sequence", "taxonomy", "sample"

_FIELDS = {field.name.rstrip("_"): field.name for field in fields(ReferenceRecord)}
_SYNONYMS = {
    "accession": (
        "processid", "process_id", "id", "genbank_accession", "accession_number", "seqid",
        "sequence_id", "feature_id", "identifiant", "numero_d_accession", "numero_accession",
        "no_d_accession", "n_d_accession", "no_accession", "n_accession", "code", "codigo", "numero_de_acesso",
        "numero_de_acceso", "acesso", "acceso",
    ),
    "name": (
        "species_name", "scientific_name", "organism", "identification", "taxon_name",
        "nom_scientifique", "nom", "nome_cientifico", "nome", "nombre_cientifico",
    ),
    "species": ("espece", "especie"),
    "genus": ("genus_name", "genre", "genero"),
    "family": ("family_name", "famille", "familia"),
    "order": ("order_name", "ordre", "ordem", "orden"),
    "class": ("class_name", "classe", "clase"),
    "phylum": ("phylum_name", "embranchement", "filo"),
    "locus": (
        "markercode", "marker_code", "marker", "gene", "marqueur", "marcador", "gene_name",
    ),
    "voucher": (
        "catalognum", "catalog_num", "sampleid", "sample_id", "specimen_voucher", "museumid",
        "museum_id", "specimen", "echantillon", "numero_de_specimen", "numero_de_collection",
        "amostra", "muestra", "tombo", "numero_de_tombo", "especime",
    ),
    "institution": (
        "institution_storing", "inst", "museum", "musee", "museu", "museo", "instituicao",
        "institucion", "depositaire",
    ),
    "identifier": (
        "identification_provided_by", "identified_by", "determinateur", "identifie_par",
        "determine_par", "determinador", "identificado_por", "identificador",
    ),
    "country": ("country_ocean", "geo_loc_name", "pays", "pais", "pays_ocean"),
    "date": (
        "collectiondate", "collection_date", "collectiondate_start", "collection_date_start",
        "date_de_collecte", "date_de_recolte", "data", "data_de_coleta", "data_da_coleta",
        "fecha", "fecha_de_colecta",
    ),
    "licence": ("license", "licenca", "licencia"),
    "source": ("origine", "fonte", "fuente"),
    SEQUENCE: (
        "sequences", "nucleotides", "nuc", "seq", "dna_sequence", "dna", "adn", "sequencia",
        "secuencia", "sequence_nucleotidique",
    ),
    TAXONOMY: ("taxon", "lineage", "lignee", "linhagem", "classification"),
}  # fmt: skip
_JOINS = ("sampleid", "sample_id", "echantillon", "amostra", "muestra")
_BY_NAME = {
    **{name: field for name, field in _FIELDS.items()},
    **{name: name for name in (SEQUENCE, TAXONOMY)},
    **{other: _FIELDS.get(name, name) for name, others in _SYNONYMS.items() for other in others},
}


def find_columns(header: Iterable[str]) -> dict[int, tuple[str, ...]]:
    """Return what each known column of a table holds, by its place.

    Examples
    --------
    >>> find_columns(["Process ID", "Espèce", "Séquence", "other"])
    {0: ('accession',), 1: ('species',), 2: ('sequence',)}
    """
    columns = {}
    for place, name in enumerate(header):
        key = _key(name)
        if key in _BY_NAME:
            columns[place] = (_BY_NAME[key], *((SAMPLE,) if key in _JOINS else ()))
    return columns


def _key(name: str) -> str:
    bare = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", bare).strip("_")
