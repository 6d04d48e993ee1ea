"""What a run that was broken off leaves of its results, and how another goes on with it (``--resume``).

``FILE.partial`` has the results that were finished, in whole lines, and ``FILE.partial.json`` the settings that
they were made with. Both are gone when FILE is there.
"""

import csv
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from forensics.barcode.examination import FinishedQuery
from forensics.errors import InputError, UsageError
from forensics.messages import _

FORMS = ("json", "csv", "tsv")
"""Forms in which the results of a query can be distinguished from those of the next."""
_DELIMITERS = {"csv": ",", "tsv": "\t"}
_JOINT = " + "
# Of a file that somebody altered, or that is another one under this name.
_UNREADABLE = (
    AttributeError,
    LookupError,
    TypeError,
    ArithmeticError,
    ValueError,
    RecursionError,
    csv.Error,
)
_STATUSES = ("identified", "inconclusive", "nothing_near", "unusable")


class PartialFile:
    """The results that are there before a run is whole.

    Parameters
    ----------
    path : Path
        File of the results.
    form : str
        One of `FORMS`.

    Attributes
    ----------
    path : Path
        Of the partial file.
    settings_path : Path
    """

    def __init__(self, path: Path, form: str) -> None:
        self.result_path, self._form = path, form
        self.path = Path(f"{path}.partial")
        self.settings_path = Path(f"{path}.partial.json")

    def require_same_settings(self, settings: Mapping[str, object]) -> None:
        """Refuse to go on with results of other settings; write the settings where there are none yet.

        Raises
        ------
        UsageError
            Names what differs.
        InputError
            If the file of the settings cannot be read.
        """
        now = json.loads(json.dumps(settings))
        if not self.settings_path.exists():
            if self.path.exists() and self.path.stat().st_size:
                raise UsageError(
                    _("{path} is missing, so it is not known with which settings {partial} was "
                      "made. Delete that file.")
                    .format(path=self.settings_path, partial=self.path)
                )  # fmt: skip
            self.write_settings(settings)
            return
        try:
            then = dict(json.loads(self.settings_path.read_text(encoding="utf-8")))
        except (OSError, *_UNREADABLE) as error:
            raise InputError(
                _("the settings cannot be read ({error}); delete it, and the partial file").format(
                    error=error
                ),
                source=str(self.settings_path),
            ) from error
        differing = [
            _("{name}: {then} then, {now} now").format(
                name=name, then=_shown(then.get(name)), now=_shown(now.get(name))
            )
            for name in sorted({*then, *now})
            if then.get(name) != now.get(name)
        ]
        if differing:
            raise UsageError(
                _(
                    "{path} was made with other settings ({differences}). Use the same settings, "
                    "or delete it."
                ).format(path=self.path, differences="; ".join(differing))
            )

    def write_settings(self, settings: Mapping[str, object]) -> None:
        """Write what the results are made with beside them."""
        from forensics.io.files import replace_file

        text = json.dumps(settings, ensure_ascii=False, indent=1)
        replace_file(self.settings_path, f"{text}\n".encode())

    def read_kept(self, stream: BinaryIO) -> list[FinishedQuery]:
        """Return the results that are whole, and cut off what follows them; the stream stands at its end.

        Raises
        ------
        InputError
            If it is not a file of results.
        """
        stream.seek(0)
        data = stream.read()
        end = self._end_of_whole_lines(data)
        text = data[:end].decode("utf-8", "replace")
        try:
            rows = self._json_results(text) if self._form == "json" else self._row_results(text)
            kept = list(rows)
            for result in kept:
                if not isinstance(result.name, str) or result.status not in _STATUSES:
                    raise ValueError(f"{result.name!r}: {result.status!r}")
        except _UNREADABLE as error:
            raise InputError(
                _("this is not a file of results ({error}); delete it").format(error=error),
                source=str(self.path),
            ) from error
        stream.seek(end if kept else 0)  # without a row the head is written again
        stream.truncate()
        return kept

    def _end_of_whole_lines(self, data: bytes) -> int:
        end = data.rfind(b"\n") + 1
        # A name of a file may have a line end; such a cell stands in quotes.
        while self._form != "json" and data.count(b'"', 0, end) % 2:
            end = data.rfind(b"\n", 0, end - 1) + 1
        return end

    def _json_results(self, text: str) -> Iterator[FinishedQuery]:
        for line in text.split("\n")[:-1]:
            record = json.loads(line)
            read = record["provenance"]["input"]
            files = read.get("files", [read])
            yield FinishedQuery(
                name=record["query"],
                number=int(record["index"]),
                sha256=_JOINT.join(file["sha256"] for file in files),
                status=record["status"],
                part=str(record.get("part") or ""),
            )

    def _row_results(self, text: str) -> Iterator[FinishedQuery]:
        import io

        from forensics.barcode.identification import CSV_COLUMNS
        from forensics.io.numbers import plain

        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=_DELIMITERS[self._form])
        # Rows of another version would stand below a head that is not theirs.
        if text and (missing := set(CSV_COLUMNS) - set(reader.fieldnames or ())):
            raise KeyError(", ".join(sorted(missing)))
        for row in reader:
            yield FinishedQuery(
                name=plain(row["query"]),
                number=int(row["index"]),
                sha256=row["input_sha256"],
                status=row["status"],
                part=plain(row["part"]),
            )

    def publish(self) -> None:
        """Give the whole results their name.

        Raises
        ------
        UsageError
            If there is such a file by now.
        """
        from forensics.io.files import sync_folder

        try:
            os.close(os.open(self.result_path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
        except FileExistsError:
            raise UsageError(
                _("{path} exists already; the results are in {partial}.").format(
                    path=self.result_path, partial=self.path
                )
            ) from None
        os.replace(self.path, self.result_path)
        self.settings_path.unlink(missing_ok=True)
        sync_folder(self.result_path.parent)

    def remove(self) -> None:
        """Remove a partial file that has no result."""
        self.path.unlink(missing_ok=True)
        self.settings_path.unlink(missing_ok=True)


def _shown(value: Any) -> str:
    return _("nothing") if value in (None, "", [], {}) else str(value)
