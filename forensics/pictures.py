"""Pictures of a result that is recorded: its chromatogram, its tree, its map; the report places them.

Each package draws its own. They are drawn when a finding is recorded and attached to it, so that a
report that is built years later has the picture of then, byte by byte. Where one cannot be drawn
the finding is recorded all the same, and why is reported.
"""

import importlib.util
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from forensics.errors import ForensicsError
from forensics.io.files import AnyPath
from forensics.messages import _

if TYPE_CHECKING:
    from forensics.age.radiocarbon import Calibration
    from forensics.barcode.calling.trees import QueryTree
    from forensics.origin.geography import Coordinates
    from forensics.origin.models import Model
    from forensics.origin.results import Origin

# The report knows by these names what a picture shows (`forensics.report.layout`).
CHROMATOGRAM, TREE, MAP, CALIBRATION = (
    "chromatogram.png", "tree.png", "map.png", "calibration.png",
)  # fmt: skip


@dataclass(frozen=True)
class Pictures:
    """What was drawn.

    Attributes
    ----------
    paths : tuple of Path
        Files that are gone when the context ends.
    missing : tuple of str
        Why others were not drawn.
    """

    paths: tuple[Path, ...]
    missing: tuple[str, ...] = ()


def can_draw() -> bool:
    """Return whether matplotlib, of the extra ``plot``, is installed."""
    return importlib.util.find_spec("matplotlib") is not None


@contextmanager
def pictures_of(
    result: object,
    files: Sequence[AnyPath] = (),
    *,
    model: "Model | None" = None,
    calibration: "Calibration | None" = None,
    title: str = "",
    sites: "Coordinates" = ((), ()),
) -> Iterator[Pictures]:
    """Draw what there is to see of a result.

    Parameters
    ----------
    result : Identification, Origin, Age …
        The tree is drawn if it was grown, the map if there is a surface.
    files : sequence of path
        That it was read from; chromatograms are drawn.
    model : Model, optional
        Of an origin, for the sites on the map.
    calibration : Calibration, optional
        Of a radiocarbon date.
    title : str
        Of a map without `model`.
    sites : latitudes and longitudes, degrees
        On it.
    """
    if model is not None:
        from forensics.origin.predict import sites_on_map

        title, sites = f"{model.name} {model.version}".strip(), sites_on_map(model)
    drawings = list(_drawings(result, files, calibration, title, sites))
    if drawings and not can_draw():
        yield Pictures(
            (),
            (_("no picture is attached: drawing needs the extra plot (matplotlib)"),),
        )
        return
    with TemporaryDirectory() as folder:
        paths, missing = [], []
        for name, draw in drawings:
            path = Path(folder) / name
            try:
                draw(path)
            except ForensicsError as error:
                missing.append(_("{picture} was not drawn: {why}").format(picture=name, why=error))
            else:
                paths.append(path)
        yield Pictures(tuple(paths), tuple(missing))


def _drawings(
    result: Any,
    files: Sequence[AnyPath],
    calibration: "Calibration | None",
    title: str,
    sites: "Coordinates",
) -> Iterator[tuple[str, Callable[[Path], None]]]:
    """Yield name and drawing function of each picture."""
    # Only chromatograms say something of a run of the instrument.
    traces = [Path(file) for file in files] if _is_of_traces(result) else []
    if traces and all(file.is_file() for file in traces):
        yield CHROMATOGRAM, lambda path: _chromatogram(traces, path)
    if getattr(result, "tree", None) is not None:
        yield TREE, lambda path: _tree(result.tree, path)
    if getattr(result, "surface", None) is not None:
        yield MAP, lambda path: _map(result, title, sites, path)
    if calibration is not None:
        yield CALIBRATION, lambda path: _calibration(calibration, result.sample, path)


def _is_of_traces(result: Any) -> bool:
    usable = getattr(result, "status", "") != "unusable"
    return usable and all("run" in file for file in result.provenance.files)


def _chromatogram(files: Sequence[Path], path: Path) -> None:
    from forensics.barcode.reading.figures import read_curves, save_chromatogram

    save_chromatogram(*read_curves(files), path)


def _tree(tree: "QueryTree", path: Path) -> None:
    from forensics.barcode.calling.trees import save_tree

    save_tree(tree, path)


def _map(result: "Origin", title: str, sites: "Coordinates", path: Path) -> None:
    from forensics.origin.maps import save_map

    save_map([result], path, sites=sites, title=title)


def _calibration(calibration: "Calibration", title: str, path: Path) -> None:
    from forensics.age.results import save_calibration

    save_calibration(calibration, path, title=title)
