"""Where an animal came from: populations, places, isotopes, each with its uncertainty.

``predict.assign_with(model, samples)`` answers for any kind of model; the rest is what stands
behind it.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
