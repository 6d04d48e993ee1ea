"""Every value that canonical JSON can write, for hypothesis."""

import unicodedata

from hypothesis import strategies as st

from forensics.custody.canonical import LARGEST_INTEGER


def json_values():
    """Return the strategy."""
    texts = st.text(st.characters(exclude_categories=["Cs"])).map(
        lambda text: unicodedata.normalize("NFC", text)
    )
    return st.recursive(
        st.none() | st.booleans() | st.integers(-LARGEST_INTEGER, LARGEST_INTEGER) | texts,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
        max_leaves=20,
    )
