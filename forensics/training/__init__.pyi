from .grading import evaluate as evaluate
from .grading import grade as grade
from .grading import read_answers as read_answers
from .rounds import new_round as new_round
from .rounds import open_round as open_round
from .workshop import workshop_library as workshop_library
