"""Rows of a spreadsheet are joined and compared; they are not results."""

import pandas

import forensics

results = forensics.identify("exhibits.fasta")
results.to_frame().to_csv("results.csv", index=False)
rows = forensics.read_results("results.csv")
assert isinstance(rows, forensics.ResultRows)
assert not any(row.differences(result) for row, result in zip(rows, results, strict=True))
samples = pandas.DataFrame({"query": [result.query for result in results], "case": "C1"})
joined = rows.to_frame().merge(samples, on="query", validate="one_to_one")
assert joined["index"].dtype == "Int64" and set(joined["case"]) == {"C1"}
named = [row.taxon for row in rows if isinstance(row, forensics.IdentificationRow) and row.taxon]
assert named
