"""Made by docs/make_acts.py from the table of event types."""

import os
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal, TypedDict, Unpack

from forensics.custody.appending import Receipt

class OfEveryAct(TypedDict, total=False):
    late_reason: str | None
    note: str | None
    actor: str | None
    occurred_at: str | None
    attachments: Sequence[str | os.PathLike[str]]
    dry_run: bool

class Recording:
    def init(
        self,
        *,
        laboratory: str,
        rules: Literal["1"],
        person: str,
        name: str,
        roles: list[
            Literal[
                "administrator", "manager", "custodian", "analyst", "reviewer", "outside", "witness"
            ]
        ],
        public_key: str,
        key_expires: str | None = None,
        policy: dict[str, Any] | None = None,
        **more: Unpack[OfEveryAct],
    ) -> Receipt:
        """Begin a ledger.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        laboratory
            Name of the laboratory.
        rules
            Version of the rules.
        person
            Short name of the person in this ledger.
        name
            Full name.
        roles
            Roles.
        public_key
            Public key.
        key_expires
            When the key expires.
        policy
            The laboratory's policy.
        """

    def policy(
        self,
        *,
        policy: dict[str, Any],
        reason: str,
        authorisation: int | None = None,
        **more: Unpack[OfEveryAct],
    ) -> Receipt:
        """Change the laboratory's policy; relaxing it takes two people.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        policy
            What changes.
        reason
            Why.
        authorisation
            Number of the event in which the second person agreed.
        """

    def enrol(
        self,
        *,
        person: str,
        name: str,
        roles: list[
            Literal[
                "administrator", "manager", "custodian", "analyst", "reviewer", "outside", "witness"
            ]
        ],
        agency: str | None = None,
        public_key: str | None = None,
        key_expires: str | None = None,
        proof: str | None = None,
        **more: Unpack[OfEveryAct],
    ) -> Receipt:
        """Enrol a person, with a key or without one.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        person
            Short name of the person in this ledger.
        name
            Full name.
        roles
            Roles.
        agency
            Agency or laboratory, if another.
        public_key
            Public key.
        key_expires
            When the key expires.
        proof
            Signature that proves possession of the private key.
        """

    def rotate(
        self,
        *,
        person: str,
        public_key: str,
        proof: str,
        key_expires: str | None = None,
        **more: Unpack[OfEveryAct],
    ) -> Receipt:
        """Replace your own key by a new one.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        person
            Short name of the person in this ledger.
        public_key
            Public key.
        proof
            Signature that proves possession of the private key.
        key_expires
            When the key expires.
        """

    def reenrol(
        self,
        *,
        person: str,
        public_key: str,
        proof: str,
        reason: str,
        key_expires: str | None = None,
        authorisation: int | None = None,
        **more: Unpack[OfEveryAct],
    ) -> Receipt:
        """Re-enrol a person who lost the key or passphrase; takes two other people.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        person
            Short name of the person in this ledger.
        public_key
            Public key.
        proof
            Signature that proves possession of the private key.
        reason
            Why.
        key_expires
            When the key expires.
        authorisation
            Number of the event in which the second person agreed.
        """

    def revoke(
        self,
        *,
        person: str,
        reason: str,
        revoked_key: str | None = None,
        **more: Unpack[OfEveryAct],
    ) -> Receipt:
        """End a key, or all keys of a person.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        person
            Short name of the person in this ledger.
        reason
            Why.
        revoked_key
            Key id; all of them if left out.
        """

    def roles(
        self,
        *,
        person: str,
        roles: list[
            Literal[
                "administrator", "manager", "custodian", "analyst", "reviewer", "outside", "witness"
            ]
        ],
        reason: str,
        **more: Unpack[OfEveryAct],
    ) -> Receipt:
        """Change the roles of a person.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        person
            Short name of the person in this ledger.
        roles
            Roles.
        reason
            Why.
        """

    def competence(
        self,
        *,
        person: str,
        competence: str,
        valid_from: str,
        valid_until: str,
        **more: Unpack[OfEveryAct],
    ) -> Receipt:
        """Record what a person is competent in, and until when.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        person
            Short name of the person in this ledger.
        competence
            Kind of act or run, such as extraction.
        valid_from
            From when.
        valid_until
            Until when.
        """

    def case(
        self,
        *,
        case: str,
        agency: str | None = None,
        reference: str | None = None,
        title: str | None = None,
        **more: Unpack[OfEveryAct],
    ) -> Receipt:
        """Open a case.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        case
            Case.
        agency
            Agency that investigates.
        reference
            Their number of the case.
        title
            What it is about.
        """

    def authorise(
        self,
        *,
        act: str,
        reason: str,
        case: str | None = None,
        things: list[str] | None = None,
        person: str | None = None,
        subject: str | None = None,
        content: dict[str, Any] | None = None,
        **more: Unpack[OfEveryAct],
    ) -> Receipt:
        """Authorise another person to do once an act that takes two people.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        act
            Type of the act that is allowed.
        reason
            Why.
        case
            Case.
        things
            Things concerned; default: the whole case.
        person
            Person who may do it; default: anyone else.
        subject
            Other subject: person (reenrol), run (deviation), event (correct).
        content
            Exact content that is approved: the decisive fields of the act.
        """

    def hold(
        self,
        *,
        case: str,
        order: str,
        reason: str,
        things: list[str] | None = None,
        **more: Unpack[OfEveryAct],
    ) -> Receipt:
        """Put a legal hold on a case or on things, which forbids their disposal.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        case
            Case.
        order
            Order or letter that asks for it.
        reason
            Why.
        things
            Things concerned; default: the whole case.
        """

    def release(
        self,
        *,
        case: str,
        order: str,
        reason: str,
        things: list[str] | None = None,
        **more: Unpack[OfEveryAct],
    ) -> Receipt:
        """Lift a legal hold.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        case
            Case.
        order
            Order that lifts it.
        reason
            Why.
        things
            Things concerned; default: the whole case.
        """

    def plan(
        self,
        *,
        case: str,
        population: int,
        grouping: str,
        method: str,
        chosen: int,
        chosen_by: str,
        things: list[str] | None = None,
        reference: str | None = None,
        **more: Unpack[OfEveryAct],
    ) -> Receipt:
        """Record how the examined items were chosen from the whole.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        case
            Case.
        population
            Size of the whole.
        grouping
            Groups that were formed, and the number in each.
        method
            Method by which the sampled items were chosen.
        chosen
            How many were chosen.
        chosen_by
            Who chose.
        things
            Things concerned; default: the whole case.
        reference
            Guideline followed.
        """

    def question(
        self,
        *,
        case: str,
        thing: str,
        kind: Literal[
            "identification", "origin", "individual", "sex", "age", "morphology", "other"
        ],
        asked_by: str,
        question: str,
        named: str | None = None,
        against: str | None = None,
        beside: str | None = None,
        **more: Unpack[OfEveryAct],
    ) -> Receipt:
        """Record who asks what about a thing, as two propositions, before the finding that answers it.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        case
            Case.
        thing
            Exhibit, sample or container.
        kind
            Kind of finding that answers it.
        asked_by
            Who asks.
        question
            The question in words.
        named
            Taxon, origin or relationship (same, parent, full_sibs …) of the first proposition.
        against
            That of the second; or of a taxon congener, missing or other, of an origin other, of kin unrelated.
        beside
            The other animal, of individuals or kin.
        """

    def attach(
        self,
        *,
        case: str,
        description: str,
        things: list[str] | None = None,
        **more: Unpack[OfEveryAct],
    ) -> Receipt:
        """Attach files to a case or to things.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        case
            Case.
        description
            What they show.
        things
            Things concerned; default: the whole case.
        """

    def tally(self, *, case: str, rests_on: list[int], **more: Unpack[OfEveryAct]) -> Receipt:
        """Count the events of a case, and name those on which it rests, for a bundle of it.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        case
            Case.
        rests_on
            Events of other cases, or of none, on which it rests.
        """

    def disclose(
        self,
        *,
        case: str,
        bundle: str,
        size: int,
        root: str,
        recipient: str,
        head: int | None = None,
        withheld: str | None = None,
        **more: Unpack[OfEveryAct],
    ) -> Receipt:
        """Record that a bundle of the case was handed to a party.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        case
            Case.
        bundle
            SHA-256 of the bundle.
        size
            Size of the head in it.
        root
            Root of the head in it.
        recipient
            To whom.
        head
            Number of that head among the ledger's heads.
        withheld
            What was withheld and why.
        """

    def receive(
        self,
        *,
        case: str,
        exhibits: list[dict[str, Any]],
        purpose: Literal[
            "casework", "reference", "validation", "control", "proficiency", "training"
        ]
        | None = None,
        seized_at: str | None = None,
        seizing_agency: str | None = None,
        seizure_place: str | None = None,
        seizure_position: str | None = None,
        received_from: str | None = None,
        paper: str | None = None,
        **more: Unpack[OfEveryAct],
    ) -> Receipt:
        """Receive exhibits from outside: one, or a list in one act.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        case
            Case.
        exhibits
            The exhibits.
        purpose
            Their purpose.
        seized_at
            When they were seized.
        seizing_agency
            Who seized them.
        seizure_place
            Where they were seized.
        seizure_position
            Latitude and longitude, WGS 84.
        received_from
            Who brought them.
        paper
            Number of the form that was signed.
        """

    def merge(
        self,
        *,
        case: str,
        exhibits: list[dict[str, Any]],
        field_ledger: str,
        size: int,
        root: str,
        copy: str,
        purpose: Literal[
            "casework", "reference", "validation", "control", "proficiency", "training"
        ]
        | None = None,
        received_from: str | None = None,
        **more: Unpack[OfEveryAct],
    ) -> Receipt:
        """Take in exhibits that were recorded offline, in a field ledger of one case.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        case
            Case.
        exhibits
            The exhibits.
        field_ledger
            Id of the field ledger.
        size
            Number of its events.
        root
            Root of its tree.
        copy
            SHA-256 of its copy among the attachments.
        purpose
            Their purpose.
        received_from
            Who brought them.
        """

    def split(
        self,
        *,
        case: str,
        thing: str,
        samples: list[dict[str, Any]],
        loss: str | Decimal | None = None,
        method: str | None = None,
        authorisation: int | None = None,
        **more: Unpack[OfEveryAct],
    ) -> Receipt:
        """Take samples from an exhibit or a sample.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        case
            Case.
        thing
            Exhibit, sample or container.
        samples
            The samples.
        loss
            What was lost, in the unit of the thing.
        method
            How they were taken.
        authorisation
            Number of the event in which the second person agreed.
        """

    def container(
        self,
        *,
        case: str,
        container: str,
        description: str | None = None,
        **more: Unpack[OfEveryAct],
    ) -> Receipt:
        """Set up a container: a bag, tube rack or box into which things of a case are packed.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        case
            Case.
        container
            Name of the container; unique in the ledger.
        description
            What it is.
        """

    def dispose(
        self,
        *,
        case: str,
        things: list[str],
        method: str,
        order: str | None = None,
        authorisation: int | None = None,
        **more: Unpack[OfEveryAct],
    ) -> Receipt:
        """Dispose of things; takes two people.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        case
            Case.
        things
            Exhibits, samples or containers.
        method
            How: destroyed, returned to the owner, given away.
        order
            Order that it follows.
        authorisation
            Number of the event in which the second person agreed.
        """

    def consume(
        self,
        *,
        case: str,
        thing: str,
        quantity: str | Decimal,
        unit: str,
        used_for: str,
        run: str | None = None,
        authorisation: int | None = None,
        **more: Unpack[OfEveryAct],
    ) -> Receipt:
        """Record that some of a sample was used up.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        case
            Case.
        thing
            Exhibit, sample or container.
        quantity
            How much.
        unit
            Its unit.
        used_for
            What for.
        run
            Run that it was used in.
        authorisation
            Number of the event in which the second person agreed.
        """

    def measure(
        self,
        *,
        case: str,
        thing: str,
        quantity: str | Decimal,
        unit: str,
        instrument: str | None = None,
        cause: str | None = None,
        gross: bool | None = None,
        **more: Unpack[OfEveryAct],
    ) -> Receipt:
        """Weigh or count again; a difference from the ledger is flagged.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        case
            Case.
        thing
            Exhibit, sample or container.
        quantity
            How much.
        unit
            Its unit.
        instrument
            Balance or pipette.
        cause
            Reason for a difference, such as drying.
        gross
            Weight with packaging and seals; it is compared only with the last such weight.
        """

    def seal(
        self,
        *,
        case: str,
        sealed: list[dict[str, Any]],
        condition: str | None = None,
        **more: Unpack[OfEveryAct],
    ) -> Receipt:
        """Put numbered seals on things.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        case
            Case.
        sealed
            What is sealed with which seal.
        condition
            Condition, if it had been opened.
        """

    def open(
        self,
        *,
        case: str,
        thing: str,
        condition: str,
        seals: list[str] | None = None,
        kept: str | None = None,
        **more: Unpack[OfEveryAct],
    ) -> Receipt:
        """Break the seals of a thing to work on it.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        case
            Case.
        thing
            Exhibit, sample or container.
        condition
            Condition found.
        seals
            Seal numbers as read; if they differ from those recorded, an alert is raised.
        kept
            Where the broken seals are kept.
        """

    def pack(
        self, *, case: str, container: str, things: list[str], **more: Unpack[OfEveryAct]
    ) -> Receipt:
        """Put things into a container.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        case
            Case.
        container
            Container.
        things
            Exhibits, samples or containers.
        """

    def unpack(
        self, *, case: str, container: str, things: list[str], **more: Unpack[OfEveryAct]
    ) -> Receipt:
        """Take things out of a container.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        case
            Case.
        container
            Container.
        things
            Exhibits, samples or containers.
        """

    def offer(
        self,
        *,
        case: str,
        things: list[str],
        to: str,
        deadline: str,
        carrier: str | None = None,
        seals: list[str] | None = None,
        paper: str | None = None,
        on_behalf_of: str | None = None,
        **more: Unpack[OfEveryAct],
    ) -> Receipt:
        """Offer things to another person, who accepts or refuses.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        case
            Case.
        things
            Exhibits, samples or containers.
        to
            Person to whom.
        deadline
            Until when it must have arrived.
        carrier
            Courier and number of the consignment.
        seals
            Seal numbers as read; if they differ from those recorded, an alert is raised.
        paper
            Number of the form that was signed on paper.
        on_behalf_of
            Person without a key who signed the form.
        """

    def accept(
        self,
        *,
        case: str,
        things: list[str],
        seals: list[str] | None = None,
        broken_seals: list[str] | None = None,
        condition: str | None = None,
        paper: str | None = None,
        on_behalf_of: str | None = None,
        **more: Unpack[OfEveryAct],
    ) -> Receipt:
        """Accept an offer; the things are then in your custody.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        case
            Case.
        things
            Exhibits, samples or containers.
        seals
            Seal numbers as read; if they differ from those recorded, an alert is raised.
        broken_seals
            Numbers of seals that were found broken.
        condition
            Condition found.
        paper
            Number of the form that was signed on paper.
        on_behalf_of
            Person without a key who signed the form.
        """

    def refuse(
        self,
        *,
        case: str,
        things: list[str],
        reason: str,
        paper: str | None = None,
        on_behalf_of: str | None = None,
        **more: Unpack[OfEveryAct],
    ) -> Receipt:
        """Refuse an offer, or withdraw your own.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        case
            Case.
        things
            Exhibits, samples or containers.
        reason
            Why.
        paper
            Number of the form that was signed on paper.
        on_behalf_of
            Person without a key who signed the form.
        """

    def lost(
        self, *, case: str, things: list[str], circumstances: str, **more: Unpack[OfEveryAct]
    ) -> Receipt:
        """Report things lost.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        case
            Case.
        things
            Exhibits, samples or containers.
        circumstances
            What is known.
        """

    def found(
        self, *, case: str, things: list[str], circumstances: str, **more: Unpack[OfEveryAct]
    ) -> Receipt:
        """Report lost things found; you keep them until a second person accepts them.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        case
            Case.
        things
            Exhibits, samples or containers.
        circumstances
            Where and how.
        """

    def location(
        self,
        *,
        location: str,
        parent: str | None = None,
        description: str | None = None,
        **more: Unpack[OfEveryAct],
    ) -> Receipt:
        """Set up a location: a room, a freezer, a shelf in it.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        location
            Location.
        parent
            Location that it is in.
        description
            What it is.
        """

    def store(
        self,
        *,
        case: str,
        things: list[str],
        location: str,
        witness: str | None = None,
        **more: Unpack[OfEveryAct],
    ) -> Receipt:
        """Put things into a location.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        case
            Case.
        things
            Exhibits, samples or containers.
        location
            Location.
        witness
            Who saw it.
        """

    def retrieve(
        self,
        *,
        case: str,
        things: list[str],
        witness: str | None = None,
        **more: Unpack[OfEveryAct],
    ) -> Receipt:
        """Take things out of a location.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        case
            Case.
        things
            Exhibits, samples or containers.
        witness
            Who saw it.
        """

    def run(
        self,
        *,
        run: str,
        kind: Literal["extraction", "amplification", "sequencing", "other"],
        protocol: str | None = None,
        plate: str | None = None,
        instrument: str | None = None,
        provider: str | None = None,
        lots: list[dict[str, Any]] | None = None,
        controls: list[dict[str, Any]] | None = None,
        **more: Unpack[OfEveryAct],
    ) -> Receipt:
        """Record a run: an extraction, amplification or sequencing batch with its controls.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        run
            Name of the run; unique in the ledger.
        kind
            Kind of run.
        protocol
            Protocol and its version.
        plate
            Plate.
        instrument
            Instrument.
        provider
            Outside provider, if any.
        lots
            Reagent lots.
        controls
            Controls.
        """

    def load(
        self, *, case: str, run: str, loaded: list[dict[str, Any]], **more: Unpack[OfEveryAct]
    ) -> Receipt:
        """Record which samples of a case went into a run.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        case
            Case.
        run
            Name of the run; unique in the ledger.
        loaded
            Samples and wells.
        """

    def control(
        self,
        *,
        run: str,
        control: str,
        result: Literal["passed", "failed"],
        observed: str | None = None,
        action: str | None = None,
        **more: Unpack[OfEveryAct],
    ) -> Receipt:
        """Record the result of a control, and the action taken.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        run
            Name of the run; unique in the ledger.
        control
            Control.
        result
            Result.
        observed
            What was seen.
        action
            Action taken.
        """

    def deviation(
        self, *, run: str, reason: str, authorisation: int | None = None, **more: Unpack[OfEveryAct]
    ) -> Receipt:
        """Accept a run although its controls are missing or failed; takes two people.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        run
            Name of the run; unique in the ledger.
        reason
            Reason why it may be used all the same.
        authorisation
            Number of the event in which the second person agreed.
        """

    def validate(
        self, *, library: str, name: str, scope: str, **more: Unpack[OfEveryAct]
    ) -> Receipt:
        """Accept a library, model, curve, clock or law package for casework, with the report of its validation or its manifest.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        library
            SHA-256 of the library, model, curve, clock or law package.
        name
            Its name and version.
        scope
            Loci, taxa, tissues or days for which it is accepted.
        """

    def finding(
        self,
        *,
        case: str,
        thing: str,
        kind: Literal[
            "identification", "origin", "individual", "sex", "age", "morphology", "other"
        ],
        result: Any,
        runs: list[str] | None = None,
        library: str | None = None,
        provenance: Any | None = None,
        **more: Unpack[OfEveryAct],
    ) -> Receipt:
        """Record a finding on a sample with how it was reached.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        case
            Case.
        thing
            Exhibit, sample or container.
        kind
            Kind of finding.
        result
            What was found.
        runs
            Runs that it rests on.
        library
            SHA-256 of the library, model, curve, clock or law package.
        provenance
            Software, parameters and inputs.
        """

    def reviewed(
        self,
        *,
        finding: int,
        case: str,
        outcome: Literal["agrees", "disagrees"],
        comment: str | None = None,
        stage: Literal["technical", "administrative"] | None = None,
        interpretation: str | None = None,
        blind: bool | None = None,
        authorisation: int | None = None,
        **more: Unpack[OfEveryAct],
    ) -> Receipt:
        """Say whether you agree with a finding of another person.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        finding
            Number of the finding's event.
        case
            Case.
        outcome
            Outcome.
        comment
            Why.
        stage
            Review of the data (technical), or later of the report (administrative); default: technical.
        interpretation
            The reviewer's own interpretation of the raw data, made before seeing the call.
        blind
            Whether it was written down before the call was seen.
        authorisation
            Number of the event in which the second person agreed.
        """

    def report(
        self,
        *,
        case: str,
        findings: list[int],
        number: str | None = None,
        replaces: int | None = None,
        reason: str | None = None,
        authorisation: int | None = None,
        **more: Unpack[OfEveryAct],
    ) -> Receipt:
        """Issue a report on findings.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        case
            Case.
        findings
            Numbers of the findings' events.
        number
            Number of the report.
        replaces
            Event of the report that this one replaces.
        reason
            Why it is replaced.
        authorisation
            Number of the event in which the second person agreed.
        """

    def deposit(
        self,
        *,
        case: str,
        thing: str,
        name: str,
        authorisation: int | None = None,
        **more: Unpack[OfEveryAct],
    ) -> Receipt:
        """Record that the sequence of a sample enters a library.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        case
            Case.
        thing
            Exhibit, sample or container.
        name
            Name of the library.
        authorisation
            Number of the event in which the second person agreed.
        """

    def correct(
        self,
        *,
        event: int,
        field: str,
        old: Any,
        new: Any,
        reason: str,
        case: str | None = None,
        authorisation: int | None = None,
        **more: Unpack[OfEveryAct],
    ) -> Receipt:
        """Correct a statement; the original stays, and it takes two people.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        event
            Number of the event.
        field
            Field that is wrong.
        old
            Its value.
        new
            The right value.
        reason
            Why.
        case
            Case of that event, if it has one.
        authorisation
            Number of the event in which the second person agreed.
        """

    def erase(
        self,
        *,
        event: int,
        order: str,
        reason: str,
        case: str | None = None,
        erased: list[str] | None = None,
        erased_files: list[str] | None = None,
        left: list[str] | None = None,
        authorisation: int | None = None,
        **more: Unpack[OfEveryAct],
    ) -> Receipt:
        """Erase names of persons and places by order of a court; takes two people.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        event
            Number of the event.
        order
            Order of the court.
        reason
            Why.
        case
            Case of that event, if it has one.
        erased
            Fields that are erased.
        erased_files
            SHA-256 of attachments erased.
        left
            Where the value also occurs and stays, such as 12:title, after a person has checked it.
        authorisation
            Number of the event in which the second person agreed.
        """

    def discrepancy(
        self,
        *,
        case: str,
        kind: Literal["seal broken", "seal number", "weight", "missing", "damage", "other"],
        description: str,
        things: list[str] | None = None,
        seals: list[str] | None = None,
        cause: str | None = None,
        **more: Unpack[OfEveryAct],
    ) -> Receipt:
        """Report a discrepancy; it is recorded in every case.

        All else is as of `Ledger.add`.

        Parameters
        ----------
        case
            Case.
        kind
            Kind of discrepancy.
        description
            What was seen.
        things
            Things it is about.
        seals
            Seal numbers it is about.
        cause
            Why, if that is known.
        """
