"""Tables of results go through Parquet and keep their types."""

import pandas

import forensics

results = forensics.identify(
    pandas.DataFrame({"name": ["a", "b"], "sequence": ["ACGT" * 40, "AC"], "year": [2024, None]}),
    name_column="name", sequence_column="sequence",
)  # fmt: skip
frame = results.to_frame()
frame.to_parquet("results.parquet")
again = pandas.read_parquet("results.parquet")
pandas.testing.assert_frame_equal(again, frame)
assert again["length"].dtype == "Int64" and list(again["query"]) == ["a", "b"]
