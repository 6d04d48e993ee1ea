"""What people give and take: files, tables, numbers, dates; each read in one way everywhere.

===============  ================================================================
``inputs``   the gate: whatever people give is opened here, by one `Budget`; files, pipes,
             standard input, packed or not
``formats``  the registry of formats: what a file is, by its content and never by its name
``files``    files that are written, whole or not at all, and names of files as results have
             them
``tables``   the one reader of tables: columns by their names, cells as text until a column asks
             for more
``numbers``  numbers as people write them: read where one reading exists, refused where two do
===============  ================================================================
"""
