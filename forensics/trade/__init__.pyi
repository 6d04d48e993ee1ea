from .checks import validate as validate
from .conversion import convert_store as convert_store
from .conversion import records as records
from .decisions import fix as fix
from .importing import import_file as import_file
from .store import create_store as create_store
from .store import open_store as open_store
