"""A long run that says how far it is, in the log of the laboratory's own program."""

import logging

import forensics

logging.basicConfig(level=logging.INFO, filename="run.log")
done: list[int] = []
results = forensics.identify("exhibits.fasta", progress=lambda count, total: done.append(count))
assert done == list(range(1, len(results) + 1))
assert len(forensics.identify("exhibits.fasta", progress=True)) == len(results)
