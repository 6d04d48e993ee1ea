"""The balance: what is consumed, lost, split off and returned adds up within the tolerance."""

from decimal import Decimal

from forensics.custody.acts.common import (
    AT_WORK,
    AUTHORISATION,
    CASE,
    ITEM,
    authorised,
    unsealed,
    use_authorisation,
)
from forensics.custody.fields import (
    DECIMAL_TEXT,
    FLAG,
    IDENTIFIER,
    LONG_TEXT,
    TEXT,
    UNIT,
    Field,
    convert,
    dimension,
    plain,
    same_dimension,
)
from forensics.custody.rules import Act, EventType, refusal
from forensics.custody.state import Item, State
from forensics.messages import N_, _, numeral

AMOUNT = (
    Field("quantity", DECIMAL_TEXT, help=N_("How much.")),
    Field("unit", UNIT, help=N_("Its unit.")),
)


def tolerance(state: State, amount: Decimal, unit: str) -> Decimal:
    """Return how far a quantity may be off, in `unit`: counts are exact."""
    kind = dimension(unit)
    if kind == "count":
        return Decimal(0)
    absolute = convert(
        Decimal(state.policy[f"tolerance_{kind}"]), "g" if kind == "mass" else "mL", unit
    )
    return max(absolute, amount * Decimal(state.policy["tolerance_share"]))


def same_unit(name: str, item: Item, unit: str) -> None:
    """Refuse a quantity whose unit cannot be converted into the thing's."""
    if not item.unit or not same_dimension(unit, item.unit):
        raise refusal(
            "UNIT",
            _("{name} is kept in {expected}, found {found}."),
            name=name,
            expected=item.unit or _("no unit"),
            found=unit,
        )


def enough(state: State, name: str, amount: Decimal) -> None:
    """Refuse taking `amount` (in the thing's unit) where there is less, beyond the tolerance."""
    item = state.things[name]
    if amount > item.balance + tolerance(state, item.balance, item.unit):
        raise refusal(
            "BALANCE",
            _(
                "{name} has {left} {unit} left, so {amount} {unit} cannot be taken. If there is "
                "more, measure it first."
            ),
            name=name,
            left=numeral(plain(item.balance)),
            unit=item.unit,
            amount=numeral(plain(amount)),
        )


def _use(state: State, name: str, amount: Decimal) -> tuple[Item, Decimal] | None:
    """Return the exhibit that `amount` of a thing is used of, and how much in its unit."""
    item = state.things[name]
    root = state.things[item.root]
    if root.unit and item.unit and same_dimension(item.unit, root.unit):
        return root, convert(amount, item.unit, root.unit)
    return None  # of an extract, whose making was counted


def sparing(state: State, act: Act, name: str, amount: Decimal) -> None:
    """Refuse to use up more of an exhibit than the policy's shares without an authorisation."""
    if "authorisation" in act.fields:  # asked for or not, it is used, and once
        authorised(state, act)
        return
    use = _use(state, name, amount)
    if use is None or not amount:
        return
    root, used = use
    after = root.used + used
    if after > root.whole * Decimal(state.policy["use_share"]):
        rule = "SHARE"
    elif root.whole - after < root.whole * Decimal(state.policy["keep_share"]):
        rule = "PORTION"
    else:
        return
    raise refusal(
        rule,
        _(
            "This would use up {used} of {whole} {unit} of {root}; a manager must authorise it "
            "first (authorise {type})."
        ),
        used=numeral(plain(after)),
        whole=numeral(plain(root.whole)),
        unit=root.unit,
        root=state.things[name].root,
        type=act.type,
    )


def withdraw(state: State, act: Act, name: str, amount: Decimal, *, used: Decimal) -> None:
    """Take `amount` off the book of a thing, `used` of it for good (both in its unit)."""
    item = state.things[name]
    if amount > item.balance:
        state.flag(act.seq, "BALANCE-OVER", name)
    item.remaining = max(Decimal(0), item.balance - amount)
    item.gross = None
    use = _use(state, name, used)
    if use:
        use[0].used += use[1]


def _amount(state: State, act: Act) -> Decimal:
    return convert(Decimal(act["quantity"]), act["unit"], state.things[act["thing"]].unit)


def _unit_fits(state: State, act: Act) -> None:
    same_unit(act["thing"], state.things[act["thing"]], act["unit"])


def _measure_fits(state: State, act: Act) -> None:
    # A tooth is kept in pieces and its bag is weighed in grams.
    if not act.get("gross", False):
        _unit_fits(state, act)


def _enough(state: State, act: Act) -> None:
    enough(state, act["thing"], _amount(state, act))


def _sparing(state: State, act: Act) -> None:
    sparing(state, act, act["thing"], _amount(state, act))


def _has_parent(state: State, act: Act) -> None:
    item = state.things[act["thing"]]
    parent = state.things.get(item.parent)
    if parent is None or not parent.unit or not same_dimension(parent.unit, act["unit"]):
        raise refusal(
            "UNIT",
            _(
                "{name} cannot be returned, because it was not taken from a thing with a quantity "
                "of the same kind."
            ),
            name=act["thing"],
        )
    if (
        parent.gone
        or parent.seals
        or parent.offer
        or parent.container
        or parent.holder != act.actor
    ):
        raise refusal(
            "HELD-BY",
            _("{parent} must be open and with {actor} before anything is returned to it."),
            parent=item.parent,
            actor=act.actor,
        )


# -- what they change -------------------------------------------------------------------


def _consume(state: State, act: Act) -> None:
    amount = _amount(state, act)
    withdraw(state, act, act["thing"], amount, used=amount)
    use_authorisation(state, act)


def _return(state: State, act: Act) -> None:
    amount = _amount(state, act)
    withdraw(state, act, act["thing"], amount, used=Decimal(0))
    item = state.things[act["thing"]]
    parent = state.things[item.parent]
    parent.remaining = parent.balance + convert(amount, item.unit, parent.unit)
    parent.gross = None


def _weighed(state: State, act: Act) -> None:
    """Refuse a net quantity through a seal, and a gross one that is not a weight."""
    item = state.things[act["thing"]]
    if not act.get("gross", False):
        if item.seals:
            raise refusal(
                "SEAL-CLOSED",
                _(
                    "{name} is sealed ({seals}), so its content cannot be weighed or counted. "
                    "Weigh it with its packaging (--gross yes), or open it first."
                ),
                name=act["thing"],
                seals=", ".join(item.seals),
            )
    elif dimension(act["unit"]) != "mass":
        raise refusal(
            "UNIT",
            _("A gross weight is in g, mg, ug or kg; found {unit}."),
            unit=act["unit"],
        )


def _measure(state: State, act: Act) -> None:
    if act.get("gross", False):
        _weigh_gross(state, act)
        return
    item, amount = state.things[act["thing"]], _amount(state, act)
    # Together, or a thing could be weighed away in steps that are each within the tolerance.
    item.drift += amount - item.balance
    if abs(item.drift) > tolerance(state, item.balance, item.unit):
        state.flag(act.seq, "WEIGHT", act["thing"])
        item.drift = Decimal(0)
    item.remaining, item.gross = amount, None


def _weigh_gross(state: State, act: Act) -> None:
    """Compare a weight with packaging with the one before, while nothing was opened; no book moves."""
    item, weight = state.things[act["thing"]], convert(Decimal(act["quantity"]), act["unit"], "g")
    if item.gross is not None:
        off = abs(weight - item.gross) > tolerance(state, item.gross, "g")
    elif dimension(item.unit) == "mass":  # a bag does not weigh less than what is in it
        inside = convert(item.balance, item.unit, "g")
        off = inside - weight > tolerance(state, inside, "g")
    else:
        off = False
    if off:
        state.flag(act.seq, "WEIGHT", act["thing"])
    # The first weight stays the measure, or a thing could be emptied in steps within the tolerance.
    if item.gross is None or off:
        item.gross = weight


TYPES = (
    EventType(
        "consume",
        N_("consumption"),
        N_("Record that some of a sample was used up."),
        N_("{actor} used up {quantity} of {thing} for {used_for}"),
        ("analyst",),
        (
            CASE,
            ITEM,
            *AMOUNT,
            Field("used_for", TEXT, help=N_("What for.")),
            Field("run", IDENTIFIER, False, help=N_("Run that it was used in.")),
            AUTHORISATION,
        ),
        (*AT_WORK, unsealed, _unit_fits, _enough, _sparing),
        _consume,
    ),
    EventType(
        "return",
        N_("return of what was left"),
        N_("Return the rest of a sample to what it was taken from."),
        N_("{actor} put {quantity} that was left of {thing} back to what it was taken from"),
        ("analyst",),
        (CASE, ITEM, *AMOUNT),
        (*AT_WORK, unsealed, _unit_fits, _has_parent, _enough),
        _return,
    ),
    EventType(
        "measure",
        N_("measurement of the quantity"),
        N_("Weigh or count again; a difference from the ledger is flagged."),
        N_("{actor} measured {thing} again: {quantity}"),
        ("analyst", "custodian"),
        (
            CASE,
            ITEM,
            *AMOUNT,
            Field("instrument", TEXT, False, help=N_("Balance or pipette.")),
            Field("cause", LONG_TEXT, False, help=N_("Reason for a difference, such as drying.")),
            Field(
                "gross",
                FLAG,
                False,
                help=N_(
                    "Weight with packaging and seals; it is compared only with the last such "
                    "weight."
                ),
            ),
        ),
        (*AT_WORK, _measure_fits, _weighed),
        _measure,
    ),
)
