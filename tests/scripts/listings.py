"""What CITES says of a table of names."""

import pandas

import forensics

names = pandas.DataFrame(
    {
        "taxon": ["Loxodonta africana", "Smutsia temminckii", "Bos taurus"],
        "country": ["KE", None, None],
    }
)
listings = [
    forensics.listing_of(taxon, population=country, date="2024-01-01")
    for taxon, country in zip(names["taxon"], names["country"])
]
names["appendices"] = ["/".join(listing.appendices) for listing in listings]
assert list(names["appendices"])[:2] == ["I", "I"]
