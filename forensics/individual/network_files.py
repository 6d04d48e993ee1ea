"""A network of seizures in files: pairs as CSV, seizures and links as GraphML, or a picture.

GraphML (Brandes et al. 2002, doi:10.1007/3-540-45848-4_59) is read by Gephi, Cytoscape, yEd, igraph
and NetworkX, which writes it here.
"""

import io
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from forensics.drawing import DRAWN, check_figure_file
from forensics.errors import InputError, UsageError, importing
from forensics.individual.network_links import in_words
from forensics.individual.network_results import Network
from forensics.io.cells import RowWriter
from forensics.io.files import check_folder, write_new
from forensics.messages import _

if TYPE_CHECKING:
    import networkx

__all__ = ["WRITTEN", "check_network_files", "graph_of", "pairs_csv", "save_network"]

WRITTEN = (".csv", ".graphml", *DRAWN)
# XML 1.0, production 2: no other character may stand in a file, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def check_network_files(paths: Sequence[str | os.PathLike[str]]) -> None:
    """Check, before any work, that a network can be written to new files of these names.

    Raises
    ------
    UsageError
        If a name ends in none of `WRITTEN`, stands twice, the file exists, or its folder does not.
    ForensicsError
        If a library that is needed is not installed.
    """
    known = set()
    for path in map(Path, paths):
        kind = path.suffix.lower()
        if kind not in WRITTEN:
            raise UsageError(
                _("A network is written as {known}; {path} ends in none of them.").format(
                    known=", ".join(WRITTEN), path=path
                )
            )
        if path.exists() or path in known:
            raise UsageError(_("{path} exists; give a new file.").format(path=path))
        check_folder(path)
        known.add(path)
        if kind in DRAWN:
            check_figure_file(path)
        if kind == ".graphml":
            with importing("network"):
                import networkx  # noqa: F401


def save_network(network: Network, path: str | os.PathLike[str]) -> None:
    """Write a network to a new file; the end of its name says in which form.

    Raises
    ------
    UsageError, ForensicsError
        As `check_network_files`.
    InputError
        If the frequencies do not describe the animals, so that there is no network.
    """
    check_network_files([path])
    if not network.is_stated:
        raise InputError(
            _("there is no network that could be written: {reason}").format(
                reason=network.unfit_reason
            )
        )
    kind = Path(path).suffix.lower()
    if kind in DRAWN:
        from forensics.individual.network_figures import draw_network

        draw_network(network, path)
    else:
        write_new(path, pairs_csv(network) if kind == ".csv" else _graphml(network))


def pairs_csv(network: Network) -> bytes:
    """Return the pairs that join seizures as CSV in UTF-8, a row a pair; no cell is a formula."""
    out = io.StringIO()
    columns = [
        "first_seizure", "second_seizure", "relationship", "first_individual", "second_individual",
        "first_samples", "second_samples", "loci",
    ]  # fmt: skip
    rows = network.pair_rows()
    RowWriter(out, list(rows[0]) if rows else columns).write(rows)
    return out.getvalue().encode()


def graph_of(network: Network) -> "networkx.Graph":
    """Return the network as a `networkx.Graph`: a node a seizure, an edge a link.

    Nodes have the attributes samples and individuals; edges those of `Link.to_row`, ``pairs`` (the
    best log10 ratio and the samples of each pair, one a line) and ``label``. Characters that XML
    does not know are U+FFFD; where that makes two names one, a number is put behind the later.
    """
    import networkx

    graph = networkx.Graph()
    names: dict[str, str] = {}
    for seizure in network.seizures:
        name, number = _xml(seizure.name), 2
        while name in graph:
            name, number = f"{_xml(seizure.name)} ({number})", number + 1
        names[seizure.name] = name
        graph.add_node(name, samples=seizure.samples, individuals=seizure.individuals)
    for link in network.links:
        row = {name: value for name, value in link.to_row().items() if value is not None}
        del row["first_seizure"], row["second_seizure"]
        pairs = "\n".join(
            f"{pair.kind} {pair.best:.2f}: {', '.join(pair.first_samples)} – "
            f"{', '.join(pair.second_samples)}"
            for pair in link.pairs
        )
        graph.add_edge(
            names[link.first],
            names[link.second],
            **row,
            label=_xml(in_words(link)),
            pairs=_xml(pairs),
        )
    return graph


def _graphml(network: Network) -> bytes:
    from networkx.readwrite.graphml import write_graphml_xml

    out = io.BytesIO()
    write_graphml_xml(graph_of(network), out)
    return out.getvalue()


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
