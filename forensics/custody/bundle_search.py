"""The last look at a bundle before it appears: does anything in it say what is withheld?"""

import json
import zipfile
from collections.abc import Collection
from pathlib import Path
from typing import Any

from forensics.custody.leaks import Search
from forensics.errors import VerificationError
from forensics.messages import _

__all__ = ["check_secrets"]

_SEARCHED_OTHERWISE = ("bundle.json", "signature.json", "verify_bundle.py")
"""Read as JSON; a signature, without words; the same program in every bundle."""


def check_secrets(path: Path, search: Search, opened: Collection[str]) -> None:
    """Refuse a finished bundle in which a withheld text stands, whatever let it in.

    Parameters
    ----------
    path : Path
        The ZIP.
    search : Search
        For the texts.
    opened : collection of str
        Where they may stand: ``"12:note"``, or the SHA-256 of an attachment.

    Raises
    ------
    VerificationError
        Naming the events, members of ``bundle.json`` and files.
    """
    if not search:
        return
    with zipfile.ZipFile(path) as archive:
        places = _places_in_events(
            bundle := json.loads(archive.read("bundle.json")), search, opened
        )
        del bundle["events"]
        places |= {name for name, value in bundle.items() if search.in_value(value)}
        for entry in archive.infolist():
            name = entry.filename
            if name in _SEARCHED_OTHERWISE or name.rpartition("/")[2] in opened:
                continue
            with archive.open(entry) as stream:
                if search.in_stream(stream).texts:
                    places.add(name)
    if places:
        raise VerificationError(
            _(
                "A value that is to be withheld stands in the bundle all the same ({places}); "
                "nothing was written."
            ).format(places=", ".join(sorted(places)))
        )


def _places_in_events(bundle: dict[str, Any], search: Search, opened: Collection[str]) -> set[str]:
    places = set()
    for element in bundle["events"]:
        seq = element["envelope"]["seq"]
        for opening in element["openings"]:
            place = f"{seq}:{opening['name']}"
            if place not in opened and search.in_value(opening["value"]):
                places.add(place)
    return places
