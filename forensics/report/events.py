"""Events of custody in the words of the reader.

The ledger has codes, and a reader of English gets them as they are, so that a report can be held
against it. In every other language they are translated; the number of an event leads back.
"""

from forensics.messages import N_, _, language

__all__ = ["EVENTS", "WORDS", "event_name", "word"]

EVENTS = {
    "init": N_("beginning of the ledger"),
    "policy": N_("change of the policy"),
    "enrol": N_("enrolment of a person"),
    "rotate": N_("change of a key"),
    "reenrol": N_("new enrolment"),
    "revoke": N_("revocation of a key"),
    "roles": N_("change of roles"),
    "competence": N_("competence"),
    "case": N_("opening of the case"),
    "authorise": N_("authorisation"),
    "hold": N_("legal hold"),
    "release": N_("end of a legal hold"),
    "plan": N_("sampling plan"),
    "attach": N_("attachment"),
    "tally": N_("count of the events"),
    "disclose": N_("disclosure"),
    "receive": N_("receipt"),
    "merge": N_("entry from a field ledger"),
    "split": N_("taking of samples"),
    "container": N_("new container"),
    "dispose": N_("disposal"),
    "consume": N_("consumption"),
    "return": N_("return of what was left"),
    "measure": N_("measurement of the quantity"),
    "seal": N_("sealing"),
    "open": N_("opening of a seal"),
    "pack": N_("packing"),
    "unpack": N_("unpacking"),
    "offer": N_("offer of a hand-over"),
    "accept": N_("acceptance of a hand-over"),
    "refuse": N_("refusal of a hand-over"),
    "lost": N_("loss"),
    "found": N_("recovery of what was lost"),
    "location": N_("new location"),
    "store": N_("storing"),
    "retrieve": N_("taking out of storage"),
    "run": N_("laboratory run"),
    "load": N_("loading of a run"),
    "control": N_("result of a control"),
    "deviation": N_("approved deviation"),
    "validate": N_("acceptance of a validation"),
    "finding": N_("finding (event)"),
    "reviewed": N_("review of a finding"),
    "report": N_("report (event)"),
    "deposit": N_("deposit in a library"),
    "correct": N_("correction"),
    "erase": N_("erasure"),
    "discrepancy": N_("discrepancy"),
}
"""Code of every type of event to what it is."""

WORDS = {
    # Runs and their controls.
    "extraction": N_("extraction"),
    "amplification": N_("amplification"),
    "sequencing": N_("sequencing"),
    "opinions": N_("opinions"),  # a competence
    "blank": N_("blank"),
    "negative": N_("negative"),
    "positive": N_("positive"),
    "passed": N_("passed"),
    "failed": N_("failed"),
    # Findings.
    "identification": N_("identification"),
    "origin": N_("origin"),
    "individual": N_("individual"),
    "sex": N_("sex"),
    "age": N_("age"),
    "morphology": N_("morphology"),
    "other": N_("other"),
}
"""Codes that stand in fields, to words; English has one word for both."""


def event_name(code: str) -> str:
    """Return what an event was."""
    return code if language() == "en" else _(EVENTS.get(code, code))


def word(code: str | None) -> str | None:
    """Return the word for a code of a field; what is not a code, somebody's own words, stays."""
    return code and _(WORDS.get(code, code))
