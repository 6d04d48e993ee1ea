"""Numbers and names that stand on things: ours must not look like one another."""

from forensics.custody.fields import Labels
from forensics.custody.rules import Act, refusal
from forensics.custody.state import State
from forensics.messages import _


def new_label(labels: Labels, name: str) -> None:
    """Refuse a name of our own that looks like one that was given before."""
    other, _wider = labels.alike(name)
    if other is not None:
        raise refusal(
            "LOOKS-LIKE",
            _(
                "{name} ({points}) looks like {other}, which was given before; choose another."
            ).format(name=name, points=_points(name), other=other),
        )


def add_label(state: State, labels: Labels, act: Act, name: str) -> None:
    """Remember a name, and flag it if it can be taken for another."""
    alike, wider = labels.alike(name)
    other = alike or wider
    if other is not None:
        state.flag(act.seq, "LOOK-ALIKE", f"{name} / {other}")
    labels.add(name)


def _points(name: str) -> str:
    """Return the code points of what is not ASCII, since the eye cannot tell; else the length."""
    strange = [f"U+{ord(character):04X}" for character in name if not character.isascii()]
    if strange:
        return " ".join(strange)
    return _("{number} characters").format(number=len(name))
