"""Results that are kept, read back, and compared with a later run."""

from pathlib import Path

import forensics

results = forensics.identify("exhibits.fasta")
Path("results.jsonl").write_text(results.to_json(), encoding="utf-8")
again = forensics.read_results("results.jsonl")
assert isinstance(again, forensics.Identifications)
assert again == results and again[:3] + again[3:] == results
later = forensics.identify("exhibits.fasta", confidence=0.99)
assert later != results
changed = [a.query for a, b in zip(again, later, strict=True) if a.taxon != b.taxon]
assert len(changed) < len(results)
