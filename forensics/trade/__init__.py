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
``record``          a seizure, its specimens, a problem
``sheets``          rows of CSV, XLSX and GeoJSON files; ``mapping`` says what columns are (``mappings/``), and
                    which sheets hold records; ``reading`` reads one row, with its quantities and free text
``importing``       files into the store; rows that are sums are suspected
``store``           the records in their file, and search in it; ``choices`` has the options of reading and counting
``problems``        the rules, and what is wrong with records; ``checks`` holds records against the rules;
                    ``listing`` is what is asked of the listings of CITES
``decisions``       what waits, what was set aside, and accepted corrections, with a history
``conversion``      factors with their sources, and records as a DataFrame
``linking``         ties to a ledger of custody, and the declared beside the found
``exchange``        formats for others
``seizures``        the table of seizures of which ``counts`` makes counts and the network of countries
``pike``            proportion of illegally killed elephants
``figures``         pictures of counts, routes and trends
``publishing``      databases by clearance, and Datasette that serves them
"""

from typing import TYPE_CHECKING

from forensics.lazily import lazily

_PUBLIC = {
    "convert_store": "conversion",
    "create_store": "store",
    "fix": "decisions",
    "import_file": "importing",
    "open_store": "store",
    "records": "conversion",
    "validate": "checks",
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
    from forensics.trade.checks import validate
    from forensics.trade.conversion import convert_store, records
    from forensics.trade.decisions import fix
    from forensics.trade.importing import import_file
    from forensics.trade.store import create_store, open_store
else:  # for them a module with __getattr__ would have every name
    __getattr__, __dir__ = lazily(__name__, _PUBLIC)
