from .lookup import listing_of as listing_of
from .official import read_official as read_official
from .official import read_schedule as read_schedule
from .package import build_law as build_law
from .package import open_law as open_law
from .results import ListingResult as ListingResult
from .table import Listing as Listing
