"""Records of Biopython in; what speaks against a name out."""

from Bio import SeqIO

import forensics

records = [record[20:] for record in SeqIO.parse("exhibits.fasta", "fasta")]
for result in forensics.identify(records, in_library_prior=0.5):
    if result.status == "identified":
        assert result.taxon and result.probability and result.probability >= 0.95
    for notice in result.notices:
        assert notice.code and notice.severity.value in ("blocks", "limits", "informs", "context")
