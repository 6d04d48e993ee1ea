"""The identity of two sequences, where there is no index to search."""

from forensics.barcode.matching.kernel import semiglobal_distance


def identity(first: str, second: str, *, least: float = 0.0) -> float:
    """Return the identity of two clean sequences of one strand.

    The shorter is placed whole, with free ends, inside the longer, as
    `forensics.barcode.matching.search` does; IUPAC codes match what they can stand for.

    Parameters
    ----------
    first, second : str
        Neither may be empty.
    least : float
        Below this 0.0 is returned, which is found out faster.

    Returns
    -------
    float
        0-1. Sequences that have nothing in common come to about a half, since gaps and
        four letters allow so much.
    """
    shorter, longer = (first, second) if len(first) <= len(second) else (second, first)
    most = int((1 - least) * len(shorter) + 1e-9)
    edits = semiglobal_distance(shorter, longer, most)
    return 0.0 if edits is None else 1 - edits / len(shorter)
