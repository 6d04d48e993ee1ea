from .base import Narrator as Narrator
from .base import Part as Part
