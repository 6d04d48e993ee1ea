"""What a file of a stranger may cost before it is refused: bytes, depth, count and time.

All readers of JSON and ZIP in custody take their limits from here. `verify_bundle` is one file that needs
python3 alone, so it has a copy of those that it uses; a test holds them equal.

The limits of what a ledger takes follow from those of the bundle in which it leaves the house, from the outside
inwards: what is recorded can be disclosed, and corrected.
"""

# -- JSON -------------------------------------------------------------------------------

MAX_DEPTH = 32
"""Objects and lists inside one another; ours have at most six. Keeps a hostile file off the stack."""
MAX_JSON_BYTES = 16 * 2**20
"""Most bytes parsed without a limit of the caller's; a list of 300 labels takes some 10 kB."""
MAX_JSON_VALUES = 4_000_000
"""Commas, colons and opening brackets in a document, which bound the values in it.

A value takes some 100 bytes of memory, however short it is written: 64 MiB of ``[],[],`` would take
3 GB. A bundle of that size has three million (4,390 in the 97,753 bytes of a case of 33 events).
"""

# -- bundles, and ZIP files -------------------------------------------------------------

MAX_BUNDLE_JSON_BYTES = 64 * 2**20
"""Bytes of ``bundle.json``: some 20,000 events."""
MAX_OTHER_BYTES = 4 * 2**20
"""Bytes of ``README.txt`` and of the verifier in a bundle."""
MAX_ZIP_ENTRIES = 20_000
"""Entries of a bundle, or of a document that is searched."""
MAX_ZIP_DIRECTORY_BYTES = 8 * 2**20
"""Bytes of the directory of a ZIP, which is read whole; an attachment takes some 150."""
MAX_DOCUMENT_BYTES = 256 * 2**20
"""Bytes of an office document that are unpacked to be searched, or to be read as a list."""
MAX_WITNESSES = 10_000
"""Countersigned heads in a bundle, and the earlier roots for each of its events; each costs a proof."""
MAX_PROOF_HASHES = 64
"""Hashes of a proof of inclusion or consistency; a tree of 2^53 leaves needs at most 54."""
MAX_BUNDLE_SECONDS = 3600
"""Time that the check of one bundle may take; 20,000 events take some three minutes."""

# -- reports in PDF ---------------------------------------------------------------------

MAX_PDF_BYTES = 256 * 2**20
"""Bytes of a report in PDF, and of what is attached to it; a report has some 200 kB, the rest is its bundle."""
MAX_PDF_OBJECTS = 200_000
"""Objects of a PDF; a report of 6 pages has 400."""
MAX_PDF_VALUES = 1_000_000
"""Values in the objects that are looked at."""
MAX_PDF_ADDITIONS = 100
"""Times that a PDF was written, each addition behind the last; a signature is one."""
MAX_PDF_FILES = 10
"""Files attached to a PDF; a report has two at most."""

# -- what a ledger takes ----------------------------------------------------------------

MAX_FIELD_DEPTH = MAX_DEPTH - 5 - 2
"""Objects and lists inside one another in a field that takes any value.

In ``bundle.json`` a field is inside five (the bundle, its events, one of them, its openings, one of them). One
that is corrected is inside two more in the authorisation: its content, and one part of that.
"""
BYTES_OF_A_VALUE = MAX_BUNDLE_JSON_BYTES // MAX_JSON_VALUES
"""A value that is shorter counts as this many bytes, so that one sum keeps both limits of a bundle."""
MAX_CASE_BYTES = MAX_BUNDLE_JSON_BYTES * 3 // 4
"""Bytes of the bundle of a case; the rest is left for the keys, policies and heads that come after its last act."""
MAX_CASE_FILES = MAX_ZIP_ENTRIES * 3 // 4
"""Attached files of a case and of what it rests on."""
MAX_EVENT_BYTES = MAX_BUNDLE_JSON_BYTES // 8
"""Bytes of the fields of one event; what is longer is attached as a file."""
MAX_FIELD_BYTES = MAX_EVENT_BYTES // 2 - 64 * 2**10
"""Bytes of one field: a correction holds it twice, the wrong value and the right one, with the reason."""

# -- ledgers ----------------------------------------------------------------------------

MAX_LEDGER_BYTES = 16 * 2**30
"""Bytes of a ledger that are copied to be looked at; 100,000 events take some 150 MB."""
MAX_NESTED_LEDGERS = 8
"""Field ledgers inside one another; one that was taken in by another is two."""
