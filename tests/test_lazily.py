"""Public names that are imported late."""

import sys

import pytest

from forensics.lazily import lazily


def test_a_public_name_is_that_of_the_module_that_holds_it(monkeypatch):
    import forensics.custody
    from forensics.custody.verification import verify

    monkeypatch.delitem(vars(forensics.custody), "verify", raising=False)
    get, names = lazily("forensics.custody", {"verify": "verification"})
    assert get("verify") is verify
    assert vars(sys.modules["forensics.custody"])["verify"] is verify  # the next time it is there
    assert names() == sorted(forensics.custody.__all__)


def test_a_name_that_never_was_is_not_there():
    get, _names = lazily("forensics.custody", {})
    with pytest.raises(AttributeError, match="no attribute 'never'"):
        get("never")
