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

``vocabulary``  the words of a seizure record: fields, value lists, terms, units, countries;
                each list versioned
``record``      a seizure and its specimens: values without input or output
``sheets``      rows of a CSV, XLSX or GeoJSON file as they stand there, each with its number:
                nothing is left out
``mapping``     which column of a file is which field: a mapping, in a TOML file or packaged;
                and which sheets hold records
``reading``     one row of a file as values of a record, and what could not be read in one way
                only
``importing``   a file into the store: whole or not at all, every row kept, every doubt told
``store``       the file in which seizure records are kept, beside the ledger of custody, and
                full-text search in it
``choices``     options of reading tables, of counts and of the trend of PIKE; no NumPy is
                imported for them
``problems``    the rules of a seizure record, by code, and what is wrong with records, however
                much of it
``checks``      records held against the rules: what each says, and what records say together
``listing``     the one place where seizure records ask the package of listings: names,
                Appendices, lineages
``decisions``   what persons decide: which records count, and which proposed corrections are put
                in
``conversion``  what a quantity stands for: animals, raw ivory. Every conversion is an
                assumption, and recorded as one
``linking``     ties between a seizure and a ledger of custody, and what a finding there changes
``exchange``    seizure records for others, and back: each format says what it cannot carry
``seizures``    the table of seizures that indicators take: a row a specimen, its columns
                checked once
``counts``      seizures, quantities and animals by year, taxon, route and so on, and the
                network of countries, with intervals
``pike``        PIKE: the proportion of illegally killed elephants among carcasses, observed and
                as a trend
``figures``     pictures of indicators, as PNG or SVG
``publishing``  publishing by clearance: one SQLite file for each circle of readers, and a
                Datasette that serves them
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
