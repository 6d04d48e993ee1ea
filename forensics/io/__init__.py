"""What people give and take: files, tables, numbers, dates; each read in one way everywhere.

===============  ================================================================
``inputs``       the gate: opens what people give, by one budget; files, pipes, packed or not
``formats``      the registry of formats: what a file is, by its content
``files``        writes files whole or not at all; shown names
``sources``      the bytes of a table: unpacked, counted, decoded to lines
``rows``         rows of text of CSV, workbooks and DataFrames, each with its line
``sheets``       which sheet and which header, how wide a row may be
``tables``       the one reader of tables: columns by their names and kinds
``cells``        cells of tables; text that no spreadsheet program takes for a formula
``workbooks``    sheets of Excel workbooks, bounded and read only
``numbers``      numbers with decimal points and commas; ambiguous ones are refused
``dates``        days, months and years; ambiguous ones are refused
``coordinates``  decimal degrees
===============  ================================================================
"""

__all__: list[str] = []
