"""The registry packages the embedded library is built from, and how they are opened.

Every package is pinned by file name, version and sha256.  Nothing is ever
unpacked to disk: the few members that are wanted are read into memory, each
under a size limit, because an archive is somebody else's input even when its
digest is known.
"""

import hashlib
import io
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

__all__ = ["MEMBER_LIMIT", "PACKAGES", "Package", "PackageError", "check_workbook", "open_package"]

#: Largest member read, in bytes.  The largest wanted one (NLTIN.fasta) has 8.2 MB.
MEMBER_LIMIT = 32 * 1024 * 1024
#: Largest sum of unpacked parts of one xlsx (NLTIN.xlsx unpacks to under 60 MB).
WORKBOOK_LIMIT = 256 * 1024 * 1024
#: Most members looked at in one archive; the largest package holds some 5,000.
MEMBERS_LIMIT = 50_000
#: Largest package file accepted, in bytes.
PACKAGE_LIMIT = 128 * 1024 * 1024

_AR_MAGIC = b"!<arch>\n"
_AR_HEADER = 60


class PackageError(Exception):
    """A package is missing, differs from its pin, or holds something odd."""


@dataclass(frozen=True)
class Package:
    """One pinned package.

    Attributes
    ----------
    name, version : str
        As the registry spells them.
    file : str
        File name in the packages directory.
    sha256 : str
        Hexadecimal digest of the file.
    kind : {"sdist", "deb"}
        Which registry, hence how it is got and opened.
    licence : str
        SPDX expression (or the package's own name for it) that its data come under.
    members : tuple of (str, str)
        Short name used in the build -> path inside the archive.
    """

    name: str
    version: str
    file: str
    sha256: str
    kind: str
    licence: str
    members: tuple[tuple[str, str], ...]

    @property
    def command(self) -> str:
        """The command that fetches the file into the current directory."""
        if self.kind == "sdist":
            return f"pip download --no-deps --no-binary :all: {self.name}=={self.version}"
        return f"apt-get download {self.name}={self.version}"

    @property
    def label(self) -> str:
        """Name and version, as written into the column ``source``."""
        return f"{self.name} {self.version}"


def _arise(*names: str) -> tuple[tuple[str, str], ...]:
    base = "barcode_validator-2.0.10/"
    return (("licence", base + "LICENSE.md"), *((n, f"{base}tests/arise/data/{n}") for n in names))


def _thapbi() -> tuple[tuple[str, str], ...]:
    base = "thapbi_pict-1.0.24/examples/"
    markers = (
        "16S",
        "ITS2",
        "Mini-16S",
        "Mini-COI",
        "Mini-cyt-b",
        "Mini-rbcL",
        "cyt-b",
        "rbcL",
        "trnL-P6-loop",
        "trnL-UAA",
    )
    found = [("licence", "thapbi_pict-1.0.24/LICENSE.rst")]
    found += [
        (f"endangered/{m}", f"{base}endangered_species/references/{m}.fasta") for m in markers
    ]
    found += [("bats", base + "fecal_sequel/curated_bats.fasta")]
    found += [(f"lakes/{m}", f"{base}great_lakes/{m}.fasta") for m in ("MOL16S", "SPH16S")]
    return tuple(found)


def _copyright(name: str) -> tuple[str, str]:
    return "licence", f"./usr/share/doc/{name}/copyright"


_TRACES = "./usr/share/doc/r-cran-bold/tests/bold_trace_files/taxon/"

#: Everything the build reads.  Of last-align nothing is shipped: its genomes bear witness
#: only (`genomes.WITNESSES`), so it has no licence text to go with.  When two
#: packages give the same accession, the longer sequence is kept, then the first.
PACKAGES: tuple[Package, ...] = (
    Package(
        "barcode_validator",
        "2.0.10",
        "barcode_validator-2.0.10.tar.gz",
        "c8a242cf9756adcfb93b3b72d814d7e12742949a9ab2f39cccc6e92c40e35c42",
        "sdist",
        "Apache-2.0",
        _arise(
            "NLVRT_BOLD.fas", "NLVRT.xlsx", "NLMIN.fasta", "NLMIN.xlsx", "NLTIN.fasta", "NLTIN.xlsx"
        ),
    ),
    Package(
        "DendroPy",
        "4.6.1",
        "DendroPy-4.6.1.tar.gz",
        "26fcbe1cb5831301e8f1f2e15a0563620f0b8e29e6d409dd6a2a7c957dd64c16",
        "sdist",
        "BSD-3-Clause",
        (
            ("licence", "DendroPy-4.6.1/LICENSE.rst"),
            ("pythons", "DendroPy-4.6.1/tests/data/chars/pythonidae.chars.nexus"),
        ),
    ),
    Package(
        "thapbi_pict",
        "1.0.24",
        "thapbi_pict-1.0.24.tar.gz",
        "0f0917b6c96974d670d9615e7b3e91cc2c9d857b85a320826489164eb34c5f28",
        "sdist",
        "MIT",
        _thapbi(),
    ),
    Package(
        "python-biopython-doc",
        "1.85+dfsg-4",
        "python-biopython-doc_1.85+dfsg-4_all.deb",
        "6d0f65a3fa632c779394a9d0a5ef8e58f712fc7bfa08322fdb45b78428b28ee2",
        "deb",
        "Biopython",
        (
            _copyright("python-biopython-doc"),
            ("orchids", "./usr/share/doc/python-biopython-doc/examples/ls_orchid.gbk"),
        ),
    ),
    Package(
        "minimap2",
        "2.27+dfsg-1+b3",
        "minimap2_2.27+dfsg-1+b3_amd64.deb",
        "4bb882d4960886b78cf2d24b2b8a099baa5e2c0628643a7104891ea54a6736c1",
        "deb",
        "MIT",
        (
            _copyright("minimap2"),
            ("human", "./usr/share/doc/minimap2/test/MT-human.fa.gz"),
            ("orang", "./usr/share/doc/minimap2/test/MT-orang.fa.gz"),
        ),
    ),
    Package(
        "last-align",
        "1609-1+b1",
        "last-align_1609-1+b1_amd64.deb",
        "eae7dfe7fbd9186cbe88af211a53f13795e1672b6038f7053b2a5fcee9f76bd9",
        "deb",
        "GPL-3.0-or-later",
        tuple((n, f"./usr/share/doc/last-align/examples/{n}Mito.fa") for n in ("chicken", "mouse")),
    ),
    Package(
        "emboss-test",
        "6.6.0+dfsg-15",
        "emboss-test_6.6.0+dfsg-15_all.deb",
        "1e2f636fa66ca2265ac600ccd39733c1577cec79733832c1229cd0f3e5d51831",
        "deb",
        "EMBOSS",
        (
            _copyright("emboss-test"),
            ("fin_whale", "./usr/share/EMBOSS/test/data/mito.seq"),
        ),
    ),
    Package(
        "r-cran-bold",
        "1.3.0-1",
        "r-cran-bold_1.3.0-1_all.deb",
        "101da7e085a31e1bfbd84b38181c498eb19a8c1ffc024140d533f4b4cbe3d067",
        "deb",
        "MIT",
        (
            _copyright("r-cran-bold"),
            ("bombus_F", _TRACES + "BBBO257-10[LepF1,LepR1]_F.ab1.gz"),
            ("bombus_R", _TRACES + "BBBO257-10[LepF1,LepR1]_R.ab1.gz"),
            ("short_F", _TRACES + "BBBO400-11[RonMWASPdeg_t1,LepR1]_F.ab1.gz"),
            ("short_R", _TRACES + "BBBO400-11[RonMWASPdeg_t1,LepR1]_R.ab1.gz"),
        ),
    ),
)


def open_package(directory: Path, package: Package) -> dict[str, bytes]:
    """Check a package against its pin and read the wanted members into memory.

    Parameters
    ----------
    directory : Path
        Where the package files lie.
    package : Package
        The pin.

    Returns
    -------
    dict of str to bytes
        Short name -> contents.

    Raises
    ------
    PackageError
        The file is missing, its sha256 differs, or a wanted member is missing,
        too large or not a regular file.
    """
    path = Path(directory) / package.file
    advice = f"Get it with:\n    {package.command}\nand give its directory with --packages."
    if not path.is_file():
        raise PackageError(f"{package.file} is not in {directory}. {advice}")
    if path.stat().st_size > PACKAGE_LIMIT:
        raise PackageError(
            f"{path} is larger than {PACKAGE_LIMIT} bytes, so it is not the pinned file. {advice}"
        )
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    if digest != package.sha256:
        raise PackageError(
            f"{path} has sha256 {digest}, expected {package.sha256}: "
            f"another version, or damaged. {advice}"
        )
    stream, mode = (
        (io.BytesIO(data), "r|gz") if package.kind == "sdist" else _data_of_deb(data, package.file)
    )
    found = _members(
        stream, mode, {inside: short for short, inside in package.members}, package.file
    )
    missing = sorted(inside for short, inside in package.members if short not in found)
    if missing:
        raise PackageError(f"{package.file} lacks {', '.join(missing)}.")
    return found


def _members(stream: IO[bytes], mode: str, wanted: dict[str, str], file: str) -> dict[str, bytes]:
    """Read the wanted regular members of a tar stream; refuse everything odd about them."""
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=stream, mode=mode) as archive:
            for count, member in enumerate(archive):
                if count >= MEMBERS_LIMIT:
                    raise PackageError(f"{file} has more than {MEMBERS_LIMIT} members.")
                short = wanted.get(member.name)
                if short is None:
                    continue
                # A link or device under a wanted name could point anywhere; a second
                # member of the same name would silently replace the first.
                if not member.isreg() or member.issparse():
                    raise PackageError(f"{file}: {member.name} is not a plain file.")
                if short in found:
                    raise PackageError(f"{file}: {member.name} occurs twice.")
                if member.size > MEMBER_LIMIT:
                    raise PackageError(
                        f"{file}: {member.name} has {member.size} bytes, limit {MEMBER_LIMIT}."
                    )
                handle = archive.extractfile(member)
                contents = b"" if handle is None else handle.read(MEMBER_LIMIT + 1)
                if len(contents) != member.size:
                    raise PackageError(f"{file}: {member.name} is cut short.")
                found[short] = contents
                if len(found) == len(wanted):
                    break
    except (tarfile.TarError, EOFError, OSError) as error:
        raise PackageError(f"{file} cannot be read as an archive: {error}") from error
    return found


def _ar_members(data: bytes, file: str) -> Iterator[tuple[str, bytes]]:
    """Yield (name, contents) of an ar container, the outer form of a .deb (deb(5))."""
    if not data.startswith(_AR_MAGIC):
        raise PackageError(f"{file} is not a Debian package: the ar signature is missing.")
    at = len(_AR_MAGIC)
    while at + _AR_HEADER <= len(data):
        header = data[at : at + _AR_HEADER]
        if header[58:60] != b"`\n" or not header[48:58].strip().isdigit():
            raise PackageError(f"{file}: damaged ar header at byte {at}.")
        size = int(header[48:58])
        start = at + _AR_HEADER
        if start + size > len(data):
            raise PackageError(f"{file}: a member runs past the end of the file.")
        yield header[:16].decode("ascii", "replace").strip().rstrip("/"), data[start : start + size]
        at = start + size + size % 2  # members begin at even offsets


def _data_of_deb(data: bytes, file: str) -> tuple[IO[bytes], str]:
    """Find data.tar.* in a .deb; return it with the tarfile mode that streams it."""
    modes = {
        "data.tar": "r|",
        "data.tar.gz": "r|gz",
        "data.tar.xz": "r|xz",
        "data.tar.bz2": "r|bz2",
    }
    for name, contents in _ar_members(data, file):
        if name in modes:
            return io.BytesIO(contents), modes[name]
        if name.startswith("data.tar."):
            # zstd came into the standard library with Python 3.14 only; Debian itself uses xz.
            raise PackageError(
                f"{file}: {name} is compressed in a way this Python's tarfile cannot read."
            )
    raise PackageError(f"{file} has no data.tar member.")


def check_workbook(data: bytes, name: str) -> None:
    """Refuse an xlsx (a zip) whose parts would unpack to more than `WORKBOOK_LIMIT` bytes.

    Raises
    ------
    PackageError
        When it is not a zip file or is too large.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            total = sum(part.file_size for part in archive.infolist())
    except zipfile.BadZipFile as error:
        raise PackageError(f"{name} is not an xlsx file: {error}") from error
    if total > WORKBOOK_LIMIT:
        raise PackageError(f"{name} unpacks to {total} bytes, limit {WORKBOOK_LIMIT}.")
