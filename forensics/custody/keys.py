"""Ed25519 keys, the file in which a private key rests under a passphrase, and where the passphrase comes from.

The file is JSON. The private key in it is sealed by ChaCha20-Poly1305 with a key that Argon2id
derives from the passphrase; everything else in the file is authenticated with it.

A passphrase comes from a prompt or a file descriptor, never from an argument or the environment: arguments are
seen by every user of the machine (``ps``), and both end in logs and histories.

References
----------
S. Josefsson, I. Liusvaara (2017) EdDSA. RFC 8032. doi:10.17487/RFC8032
A. Biryukov and others (2021) Argon2. RFC 9106. doi:10.17487/RFC9106
Y. Nir, A. Langley (2018) ChaCha20 and Poly1305. RFC 8439. doi:10.17487/RFC8439
"""

import base64
import getpass
import os
import secrets
import unicodedata
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, NoReturn, Protocol

from cryptography.exceptions import InvalidSignature, InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from forensics.custody.canonical import UNICODE_VERSION, canonical, is_assigned, read_json, unbase64
from forensics.errors import ForensicsError, InputError, UsageError, VerificationError
from forensics.io.files import AnyPath, write_new
from forensics.messages import _

MINIMUM_LENGTH = 15
"""Characters. NIST SP 800-63B-4, section 3.1.1.2, for a secret that protects alone: a person who copies
the key file has nothing else to overcome. doi:10.6028/NIST.SP.800-63B-4"""
MAXIMUM_BYTES = 1024

PassphraseSource = Callable[[], str]
"""What a caller in Python gives: a function that returns the passphrase when it is needed."""


def prepared(passphrase: str, *, new: bool = False) -> bytes:
    """Return the bytes that the key is derived from: UTF-8 of form NFC (RFC 8265, section 4.2).

    Parameters
    ----------
    new : bool
        Whether it is being chosen now and must have `MINIMUM_LENGTH` characters.

    Raises
    ------
    UsageError
        If it is too short, or longer than `MAXIMUM_BYTES`; a new one also if it holds a character whose
        form NFC another Python could see otherwise.
    """
    if not isinstance(passphrase, str):
        raise UsageError(_("A passphrase is text."))
    if new and not is_assigned(passphrase):
        raise UsageError(
            _(
                "The passphrase has a character that Unicode {version} does not have, so some "
                "computers could not open the key. Choose other characters."
            ).format(version=UNICODE_VERSION)
        )
    text = unicodedata.normalize("NFC", passphrase)
    if new and len(text) < MINIMUM_LENGTH:
        raise UsageError(
            _("The passphrase has {found} characters; at least {least} are needed.").format(
                found=len(text), least=MINIMUM_LENGTH
            )
        )
    data = text.encode("utf-8", "surrogatepass")
    if len(data) > MAXIMUM_BYTES:
        raise UsageError(
            _("The passphrase is longer than {most} bytes.").format(most=MAXIMUM_BYTES)
        )
    return data


def spellings(passphrase: str) -> list[bytes]:
    """Return what the key of a file may have been derived from: `prepared`, and the passphrase as it was typed.

    The two differ only where it holds characters that are newer than Unicode 14.0. A Python that did not know
    them left them as they were typed.

    Raises
    ------
    UsageError
        As `prepared`.
    """
    first = prepared(passphrase)
    typed = passphrase.encode("utf-8", "surrogatepass")
    return [first] if typed == first or is_assigned(passphrase) else [first, typed]


def from_descriptor(descriptor: int) -> PassphraseSource:
    """Return a source that reads the first line of an open file descriptor (``--passphrase-fd``).

    It is read once, when it is first asked; asked again it returns the same.

    Raises
    ------
    InputError
        When asked, if the descriptor is not open, holds nothing or no UTF-8.
    """
    known: list[str] = []

    def source() -> str:
        if not known:
            known.append(_first_line(descriptor))
        return known[0]

    return source


def _first_line(descriptor: int) -> str:
    data = b""
    try:
        # Byte by byte: what follows the line belongs to somebody else.
        while len(data) <= MAXIMUM_BYTES and (byte := os.read(descriptor, 1)) not in (b"", b"\n"):
            data += byte
        text = data.removesuffix(b"\r").decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            _("No passphrase can be read from file descriptor {descriptor}: {error}").format(
                descriptor=descriptor, error=error
            )
        ) from error
    if not text:
        raise InputError(
            _("File descriptor {descriptor} gives no passphrase.").format(descriptor=descriptor)
        )
    return text


def from_prompt(text: str, *, confirm: bool = False) -> PassphraseSource:
    """Return a source that asks at the terminal, without showing what is typed.

    Parameters
    ----------
    text : str
        What is asked, such as ``Passphrase of mary.key``.
    confirm : bool
        Whether it is asked twice, as for a new one.

    Raises
    ------
    UsageError
        When asked, if there is no terminal that can hide it, or the two differ.
    """

    def source() -> str:
        typed = _ask(text)
        if confirm and _ask(_("{text} (again)").format(text=text)) != typed:
            raise UsageError(_("The two passphrases differ; nothing was done."))
        return typed

    return source


def _ask(text: str) -> str:
    with warnings.catch_warnings():
        # getpass would otherwise show the passphrase, with a warning, or read it from a pipe.
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return getpass.getpass(f"{text}: ")
        except (getpass.GetPassWarning, EOFError) as error:
            raise UsageError(
                _("No terminal can ask for the passphrase; give --passphrase-fd N.")
            ) from error


KEY_BYTES = 32
SIGNATURE_BYTES = 64
KEY_ID_DIGITS = 32
FORMAT = "forensics-key-1"
MAX_FILE = 64 * 1024

_PRIME = 2**255 - 19
_ORDER_8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
_SMALL_ORDER = frozenset({0, 1, _PRIME - 1, _ORDER_8, _PRIME - _ORDER_8})
"""The y of all eight points whose order divides 8."""


def key_id(public_key: bytes) -> str:
    """Return the id of a public key: the first 32 hex digits of its SHA-256."""
    return sha256(public_key).hexdigest()[:KEY_ID_DIGITS]


@dataclass(frozen=True)
class PublicKey:
    """An Ed25519 public key that binds its owner to what was signed.

    With a point of small order one signature fits many messages, and a point can be spelt in two
    ways above 2^255-19; OpenSSL takes both, so they are refused here.

    Attributes
    ----------
    raw : bytes
        32 bytes (RFC 8032, section 5.1.5).

    Raises
    ------
    InputError
        If it is not 32 bytes, not the one spelling, or of small order.
    """

    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != KEY_BYTES:
            raise InputError(
                _("A public key has {expected} bytes, found {found}.").format(
                    expected=KEY_BYTES, found=len(self.raw)
                )
            )
        y = int.from_bytes(self.raw, "little") % 2**255
        if y >= _PRIME or y in _SMALL_ORDER:
            raise InputError(
                _("This public key is of a kind that accepts forged signatures; refused.")
            )

    @classmethod
    def from_text(cls, text: object) -> "PublicKey":
        """Return the key that `text` says in base64."""
        return cls(unbase64(text, KEY_BYTES))

    @property
    def id(self) -> str:
        """The key id, 32 hex digits."""
        return key_id(self.raw)

    @property
    def text(self) -> str:
        """The key in base64."""
        return base64.b64encode(self.raw).decode()

    @cached_property
    def _key(self) -> Ed25519PublicKey:
        return Ed25519PublicKey.from_public_bytes(self.raw)

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Return whether `signature` (64 bytes) is of `message` by this key."""
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return False
        return True


class SigningKey(Protocol):
    """What signs: a private key in memory, or one in a key agent (`forensics.custody.agent`)."""

    @property
    def public(self) -> PublicKey:
        """The public key."""

    @property
    def id(self) -> str:
        """The key id of its public key."""

    def sign(self, message: bytes) -> bytes:
        """Return the signature of `message`, 64 bytes."""


class PrivateKey:
    """An Ed25519 private key in memory."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = PublicKey(self._key.public_key().public_bytes_raw())

    def __repr__(self) -> str:
        return f"<PrivateKey {self.id}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a private key is not pickled")

    @classmethod
    def generate(cls) -> "PrivateKey":
        """Return a new key from the random bytes of the operating system."""
        return cls(secrets.token_bytes(KEY_BYTES))

    @property
    def id(self) -> str:
        """The key id of its public key."""
        return self.public.id

    def sign(self, message: bytes) -> bytes:
        """Return the signature of `message`, 64 bytes."""
        return self._key.sign(message)


@dataclass(frozen=True)
class Cost:
    """What trying one passphrase costs (Argon2id).

    The default is the second recommended option of RFC 9106, section 4: 64 MiB, three passes,
    four lanes; a tenth of a second or two.

    Raises
    ------
    InputError
        If it is less than OWASP asks for (Password Storage Cheat Sheet: 19 MiB, two passes), or
        so much that a hostile file could stop the computer.
    """

    memory_kib: int = 64 * 1024
    iterations: int = 3
    lanes: int = 4

    def __post_init__(self) -> None:
        for name, least, most in (
            ("memory_kib", 19 * 1024, 1024 * 1024),
            ("iterations", 2, 16),
            ("lanes", 1, 16),
        ):
            value = getattr(self, name)
            if type(value) is not int or not least <= value <= most:
                raise InputError(
                    _("Argon2id with {name} {value!r}; expected {least} to {most}.").format(
                        name=name, value=value, least=least, most=most
                    )
                )


def write_key(
    path: AnyPath,
    key: PrivateKey,
    passphrase: PassphraseSource,
    *,
    cost: Cost | None = None,
) -> None:
    """Write a private key to a new file that only its owner may read (mode 0600, where there is such).

    Parameters
    ----------
    path : path
        Must not exist.
    passphrase : callable
        Returns the new passphrase.

    Raises
    ------
    UsageError
        If the file exists or the passphrase is too short.
    """
    secret = prepared(passphrase(), new=True)
    write_new(path, _sealed(key, secret, cost or Cost()), mode=0o600)


def open_key(path: AnyPath, passphrase: PassphraseSource) -> PrivateKey:
    """Return the private key of a file.

    Raises
    ------
    InputError
        If this is not a key file, or asks for more memory than `Cost` allows.
    VerificationError
        If the passphrase is wrong or the file was changed: the two cannot be distinguished.
    """
    header, sealed = _read(path)
    for secret in spellings(passphrase()):
        derived = _derived(secret, header["salt"], header["cost"])
        with suppress(InvalidTag):
            seed = ChaCha20Poly1305(derived).decrypt(
                header["nonce"], sealed, header["authenticated"]
            )
            break
    else:
        raise VerificationError(
            _("{path}: the passphrase is wrong, or the file is damaged.").format(path=path)
        )
    key = PrivateKey(seed)
    if key.public != header["public"]:
        raise VerificationError(
            _("{path}: the private key does not match the public key in the file.").format(
                path=path
            )
        )
    return key


def public_key_of(path: AnyPath) -> PublicKey:
    """Return the public key that a key file states. It needs no passphrase and is not checked."""
    public: PublicKey = _read(path)[0]["public"]
    return public


def _sealed(key: PrivateKey, secret: bytes, cost: Cost) -> bytes:
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)  # RFC 9106, 3.1; RFC 8439, 2.8
    header = {
        "format": FORMAT,
        "key": key.id,
        "public_key": key.public.text,
        "kdf": {"name": "argon2id", "salt": base64.b64encode(salt).decode(), **asdict(cost)},
        "cipher": {"name": "chacha20-poly1305", "nonce": base64.b64encode(nonce).decode()},
    }
    seed = key._key.private_bytes_raw()
    sealed = ChaCha20Poly1305(_derived(secret, salt, cost)).encrypt(nonce, seed, canonical(header))
    return canonical({**header, "sealed": base64.b64encode(sealed).decode()}) + b"\n"


def _derived(secret: bytes, salt: bytes, cost: Cost) -> bytes:
    try:
        return Argon2id(
            salt=salt,
            length=32,
            iterations=cost.iterations,
            lanes=cost.lanes,
            memory_cost=cost.memory_kib,
        ).derive(secret)
    except UnsupportedAlgorithm as error:
        raise ForensicsError(
            _(
                "This build of the package cryptography has no Argon2id (OpenSSL before 3.2); "
                "install the one from PyPI."
            )
        ) from error


def _read(path: AnyPath) -> tuple[dict[str, Any], bytes]:
    source = str(Path(path))
    document = read_json(path, MAX_FILE)
    try:
        sealed = unbase64(document.pop("sealed"), KEY_BYTES + 16)
        kdf, cipher = dict(document["kdf"]), document["cipher"]
        header = {
            "authenticated": canonical(document),
            "public": PublicKey.from_text(document.pop("public_key")),
            "salt": unbase64(kdf.pop("salt"), 16),
            "nonce": unbase64(cipher["nonce"], 12),
        }
        names = (document["format"], kdf.pop("name"), cipher["name"])
        header["cost"] = Cost(**kdf)
    except InputError as error:
        raise InputError(error.message, source=source) from None
    except (AttributeError, KeyError, TypeError, ValueError):
        raise InputError(_("This is not a key file of this software."), source=source) from None
    if names != (FORMAT, "argon2id", "chacha20-poly1305"):
        raise InputError(
            _("This is not a key file of this software, but {found}.").format(
                found=", ".join(map(str, names))
            ),
            source=source,
        )
    return header, sealed
