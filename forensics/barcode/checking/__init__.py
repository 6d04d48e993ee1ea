"""What speaks against a call, found in the query itself.

``translation``    does it read like its gene, under the right ``genetic_code``?
``chimera``        is it put together from two animals, of two genera?
``two_parents``    of two species of a genus?
``ends``           do its ends fit the record that its middle fits?
``contamination``  human DNA, and animals that come with the reagents
``haplotypes``     the same haplotype in the run, in controls, in a staff elimination set
"""

__all__: list[str] = []  # modules are imported by their names
