"""A library as one checked file, to be carried where there is no network.

A zip archive of the library's folder with the SHA-256 of every file in
``SHA256SUMS``; the same library gives the same bytes.
"""

import hashlib
import os
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from forensics.barcode.reference.library import BESIDE, INDEX, MANIFEST, Library, open_library
from forensics.barcode.reference.writing import new_folder
from forensics.errors import LibraryError, VerificationError
from forensics.io.inputs import open_archive
from forensics.messages import _
from forensics.resources import sha256

_SUMS = "SHA256SUMS"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that zip can say
_CHUNK = 1 << 20
# A million COI records with their index unpack to some 6 GB; an archive that claims
# more is not a library.
_MAX_BYTES = 20 * 2**30
_MAX_FILES = 1000
_MAX_LIST_LENGTH = 1 << 20  # bytes of SHA256SUMS: 1000 lines of 100 characters, tenfold


def export_library(library: Library, path: Path) -> str:
    """Write a library into one file and return its SHA-256.

    Raises
    ------
    VerificationError
        If a file of the library is not what its manifest says.
    LibraryError
        If `path` exists.
    """
    library.verify()
    files = [
        *BESIDE,
        *(
            f"{locus}/{name}"
            for locus in library.loci
            for name in (MANIFEST, *library.files(locus), INDEX)
        ),
    ]
    if path.exists():
        raise LibraryError(_("{path} exists; give a new file.").format(path=path))
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
            sums = []
            for name in sorted(name for name in files if (library.path / name).is_file()):
                content = (library.path / name).read_bytes()
                sums.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
                archive.writestr(_entry(name), content, zipfile.ZIP_DEFLATED)
            archive.writestr(_entry(_SUMS), "".join(sums), zipfile.ZIP_DEFLATED)
        digest = sha256(partial)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    return digest


def import_library(path: Path, target: Path) -> Library:
    """Unpack a library; the folder appears only when every file was checked.

    Raises
    ------
    LibraryError
        If the file is not an exported library, or `target` holds something else.
    VerificationError
        If a file in it differs from its SHA-256.
    """
    try:
        with open_archive(path, _MAX_BYTES) as archive, new_folder(target) as partial:
            for name, expected in _contents(archive).items():
                place = partial / name
                place.parent.mkdir(parents=True, exist_ok=True)
                digest = hashlib.sha256()
                with archive.open(name) as source, open(place, "xb") as goal:
                    while chunk := source.read(_CHUNK):
                        digest.update(chunk)
                        goal.write(chunk)
                if digest.hexdigest() != expected:
                    raise VerificationError(
                        _("{file} in {path} is damaged; copy the file again.").format(
                            file=name, path=path
                        )
                    )
            Library(partial).verify()
    except FileNotFoundError as error:
        raise LibraryError(_("There is no file {path}.").format(path=path)) from error
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        KeyError,
        OSError,  # a folder, or a full disk
        RuntimeError,  # encrypted, or compressed in a way of its own
    ) as error:
        raise LibraryError(
            _("{path} is damaged or not an exported library: {error}").format(
                path=path, error=error
            )
        ) from error
    return open_library(target)


def _contents(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return name and SHA-256 of every file, after looking for what an attacker would put in."""
    entries = {entry.filename: entry for entry in archive.infolist()}
    if _SUMS not in entries:
        raise LibraryError(
            _("This is not an exported library: it has no {file}.").format(file=_SUMS)
        )
    too_long = entries[_SUMS].file_size > _MAX_LIST_LENGTH
    if too_long or len(entries) > _MAX_FILES:
        raise LibraryError(_("This is not an exported library: it unpacks to too much."))
    sums = {}
    for line in archive.read(_SUMS).decode("utf-8", "replace").splitlines():
        digest, _blank, name = line.partition("  ")
        sums[name] = digest
    for name in entries:
        parts = PurePosixPath(name).parts
        safe = parts and not name.startswith("/") and ".." not in parts and "\\" not in name
        if not safe or ":" in name or len(parts) > 2 or name.endswith("/"):
            raise LibraryError(_("{name!r} is not a file name of a library.").format(name=name))
    if sums.keys() != entries.keys() - {_SUMS}:
        raise VerificationError(_("The files in the archive are not those that it lists."))
    return sums


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.external_attr = 0o644 << 16
    return entry
