"""Family, order, class and phylum of genera whose source gives only a name.

A small hand-written table, for the pythons of DendroPy, the mitochondrial genomes
and the references of thapbi_pict (their files hold names alone).  Families follow
common use (Catalogue of Life); the table is a convenience for grouping and carries
no weight in an identification.  BOLD and GenBank records bring their own lineage.
"""

__all__ = ["lineage"]

_GROUPS: dict[tuple[str, str, str, str], str] = {
    # snakes of Rawlings et al. 2008
    (
        "Pythonidae",
        "Squamata",
        "Reptilia",
        "Chordata",
    ): "Antaresia Apodora Bothrochilus Liasis Morelia Python",
    ("Xenopeltidae", "Squamata", "Reptilia", "Chordata"): "Xenopeltis",
    ("Loxocemidae", "Squamata", "Reptilia", "Chordata"): "Loxocemus",
    ("Boidae", "Squamata", "Reptilia", "Chordata"): "Candoia",
    # vertebrates of the CITES mixtures, the bats and the lakes
    ("Hominidae", "Primates", "Mammalia", "Chordata"): "Homo Pongo",
    ("Bovidae", "Artiodactyla", "Mammalia", "Chordata"): "Bos",
    ("Suidae", "Artiodactyla", "Mammalia", "Chordata"): "Sus",
    ("Canidae", "Carnivora", "Mammalia", "Chordata"): "Canis",
    ("Muridae", "Rodentia", "Mammalia", "Chordata"): "Rattus",
    ("Balaenopteridae", "Cetacea", "Mammalia", "Chordata"): "Balaenoptera",
    ("Molossidae", "Chiroptera", "Mammalia", "Chordata"): "Tadarida",
    ("Vespertilionidae", "Chiroptera", "Mammalia", "Chordata"): "Eptesicus Corynorhinus",
    ("Crocodylidae", "Crocodylia", "Reptilia", "Chordata"): "Crocodylus",
    ("Phasianidae", "Galliformes", "Aves", "Chordata"): "Gallus Meleagris",
    ("Anguillidae", "Anguilliformes", "Actinopterygii", "Chordata"): "Anguilla",
    ("Acipenseridae", "Acipenseriformes", "Actinopterygii", "Chordata"): "Acipenser Huso",
    ("Pleuronectidae", "Pleuronectiformes", "Actinopterygii", "Chordata"): "Pleuronectes",
    ("Percidae", "Perciformes", "Actinopterygii", "Chordata"): "Sander Zingel",
    ("Pieridae", "Lepidoptera", "Insecta", "Arthropoda"): "Pieris",
    # molluscs and others of the Great Lakes example
    ("Sphaeriidae", "Sphaeriida", "Bivalvia", "Mollusca"): "Musculium Pisidium Sphaerium",
    ("Dreissenidae", "Myida", "Bivalvia", "Mollusca"): "Dreissena Mytilopsis",
    ("Cyrenidae", "Venerida", "Bivalvia", "Mollusca"): "Corbicula",
    ("Mytilidae", "Mytilida", "Bivalvia", "Mollusca"): "Limnoperna",
    ("Planorbidae", "Hygrophila", "Gastropoda", "Mollusca"): "Ferrissia",
    ("Lymnaeidae", "Hygrophila", "Gastropoda", "Mollusca"): "Radix",
    ("Viviparidae", "Architaenioglossa", "Gastropoda", "Mollusca"): "Cipangopaludina Viviparus",
    ("Ampullariidae", "Architaenioglossa", "Gastropoda", "Mollusca"): "Pomacea",
    ("Bithyniidae", "Littorinimorpha", "Gastropoda", "Mollusca"): "Bithynia",
    ("Tateidae", "Littorinimorpha", "Gastropoda", "Mollusca"): "Potamopyrgus",
    ("Lithoglyphidae", "Littorinimorpha", "Gastropoda", "Mollusca"): "Gillia",
    ("Valvatidae", "Heterobranchia incertae sedis", "Gastropoda", "Mollusca"): "Valvata",
    ("Thiaridae", "Caenogastropoda incertae sedis", "Gastropoda", "Mollusca"): "Melanoides",
    ("Plumatellidae", "Plumatellida", "Phylactolaemata", "Bryozoa"): "Plumatella",
    ("Naididae", "Tubificida", "Clitellata", "Annelida"): "Chaetogaster Pristina",
    ("Asplanchnidae", "Ploima", "Eurotatoria", "Rotifera"): "Asplanchna",
    ("Brachionidae", "Ploima", "Eurotatoria", "Rotifera"): "Brachionus",
    ("Stenostomidae", "Catenulida", "Catenulida", "Platyhelminthes"): "Stenostomum",
    # plants of the CITES mixtures
    (
        "Asteraceae",
        "Asterales",
        "Magnoliopsida",
        "Streptophyta",
    ): "Artemisia Baccharis Cichorium Lactuca",
    ("Apiaceae", "Apiales", "Magnoliopsida", "Streptophyta"): "Bupleurum Foeniculum Ligusticum",
    ("Araliaceae", "Apiales", "Magnoliopsida", "Streptophyta"): "Eleutherococcus Panax",
    ("Brassicaceae", "Brassicales", "Magnoliopsida", "Streptophyta"): "Brassica",
    ("Capparaceae", "Brassicales", "Magnoliopsida", "Streptophyta"): "Capparis",
    ("Caricaceae", "Brassicales", "Magnoliopsida", "Streptophyta"): "Carica",
    ("Cactaceae", "Caryophyllales", "Magnoliopsida", "Streptophyta"): "Echinocactus",
    (
        "Fabaceae",
        "Fabales",
        "Magnoliopsida",
        "Streptophyta",
    ): "Astragalus Cullen Glycine Medicago Melilotus",
    ("Euphorbiaceae", "Malpighiales", "Magnoliopsida", "Streptophyta"): "Croton Euphorbia",
    ("Passifloraceae", "Malpighiales", "Magnoliopsida", "Streptophyta"): "Turnera",
    ("Malvaceae", "Malvales", "Magnoliopsida", "Streptophyta"): "Gossypium",
    ("Berberidaceae", "Ranunculales", "Magnoliopsida", "Streptophyta"): "Epimedium",
    ("Rosaceae", "Rosales", "Magnoliopsida", "Streptophyta"): "Rubus Sanguisorba",
    ("Solanaceae", "Solanales", "Magnoliopsida", "Streptophyta"): "Solanum",
    ("Arecaceae", "Arecales", "Liliopsida", "Streptophyta"): "Brahea Serenoa",
    ("Asphodelaceae", "Asparagales", "Liliopsida", "Streptophyta"): "Aloe Aloidendron",
    ("Orchidaceae", "Asparagales", "Liliopsida", "Streptophyta"): "Dendrobium",
    ("Cycadaceae", "Cycadales", "Cycadopsida", "Streptophyta"): "Cycas",
}

_RANKS = ("family", "order", "class_", "phylum")
_LINEAGES = {
    genus: dict(zip(_RANKS, lineage))
    for lineage, genera in _GROUPS.items()
    for genus in genera.split()
}


def lineage(genus: str) -> dict[str, str]:
    """Return family, order, class and phylum of a genus, as far as the table has it."""
    return _LINEAGES.get(genus, {})
