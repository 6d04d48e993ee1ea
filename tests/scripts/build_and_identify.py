"""A library of the laboratory's own vouchers, from a table."""

import pandas
from Bio import SeqIO

import forensics

scale = SeqIO.read("scale.fasta", "fasta")
vouchers = pandas.DataFrame(
    {
        "Process ID": ["V1", "V2", "V3"],
        "Espèce": ["Smutsia temminckii"] * 3,
        "sequence": [str(scale.seq), str(scale.seq[50:]), "ACGT"],
    }
)
build = forensics.build_library(vouchers, "vouchers", locus="COI", calibration=False)
assert [(row.accession, row.record) for row in build.left_out] == [("V3", 3)]
(result,) = forensics.identify(scale, library=build.library)
assert result.candidates[0].accession in ("V1", "V2")
