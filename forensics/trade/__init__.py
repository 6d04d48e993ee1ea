"""Records of seizures: import, validation, conversion, exchange.

>>> from forensics.trade import open_store, records, validate
>>> with open_store("seizures.db") as store:                               # doctest: +SKIP
...     validate(store).counts

==================  ===========================================================
``create_store``, ``open_store``  the file of the records
``import_file``     a CSV, XLSX or JSON file into a store
``validate``        what is wrong with its records; ``fix`` puts accepted corrections in
``convert_store``   animals and raw ivory, each conversion a recorded assumption
``records``         all records as a DataFrame
==================  ===========================================================

``vocabulary``      fields, value lists, terms, units, countries (``data/``, versioned)
``record``          a seizure, its specimens, a problem; ``frames`` makes DataFrames of them
``store``           the records in their file; ``database`` says what the file is, ``schema`` what is
                    in it; ``problems`` holds what is wrong, however much
``search``          full-text search of seizures
``importing``       files into the store; ``sheets`` reads tables, ``choosing`` says which sheets hold
                    records, ``mapping`` what columns are (``mappings/``), ``reading`` reads one row,
                    ``texts`` free text in it; ``totals`` suspects rows that are sums
``options``         options of reading tables
``standing``        what waits for a decision, what was set aside, and how it is taken back
``quantities``      quantities as people write them; ``dates``
``validating``      a store against the ``rules``, by ``checks`` of one record
``listing``         what is asked of the listings of CITES; ``ranges``, range States from the official index
``fixing``          accepted corrections, with a history
``conversion``      factors with their sources
``linking``         ties to cases, exhibits and findings of a ledger
``comparing``       the declared beside the found, and the Appendix by each
``exchange``        formats for others
``publishing``      databases by clearance, and Datasette that serves them
"""

from typing import TYPE_CHECKING

from forensics.lazily import lazily

_PUBLIC = {
    "convert_store": "conversion",
    "create_store": "store",
    "fix": "fixing",
    "import_file": "importing",
    "open_store": "store",
    "records": "frames",
    "validate": "validating",
}

__all__ = [
    "convert_store",
    "create_store",
    "fix",
    "import_file",
    "open_store",
    "records",
    "validate",
]

if TYPE_CHECKING:  # what type checkers, editors and tab completion see
    from forensics.trade.conversion import convert_store
    from forensics.trade.fixing import fix
    from forensics.trade.frames import records
    from forensics.trade.importing import import_file
    from forensics.trade.store import create_store, open_store
    from forensics.trade.validating import validate
else:  # for them a module with __getattr__ would have every name
    __getattr__, __dir__ = lazily(__name__, _PUBLIC)
