from .comparison import reproduce as reproduce
from .library_change import compare_calls as compare_calls
from .recorded import CannotRecompute as CannotRecompute
