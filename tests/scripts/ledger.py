"""A ledger of custody: made, verified, read."""

from collections import Counter

import forensics
from forensics.custody import PrivateKey, create_ledger, verify

key = PrivateKey.generate()
create_ledger(
    "laboratory.db", key=key, laboratory="Example", person="amina", name="Amina Dupré",
    roles=["administrator", "custodian"],
).close()  # fmt: skip
with forensics.open_ledger("laboratory.db", key=key) as ledger:
    ledger.location(location="freezer")
    ledger.case(case="C1", agency="Customs", title="Horn in a suitcase")
    acts = Counter(event.type for event in ledger.events())
assert acts["location"] == acts["case"] == 1
verify("laboratory.db").require()
assert forensics.custody.open_ledger is forensics.open_ledger
