"""What a report may lack or must not say: a code for each, and its clause where a standard asks for it."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from forensics.errors import VerificationError
from forensics.messages import N_, _

CLAUSES = {
    "TITLE": N_("a title (17025 7.8.2.1 a)"),
    "LABORATORY": N_("name and address of the laboratory (17025 7.8.2.1 b)"),
    "SITES": N_("where the work was done (17025 7.8.2.1 c)"),
    "NUMBER": N_("a number of its own (17025 7.8.2.1 d)"),
    "CUSTOMER": N_("name and contact of the customer (17025 7.8.2.1 e)"),
    "METHOD": N_("the method (17025 7.8.2.1 f)"),
    "ITEMS": N_("description, number and condition of the items (17025 7.8.2.1 g)"),
    "RECEIVED": N_("when the items were received (17025 7.8.2.1 h)"),
    "PERFORMED": N_("when the work was done (17025 7.8.2.1 i)"),
    "ISSUED": N_("the date of issue (17025 7.8.2.1 j)"),
    "SAMPLING": N_(
        "the sampling plan, if items were chosen from a larger number (17025 7.8.2.1 k)"
    ),
    "RESULTS": N_("the results (17025 7.8.2.1 m)"),
    "DEVIATIONS": N_("deviations from the method, or that there were none (17025 7.8.2.1 n)"),
    "AUTHORISED": N_("the person who authorises the report (17025 7.8.2.1 o)"),
    "OUTSIDE": N_("which results come from outside providers (17025 7.8.2.1 p)"),
    "AMENDED": N_("which report an amended report replaces, and why (17025 7.8.8)"),
    "OPINION": N_("author, kind and basis of an opinion (17025 7.8.7)"),
    "OPINION_AUTHORISED": N_("a person authorised for opinions (17025 7.8.7.1)"),
    "QUESTION": N_("the question that a finding answers, as it was recorded (21043-5, 5)"),
    "QUESTION_LATE": N_("a question that was recorded before its finding (21043-5, 5)"),
    "PROPOSITIONS": N_("both propositions, if a likelihood ratio is given (21043-5, 6)"),
    "INTEGRITY": N_("the quantity of every item (21043-5, 5)"),
    "UNCERTAINTY": N_("measurement uncertainty, or the reason why none applies (21043-5, 6)"),
    "REVIEWED": N_("a technical review of every finding (21043-5, 6)"),
    "DISAGREED": N_("a reviewer who agrees; the last technical reviewer does not"),
    "DATED": N_("a date of issue that is not before the events it reports"),
    "STRUCTURED": N_("an identification by this package, not a text written by hand"),
    "HAND_CORRECTED": N_(
        "a new finding, if a result or the way it was reached was corrected by hand"
    ),
    "PICTURE": N_("every attached picture, as it was recorded"),
    "REPRODUCED": N_("findings that are the same when computed again"),
    "CONTRADICTED": N_("results that agree with their own figures"),
    "AGAIN": N_("figures that were computed again; these are as recorded"),
    "BLIND_DIFFERS": N_("the reviewer's comment, if their own interpretation has another name"),
    "TAXON": N_("texts that name no taxon except those reported and the groups that contain them"),
    "PERSON": N_("texts that say nothing about guilt or about what a person in the case did"),
    "ODDS": N_("texts with no odds, probability or certainty other than those of its findings"),
    "BLIND": N_("the reviewer's own interpretation, made before seeing the call (21043-5, 6)"),
    "ROLES": N_(
        "technical reviewer, administrative reviewer, author of an opinion and authoriser who are different people, or a "
        "second person's authorisation"
    ),
    "ADMINISTRATIVE": N_("an administrative review of every finding (21043-5, 6)"),
    "CONTROLS": N_("controls that passed, or an approved deviation"),
    "LAW": N_(
        "law of the day of the seizure that a manager accepted, or a manager who authorises the report"
    ),
    "ERROR": N_("the error rate observed in validation for such calls"),
    "PRIORS": N_("the calls under other priors"),
    "LANGUAGE": N_("the language of the authoritative version"),
    "DECLARATION": N_("the declaration in the authoritative language"),
    "SECTION": N_("every section that has content"),
    "LEDGER": N_("the fingerprint of the ledger"),
    "DEMONSTRATION": N_("reference data that are not for demonstration"),
    "FALSE": N_("only what the ledger and the details state"),
    "FORM": N_("the form of a statement of this version"),
    "SOFTWARE": N_("the name of this software, and a version no newer than the one that checks"),
    "VERSION": N_(
        "the version of the software that checks, because words may differ between versions"
    ),
    "GROWN": N_(
        "a look at the later events of its case; it was compared with the ledger as it was when "
        "the report was built"
    ),
    "PRINTED": N_("pages that print what the statement inside says"),
    "INSIDE": N_("the attached files with which it was built, all of them valid"),
    "ADDED": N_("nothing added at its end except a signature that changes no page"),
    "SIGNATURE": N_("one signature that holds over the whole file"),
    "SIGNER": N_("a certificate issued under an authority that you trust"),
    "UNCOMPARED": N_(
        "the versions with which it was written; with others its pages cannot be compared"
    ),
    "ERASED": N_(
        "a look at the erasure order; the value stated here has since been erased by order and "
        "cannot be compared"
    ),
}
"""What each code asks for."""

NOT_REFUSED = (
    "AGAIN", "ERASED", "GROWN", "LAW", "QUESTION_LATE", "UNCOMPARED", "VERSION",
)  # fmt: skip
"""Codes for which no report is refused: nothing need be wrong."""


@dataclass(frozen=True)
class Problem:
    """Something that is missing or must not stand there.

    Attributes
    ----------
    code : str
        One of `CLAUSES`.
    field : str
        Where in the statement, such as ``customer.name``.
    found : str
        What stands there; empty where nothing does.
    """

    code: str
    field: str
    found: str = ""

    def __str__(self) -> str:
        text = _(" Found: “{text}”.").format(text=self.found) if self.found else ""
        return _("{code} {field}: a report needs {what}.{found}").format(
            code=self.code, field=self.field, what=_(CLAUSES[self.code]), found=text
        )

    @property
    def refuses(self) -> bool:
        """Whether a report with it is refused."""
        return self.code not in NOT_REFUSED

    def to_dict(self) -> dict[str, str]:
        """Return plain values."""
        return asdict(self)


def refuse_any(problems: Iterable[Problem]) -> None:
    """Refuse to go on where there is a problem.

    Raises
    ------
    VerificationError
        That names all of them.
    """
    if text := "\n".join(map(str, problems)):
        raise VerificationError(text)
