"""What people give and take: files, formats and tables, read and written in one way everywhere.

Modules
-------
inputs
    Opens what people give: files, pipes, standard input; packed or not.
files
    Reads files up to a limit, writes them whole or not at all; names of files as results have them.
cells
    Cells of tables: text that no spreadsheet program takes for a formula.
workbooks
    Cells of Excel workbooks, bounded and read only.
"""
