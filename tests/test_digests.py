"""Digests are those of hashlib, whatever the size and however a stream gives its bytes."""

import hashlib
import io

import pytest

from forensics.digests import _LARGE, sha256, sha256_of


class InBits(io.BytesIO):
    """A stream that gives less than is asked for, as pipes do."""

    def read(self, size=-1):
        return super().read(min(size, 1000) if size > 0 else size)


@pytest.mark.parametrize("size", [0, 1, 5000, _LARGE - 1, _LARGE, _LARGE + 1, 3 * _LARGE])
def test_a_digest_is_that_of_hashlib(size):
    content = bytes(range(256)) * (size // 256 + 1)
    content = content[:size]
    expected = hashlib.sha256(content).hexdigest()
    assert sha256(content) == expected
    assert sha256_of(io.BytesIO(content)) == expected


def test_a_stream_that_gives_little_at_a_time_is_read_to_its_end():
    content = b"forensics" * 4000
    assert sha256_of(InBits(content)) == hashlib.sha256(content).hexdigest()
