from .comparison import compare_calls as compare_calls
from .comparison import reproduce as reproduce
from .recorded import CannotRecompute as CannotRecompute
