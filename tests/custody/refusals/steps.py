"""Steps and values that scenes share; a value that is not known before is a function of the laboratory."""

from laboratory import C1, amina, row

from forensics.custody import PrivateKey

KEY = PrivateKey.generate()


def in_hours(hours):
    return lambda lab: lab.in_hours(hours)


def later(hours):
    return lambda lab: lab.clock.forward(hours=hours)


def photos(lab):
    return [lab.photo()]


def received(lab):
    return lab.received


def agreed(lab):
    return max(lab.state.authorisations)


def finding(lab):
    return max(lab.state.findings)


def agreeing(act, *things, by="chen", **options):
    """Let a second person agree to an act of C1."""

    def step(lab):
        given = {name: one(lab) if callable(one) else one for name, one in options.items()}
        lab.authorise(act, *things, by=by, **given)

    return step


def correcting(field, old=None, new="y"):
    """Correct the receipt of C1, agreed by a second person; without `old` from what it says."""

    def step(lab):
        seq = lab.received
        lab.corrected(seq, field, lab.amina.event(seq).fields[field] if old is None else old, new)

    return step


def key_of(person, key=KEY, proved=None):
    """Return the fields by which a person gets a key, with the proof of having it or another."""
    text, shown = key.public.text, proved or key
    return {
        "person": person, "public_key": text, "proof": lambda lab: lab.amina.proof(person, shown)
    }  # fmt: skip


def offer(thing="C1/1", to="bruno", **more):
    return {"case": "C1", "things": [thing], "to": to, "deadline": in_hours(1), **more}


def attach(person, **more):
    return person.attach(case="C1", description="x", attachments=photos, **more)


def receive(*names, **more):
    return amina.receive(case="C1", exhibits=[row(name) for name in names], **more)


def hand_over(giver, receiver, thing="C1/1"):
    return lambda lab: lab.hand_over(giver, receiver, thing)


OFFERED = amina.offer(**offer())
ON_PAPER = {"on_behalf_of": "officer", "paper": "F-1", "attachments": photos}
BOXED = {"case": "C1", "things": ["BOX"]}
IN_BOX = {**C1, "container": "BOX"}
boxed = amina.container(case="C1", container="BOX")
