"""Records of seizures: import, validation, conversion, exchange.

>>> from forensics.trade import open_store, records, validate
>>> with open_store("seizures.db") as store:                               # doctest: +SKIP
...     validate(store).counts

``create_store``, ``open_store``  the file of the records
``import_file``     a CSV, XLSX or JSON file into a store
``validate``        what is wrong with its records; ``fix`` puts accepted corrections in
``convert_store``   animals and raw ivory, each conversion a recorded assumption
``records``         all records as a DataFrame
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
