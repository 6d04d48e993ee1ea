"""The sealed file of the right answers: only the trainer's code opens it, and no byte can be changed.

The code is random, 125 bits in letters and digits that are not taken for one another; HKDF-SHA256
makes a key of it, ChaCha20-Poly1305 seals the answers, and all else that the file says is
authenticated with them.

It keeps the answers from who has no code, and shows that they were altered. It does not bind the
trainer, who could seal others: against that the SHA-256 of the file is made known before the
answers come in. And it keeps no secret that can be had without it: who knows the seed can make
the round again, and the sequences themselves are public.

References
----------
H. Krawczyk, P. Eronen (2010) HMAC-based key derivation function. RFC 5869. doi:10.17487/RFC5869
Y. Nir, A. Langley (2018) ChaCha20 and Poly1305. RFC 8439. doi:10.17487/RFC8439
D. Crockford, Base 32. https://www.crockford.com/base32.html
"""

import base64
import binascii
import secrets
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from forensics.custody.canonical import canonical, parse_json
from forensics.errors import InputError, VerificationError
from forensics.messages import _

__all__ = ["MAX_BYTES", "new_code", "seal", "unseal"]

FORMAT = "forensics-training-seal-1"
MAX_BYTES = 4 * 2**20
"""A round of a hundred samples takes some 60 kB."""
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_GROUPS, _GROUP = 5, 5
_SALT, _NONCE = 16, 12  # bytes; RFC 5869, 3.1; RFC 8439, 2.8
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def new_code() -> str:
    """Return a code of 25 characters in five groups: 125 random bits."""
    return "-".join(
        "".join(secrets.choice(_LETTERS) for _place in range(_GROUP)) for _group in range(_GROUPS)
    )


def seal(answers: dict[str, Any], code: str) -> bytes:
    """Return the content of a sealed file.

    Parameters
    ----------
    answers : dict
        Text, whole numbers, truth values, None, and lists and dicts of them.
    code : str
        Of `new_code`.

    Raises
    ------
    InputError
        If the code has another form.
    """
    salt, nonce = secrets.token_bytes(_SALT), secrets.token_bytes(_NONCE)
    header = {
        "format": FORMAT,
        "kdf": {"name": "hkdf-sha256", "salt": base64.b64encode(salt).decode()},
        "cipher": {"name": "chacha20-poly1305", "nonce": base64.b64encode(nonce).decode()},
    }
    sealed = ChaCha20Poly1305(_key(code, salt)).encrypt(
        nonce, canonical(answers), canonical(header)
    )
    return canonical({**header, "sealed": base64.b64encode(sealed).decode()}) + b"\n"


def unseal(data: bytes, code: str, *, source: str) -> dict[str, Any]:
    """Return the answers in a sealed file.

    Raises
    ------
    InputError
        If it is not a sealed file, or the code has another form.
    VerificationError
        If the code is wrong, or a byte of the file was changed: the two cannot be distinguished.
    """
    header = parse_json(data, max_bytes=MAX_BYTES, source=source)
    try:
        text = header.pop("sealed")
        sealed = base64.b64decode(text, validate=True)
        salt = base64.b64decode(header["kdf"]["salt"], validate=True)
        nonce = base64.b64decode(header["cipher"]["nonce"], validate=True)
        # Base64 can be spelt in several ways; one that is not ours was changed.
        spelt = base64.b64encode(sealed).decode() == text
        if header["format"] != FORMAT or len(nonce) != _NONCE or not spelt:
            raise ValueError(header["format"])
    except (KeyError, TypeError, AttributeError, ValueError, binascii.Error) as error:
        raise InputError(
            _("This is not a file of sealed answers ({format}).").format(format=FORMAT),
            source=source,
        ) from error
    try:
        answers = ChaCha20Poly1305(_key(code, salt)).decrypt(nonce, sealed, canonical(header))
    except InvalidTag:
        raise VerificationError(
            _("{path}: this is not its code, or the file was changed.").format(path=source)
        ) from None
    opened: dict[str, Any] = parse_json(answers, max_bytes=MAX_BYTES, source=source)
    return opened


def _key(code: str, salt: bytes) -> bytes:
    plain = code.strip().upper().translate(_READ_AS)
    if len(plain) != _GROUPS * _GROUP or set(plain) - set(_LETTERS):
        raise InputError(
            _("A code has {groups} groups of {size} letters and digits, such as {example}.").format(
                groups=_GROUPS, size=_GROUP, example="-".join(["AB3DE"] * _GROUPS)
            )
        )
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=FORMAT.encode()).derive(
        plain.encode()
    )
