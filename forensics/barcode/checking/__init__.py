"""What speaks against a call, found in the query itself.

``translation``    does a query read like the gene that it is said to be?
``chimera``        is a query put together from two animals?
``contamination``  DNA that is not the sample's own: human, of animals that come with the
                   reagents, or of another sample
"""
