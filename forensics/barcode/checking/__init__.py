"""What speaks against a call, found in the query itself.

``translation``    does a query read like the gene that it is said to be?
``chimera``        is a query put together from two animals?
``contamination``  human DNA, and animals that come with the reagents
``haplotypes``     the same haplotype again: in this run, among controls and recent cases, or a
                   person's
"""
