"""The rules, by code: what each asks for, and what is flagged rather than refused.

A rule refuses what our own people are about to do. What has already happened is recorded, with
a flag: rules that refuse the past make people falsify it. The checks stand beside the
events that they guard (``acts``); docs/custody-events.md lists both tables.
"""

from forensics.errors import RefusedError
from forensics.messages import N_

__all__ = ["FLAGS", "RULES", "refusal"]

RULES = {
    # every event
    "FIELDS": N_("An event has the fields of its type, each with a value of its kind, no others."),
    "TYPE": N_("The type of the event is one of those listed."),
    "ORDINAL": N_(
        "An event says which one of its case or series it is, and which one about each exhibit."
    ),
    "TALLY": N_("A tally names all events without the case on which the case rests."),
    "VERIFIES": N_("With the event, the ledger is verified as `forensics custody verify` does it."),
    "FIRST": N_("A ledger begins with init, and has one only."),
    "ACTOR-KEY": N_("An event is signed with the key of the person who acts."),
    "KEY-UNKNOWN": N_("The key was enrolled by an earlier event."),
    "KEY-ENDED": N_("The key was not revoked or replaced by an earlier event."),
    "KEY-EXPIRED": N_(
        "The key had not expired when the event was recorded, nor when any earlier event or head was."
    ),
    "ROLE": N_("The person has a role that may do this."),
    "TIME-FUTURE": N_("Nothing is recorded as done more than five minutes before it happens."),
    "LATE-REASON": N_("What is entered later than the laboratory's policy allows gives a reason."),
    # people and keys
    "PERSON-KNOWN": N_("A person is enrolled once."),
    "PERSON-UNKNOWN": N_("A person that an event names is enrolled."),
    "KEY-SHARED": N_("A key belongs to one person and is enrolled once."),
    "KEY-PROOF": N_("Who is enrolled with a key shows by a signature to have the private key."),
    "KEY-OWN": N_("A key is rotated by its own person."),
    "LAST-KEY": N_("Somebody with a valid key can still enrol people."),
    "WITNESS-ROLE": N_(
        "A witness is of another agency, has a key, and has no other role before or after."
    ),
    # what takes two people
    "AUTHORISATION": N_("An act that takes two people names the authorisation of the second."),
    "AUTHORISATION-SCOPE": N_("An authorisation is for this act, on these things, by this person."),
    "AUTHORISATION-CONTENT": N_("What is done is, field by field, what was approved."),
    "AUTHORISATION-USED": N_("An authorisation is used once."),
    "AUTHORISATION-SELF": N_("Nobody uses their own authorisation."),
    # cases and exhibits
    "CASE-KNOWN": N_("A case is opened once."),
    "CASE-UNKNOWN": N_("The case was opened before."),
    "CASE-OTHER": N_("Every thing in an act belongs to the case that the act names."),
    "THING-KNOWN": N_("An exhibit, sample or container is named once in the ledger."),
    "LOOKS-LIKE": N_("A number of our own does not look like one that was given before."),
    "THING-UNKNOWN": N_("The thing was recorded before."),
    "GONE": N_("No physical act on a thing that was disposed of, used up or is lost."),
    "QUARANTINE": N_("What was lost and found is not worked on until a second person accepts it."),
    "HELD-BY": N_("Who acts on a thing holds it."),
    "PACKED": N_("A thing inside a container moves with it; it is taken out first."),
    "CONTAINER": N_("Things are put into a container, not into one another or into themselves."),
    "NOT-EMPTY": N_("A container is disposed of empty."),
    "MERGED": N_("A field ledger is merged with its copy, and again only where it has grown."),
    "TRAINING": N_("Training has a ledger of its own, and nothing else enters it."),
    # seals
    "SEAL-USED": N_("A seal number is used once."),
    "SEAL-UNKNOWN": N_("The seal is on this thing."),
    "SEAL-CLOSED": N_("Nothing is taken out of or put into what is sealed."),
    "SEAL-OPEN": N_("What was opened is neither stored nor offered until it is sealed again."),
    "SEAL-PHOTOGRAPH": N_("Sealing what was opened states the condition and has a photograph."),
    # quantities
    "UNIT": N_("A quantity is in a unit of the same dimension as that of the thing."),
    "BALANCE": N_("No more is taken than there is, within the tolerance of the policy."),
    "SHARE": N_("Using more than the policy's share of an exhibit needs an authorisation."),
    "PORTION": N_("Leaving less than the policy's portion for a second expert needs one too."),
    # movement
    "LOCATION-KNOWN": N_("A location is set up once."),
    "LOCATION-UNKNOWN": N_("The location was set up before."),
    "LOCATION-TO-LOCATION": N_("What is stored is retrieved by a person before it moves on."),
    "NOT-STORED": N_("What is retrieved is in a location."),
    "WITNESS": N_("Where the policy asks for it, moves into and out of storage name a witness."),
    "SELF": N_("Nobody hands over to themself."),
    "OFFERED": N_("A thing that is offered waits for the answer."),
    "NOT-OFFERED": N_("Only what was offered is accepted, refused or lost on the way."),
    "RECEIVER": N_("Custody moves when the one to whom it was offered signs."),
    "DEADLINE": N_("An offer has a deadline that has not passed."),
    "PAPER-FORM": N_("A person without a key signs a numbered form: the event names it."),
    "PAPER-ATTESTED": N_("The form is photographed, attached and attested by a second person."),
    "PAPER-USED": N_("A form number is used for one hand-over."),
    "PAPER-KEY": N_("Who has a valid key signs with it."),
    # holds and disposal
    "HOLD": N_("A legal hold blocks disposal."),
    "NOT-HELD": N_("A hold is lifted where there is one."),
    # the laboratory's work
    "RUN-KNOWN": N_("A run is recorded once under its name."),
    "RUN-UNKNOWN": N_("The run was recorded before."),
    "CONTROL-UNKNOWN": N_("The control is one of the run's."),
    "CONTROLS": N_("A report rests on runs whose controls passed, or whose deviation is approved."),
    "FINDING-UNKNOWN": N_("The finding was recorded before, in this case."),
    "FINDING-BATCHES": N_("A laboratory finding names the runs that it rests on."),
    "VALIDATION": N_(
        "A casework identification, origin or age rests on a library, model, curve or clock that "
        "this laboratory has accepted."
    ),
    "REVIEW-SELF": N_("Nobody reviews their own finding."),
    "REVIEWED": N_("A finding is reviewed by a second person before it is reported."),
    "REVIEW-BLIND": N_("A blind review says what the reviewer made of the raw data."),
    "REPORT-NUMBER": N_("A report number is used once."),
    "REPORT-UNKNOWN": N_("A report that is replaced was issued before, in this case."),
    "REPORT-REASON": N_("An amended report names the one that it replaces, and why."),
    "CASEWORK-DEPOSIT": N_("No casework sequence enters a library without an authorisation."),
    # corrections and erasure
    "EVENT-UNKNOWN": N_("The event exists, in this case."),
    "CORRECT-FIELD": N_("A correction names a field of the event and the value that it has."),
    "CORRECT-PURPOSE": N_("The purpose of a sample cannot be changed, not by a correction either."),
    "ERASE-FIELD": N_(
        "Only names of persons and places, and files of the event, can be erased, and nowhere may "
        "a copy stay."
    ),
}

FLAGS = {
    "CLOCK-BACK": N_("The clock stood earlier than at the event before."),
    "TIME-ORDER": N_("It is said to have happened before the act that made it possible."),
    "LATE": N_("Entered later than the policy allows, with a reason."),
    "SEAL-BROKEN": N_("A seal was found broken."),
    "SEAL-MISMATCH": N_("The seals found are not those recorded."),
    "SEAL-TWICE": N_("The seal number had been used before."),
    "LOOK-ALIKE": N_("The number can be taken for another that was given before."),
    "UNSEALED": N_("Received without a seal."),
    "WEIGHT": N_("A measured quantity differs from the book by more than the tolerance."),
    "BALANCE-OVER": N_("Slightly more was taken than the book holds, within the tolerance."),
    "TRANSIT-LATE": N_("Received after the deadline of the transit."),
    "PAPER": N_("Signed on paper by a person without a key."),
    "LOST": N_("Reported lost."),
    "FOUND": N_("Found again after it was reported lost."),
    "POLICY-RELAXED": N_("The policy was made laxer."),
    "CONTROL-FAILED": N_("A control failed."),
    "COMPETENCE": N_("The person had no competence on record for this at that time."),
    "DISCREPANCY": N_("A discrepancy reported by a person."),
}


def refusal(code: str, text: str) -> RefusedError:
    """Return the error of a rule that refuses; `text` is translated and says what to do."""
    if code not in RULES:
        raise KeyError(code)  # a fault of ours, that no handler of refusals may hide
    return RefusedError(code, text)
