"""Cases and what is decided in them: authorisations, holds, plans, attachments, review, report."""

from forensics.custody.acts.common import (
    CASE,
    ITEM,
    REASON,
    add_label,
    case_known,
    items_of,
    new_label,
    person_known,
    same_case,
)
from forensics.custody.fields import (
    ATTACHMENTS,
    ERASED,
    HASH,
    IDENTIFIER,
    INTEGER,
    ITEM_NAMES,
    LONG_TEXT,
    SEQ,
    SEQS,
    TEXT,
    Field,
    choice,
)
from forensics.custody.proofs import matches
from forensics.custody.rules import (
    APPROVED,
    CONTENT,
    DECISIVE,
    FINDING_KINDS,
    Act,
    EventType,
    opened,
    refusal,
)
from forensics.custody.state import Authorisation, Case, State
from forensics.messages import N_, _

AUTHORISED_TYPES = tuple(DECISIVE)
"""Types of events that take, or may take, the authorisation of a second person."""

_SOME_ITEMS = Field(
    "things", ITEM_NAMES, False, help=N_("Things concerned; default: the whole case.")
)


def _whole_question(state: State, act: Act) -> None:
    """Refuse half a pair of propositions, one that names a thing twice, and kin without the other animal."""
    pair = [act[name] for name in ("named", "against") if name in act.fields]
    if len(pair) == 1 or len({name.casefold() for name in pair}) < len(pair):
        raise refusal(
            "QUESTION", _("Name both propositions, and two different things (named, against).")
        )
    if ("beside" in act.fields) != (act["kind"] == "individual" and len(pair) == 2):
        raise refusal(
            "QUESTION",
            _("Propositions on individuals or kin name the other animal (beside), no others do."),
        )


def _new_case(state: State, act: Act) -> None:
    if act["case"] in state.cases:
        raise refusal("CASE-KNOWN", _("The case {case} is already open."), case=act["case"])
    new_label(state.case_labels, act["case"])


def _known_type(state: State, act: Act) -> None:
    if act["act"] not in AUTHORISED_TYPES:
        raise refusal(
            "AUTHORISATION-SCOPE",
            _("“{type}” needs no authorisation. These do: {types}."),
            type=act["act"],
            types=", ".join(AUTHORISED_TYPES),
        )


def _content_fits(state: State, act: Act) -> None:
    """Refuse an authorisation that does not say what it approves, or says it in two ways."""
    from forensics.custody.registry import TYPES as table

    kind = table[act["act"]]
    decisive = DECISIVE[kind.name]
    content, approved = act.get("content"), act.get("approved")
    needed = [name for name in decisive if kind.known[name].required]
    if content is None or approved is None:
        raise refusal(
            "AUTHORISATION-CONTENT",
            _("State what is approved of “{type}” (--content NAME=VALUE): {names}."),
            type=kind.name,
            names=", ".join(needed or decisive),
        )
    strange = [name for name in approved if name not in decisive]
    missing = [name for name in needed if name not in approved]
    if strange or missing:
        raise refusal(
            "AUTHORISATION-CONTENT",
            _(
                "Of “{type}” these are approved: {names}. Missing: {missing}. Not among them: "
                "{strange}."
            ),
            type=kind.name,
            names=", ".join(decisive),
            missing=", ".join(missing) or _("none"),
            strange=", ".join(strange) or _("none"),
        )
    if content is ERASED:
        return
    openings = opened(content)
    for name in {*approved, *content}:
        opening = openings.get(name)
        if opening is None or name not in approved or not matches(opening, approved[name]):
            raise refusal(
                "AUTHORISATION-CONTENT",
                _("The commitment of {name} is not that of the content shown."),
                name=name,
            )
        if problem := kind.known[name].kind.problem(opening.value):
            raise refusal("FIELDS", f"content: {name}: {problem}")


def _on_hold(state: State, act: Act) -> None:
    names = items_of(act)
    on_hold = [state.things[name].hold for name in names] or [state.cases[act["case"]].hold]
    if not all(on_hold):
        raise refusal(
            "NOT-HELD",
            _("There is no hold on {what}."),
            what=", ".join(n for n in names if not state.things[n].hold) or act["case"],
        )


def _names_all(state: State, act: Act) -> None:
    """Refuse a tally that leaves out an event on which the case rests, or names one that is not there."""
    from forensics.custody.ordinals import related, related_series

    needed = related(state, related_series(state, act["case"]))
    missing = sorted(needed - set(act["rests_on"]))
    strange = sorted(seq for seq in act["rests_on"] if seq >= act.seq)
    if missing or strange or act["rests_on"] != sorted(act["rests_on"]):
        raise refusal(
            "TALLY",
            _(
                "The case rests on the events {needed}, to be named in order. Missing: {missing}. Not there: "
                "{strange}."
            ),
            needed=", ".join(map(str, sorted(needed))),
            missing=", ".join(map(str, missing)) or _("none"),
            strange=", ".join(map(str, strange)) or _("none"),
        )


# -- what they change -------------------------------------------------------------------


def _open(state: State, act: Act) -> None:
    state.cases[act["case"]] = Case(act.seq)
    add_label(state, state.case_labels, act, act["case"])


def _authorise(state: State, act: Act) -> None:
    state.authorisations[act.seq] = Authorisation(
        act.actor,
        act["act"],
        act.get("case", ""),
        frozenset(items_of(act)),
        act.get("person", ""),
        act.get("subject", ""),
        act.get("approved", {}),
        act.bulk,
    )


def _set_hold(state: State, act: Act, value: int) -> None:
    names = items_of(act)
    if not names:
        state.cases[act["case"]].hold = value
    for name in names:
        state.things[name].hold = value


TYPES = (
    EventType(
        "case",
        N_("opening of the case"),
        N_("Open a case."),
        N_("{actor} opened the case {case}"),
        ("custodian", "manager"),
        (
            CASE,
            Field("agency", TEXT, False, help=N_("Agency that investigates.")),
            Field("reference", TEXT, False, help=N_("Their number of the case.")),
            Field("title", TEXT, False, True, help=N_("What it is about.")),
        ),
        (_new_case,),
        _open,
    ),
    EventType(
        "authorise",
        N_("authorisation"),
        N_("Authorise another person to do once an act that takes two people."),
        N_("{actor} authorised “{act}” to be done once"),
        ("manager", "administrator"),
        (
            Field("act", IDENTIFIER, help=N_("Type of the act that is allowed.")),
            Field("case", IDENTIFIER, False, help=CASE.help),
            _SOME_ITEMS,
            Field(
                "person", IDENTIFIER, False, help=N_("Person who may do it; default: anyone else.")
            ),
            Field(
                "subject",
                TEXT,
                False,
                help=N_("Other subject: person (reenrol), run (deviation), event (correct)."),
            ),
            Field(
                "content",
                CONTENT,
                False,
                True,
                help=N_("Exact content that is approved: the decisive fields of the act."),
            ),
            Field("approved", APPROVED, False, help=N_("Commitments of that content.")),
            REASON,
        ),
        (_known_type, person_known("person"), same_case, _content_fits),
        _authorise,
    ),
    EventType(
        "hold",
        N_("legal hold"),
        N_("Put a legal hold on a case or on things, which forbids their disposal."),
        N_("{actor} put a legal hold on {things}, by the order {order}"),
        ("manager", "custodian"),
        (
            CASE,
            _SOME_ITEMS,
            Field("order", TEXT, help=N_("Order or letter that asks for it.")),
            REASON,
        ),
        (same_case,),
        lambda state, act: _set_hold(state, act, act.seq),
    ),
    EventType(
        "release",
        N_("end of a legal hold"),
        N_("Lift a legal hold."),
        N_("{actor} lifted the legal hold on {things}, by the order {order}"),
        ("manager",),
        (CASE, _SOME_ITEMS, Field("order", TEXT, help=N_("Order that lifts it.")), REASON),
        (same_case, _on_hold),
        lambda state, act: _set_hold(state, act, 0),
    ),
    EventType(
        "plan",
        N_("sampling plan"),
        N_("Record how the examined items were chosen from the whole."),
        N_("{actor} recorded the sampling plan: {chosen} chosen of {population}, method: {method}"),
        ("custodian", "analyst", "manager"),
        (
            CASE,
            Field("population", INTEGER, help=N_("Size of the whole.")),
            Field(
                "grouping", LONG_TEXT, help=N_("Groups that were formed, and the number in each.")
            ),
            Field("method", LONG_TEXT, help=N_("Method by which the sampled items were chosen.")),
            Field("chosen", INTEGER, help=N_("How many were chosen.")),
            Field("chosen_by", IDENTIFIER, help=N_("Who chose.")),
            _SOME_ITEMS,
            Field("reference", TEXT, False, help=N_("Guideline followed.")),
        ),
        (same_case, person_known("chosen_by")),
    ),
    EventType(
        "question",
        N_("question put to the laboratory"),
        N_(
            "Record who asks what about a thing, as two propositions, before the finding that answers it."
        ),
        N_("{actor} recorded a question of {asked_by} ({kind}) on {thing}: “{question}”"),
        ("custodian", "analyst", "manager"),
        (
            CASE,
            ITEM,
            Field("kind", choice(*FINDING_KINDS), help=N_("Kind of finding that answers it.")),
            Field("asked_by", TEXT, True, True, help=N_("Who asks.")),
            Field("question", LONG_TEXT, help=N_("The question in words.")),
            Field(
                "named",
                TEXT,
                False,
                help=N_(
                    "Taxon, origin or relationship (same, parent, full_sibs …) of the first proposition."
                ),
            ),
            Field(
                "against",
                TEXT,
                False,
                help=N_(
                    "That of the second; or of a taxon congener, missing or other, of an origin other, of kin "
                    "unrelated."
                ),
            ),
            Field("beside", IDENTIFIER, False, help=N_("The other animal, of individuals or kin.")),
        ),
        (same_case, _whole_question),
    ),
    EventType(
        "attach",
        N_("attachment"),
        N_("Attach files to a case or to things."),
        N_("{actor} attached {attachments}: {description}"),
        (),
        (
            CASE,
            _SOME_ITEMS,
            Field("description", LONG_TEXT, help=N_("What they show.")),
            Field("attachments", ATTACHMENTS, help=N_("The files.")),
        ),
        (same_case,),
    ),
    EventType(
        "tally",
        N_("count of the events"),
        N_("Count the events of a case, and name those on which it rests, for a bundle of it."),
        N_("{actor} counted the events of the case {case}"),
        ("manager", "reviewer", "custodian"),
        (
            CASE,
            Field(
                "rests_on", SEQS, help=N_("Events of other cases, or of none, on which it rests.")
            ),
        ),
        (case_known, _names_all),
    ),
    EventType(
        "disclose",
        N_("disclosure"),
        N_("Record that a bundle of the case was handed to a party."),
        N_("{actor} disclosed the case {case} to {recipient}"),
        ("manager", "reviewer", "custodian"),
        (
            CASE,
            Field("bundle", HASH, help=N_("SHA-256 of the bundle.")),
            Field("size", SEQ, help=N_("Size of the head in it.")),
            Field("root", HASH, help=N_("Root of the head in it.")),
            Field("head", SEQ, False, help=N_("Number of that head among the ledger's heads.")),
            Field("recipient", TEXT, True, True, help=N_("To whom.")),
            Field("withheld", LONG_TEXT, False, help=N_("What was withheld and why.")),
        ),
        (case_known,),
    ),
)
