"""Notices of a listing: CITES Appendices and national law."""

from forensics.core.notice import NoticeKind, Severity, index_kinds
from forensics.messages import N_

BEFORE_CONVENTION = NoticeKind(
    "BEFORE_CONVENTION",
    Severity.INFORMS,
    N_("The Convention was not in force before 1975-07-01."),
    meaning="The day lies before the Convention.",
    advice="Check the day.",
)
SINCE_NOT_RECORDED = NoticeKind(
    "SINCE_NOT_RECORDED",
    Severity.INFORMS,
    N_(
        "Since when this listing is in force is not recorded here; it was on {day}. The "
        "History of CITES Listings says since when."
    ),
    meaning="Since when the listing is in force is not in the table.",
    advice="Look it up in the History of CITES Listings.",
)
HISTORY_NOT_HELD = NoticeKind(
    "HISTORY_NOT_HELD",
    Severity.LIMITS,
    N_(
        "What held for {taxon} before {day} is not in the table; the History of CITES "
        "Listings has it."
    ),
    meaning="What held before that day is not in the table.",
    advice="Look it up in the History of CITES Listings.",
)
ADOPTED_NOT_IN_FORCE = NoticeKind(
    "ADOPTED_NOT_IN_FORCE",
    Severity.INFORMS,
    N_("{taxon}, Appendix {appendix}: adopted at {meeting}, in force only since {day}."),
    meaning="A listing was adopted, and was not yet in force on that day.",
    advice="Use the day on which the act was done.",
)
MISSPELT = NoticeKind(
    "MISSPELT",
    Severity.LIMITS,
    N_("{name} is not a name that is known here; it is like {others}."),
    meaning="The name is not known here, and is like another.",
    advice="Check the name.",
)
BY_HIGHER_TAXON = NoticeKind(
    "BY_HIGHER_TAXON",
    Severity.INFORMS,
    N_(
        "{name} is not listed by itself here but as one of {taxon}. Whether the name is "
        "right, or another name of a species that is listed otherwise, is not seen."
    ),
    meaning="The name is listed as one of a higher taxon only.",
    advice="Check the name: a synonym may be listed otherwise.",
)
NOT_PLACED = NoticeKind(
    "NOT_PLACED",
    Severity.LIMITS,
    N_(
        "The table does not know the family of {name}: a listing of a family or an order "
        "could hold it."
    ),
    meaning="The table does not know the family of the name.",
    advice="Give its family and order (`--lineage`).",
)
NOT_LISTED_IS_NOT_UNPROTECTED = NoticeKind(
    "NOT_LISTED_IS_NOT_UNPROTECTED",
    Severity.CONTEXT,
    N_(
        "Where no listing is found here, national law, another treaty or a later amendment "
        "may protect it all the same."
    ),
    meaning="No listing does not mean no protection.",
    advice="Look at national law and other treaties.",
)
APPENDIX_III_INCOMPLETE = NoticeKind(
    "APPENDIX_III_INCOMPLETE",
    Severity.CONTEXT,
    N_("What single countries added to Appendix III after {day} may be missing here."),
    meaning="Additions of single countries to Appendix III may be missing.",
    advice="Load the official index (`--index`).",
)
AFTER_TABLE = NoticeKind(
    "AFTER_TABLE",
    Severity.CONTEXT,
    {
        "official": N_("The official list is of {as_of}; later amendments are not in it."),
        "table": N_(
            "The table states the Appendices of {as_of} and knows nothing of later "
            "amendments (CoP20 is in force since 2026-03-05)."
        ),
    },
    meaning="The day lies after the day of the table or of the official list.",
    advice="Load the official index (`--index`).",
)
APPENDIX_III = NoticeKind(
    "APPENDIX_III",
    Severity.INFORMS,
    N_(
        "Appendix III: an export permit where it comes from the country that listed it, else "
        "a certificate of origin (Article V)."
    ),
    meaning="Of Appendix III documents depend on the country.",
    advice="Ask for the export permit, or the certificate of origin.",
)
PRE_CONVENTION = NoticeKind(
    "PRE_CONVENTION",
    Severity.INFORMS,
    N_(
        "Acquired before the Convention applied to it: trade is exempt only with a "
        "certificate that says so (Article VII, paragraph 2)."
    ),
    meaning="The source code says that it was acquired before the Convention applied.",
    advice="Ask for the certificate.",
)
BRED = NoticeKind(
    "BRED",
    Severity.INFORMS,
    N_(
        "Bred in captivity or artificially propagated: a certificate stands in for the "
        "permits only where that is shown (Article VII, paragraph 5)."
    ),
    meaning="The source code says that it was bred or propagated.",
    advice="Ask for the certificate.",
)
SEIZED = NoticeKind(
    "SEIZED",
    Severity.INFORMS,
    N_("The code I says that it was seized, not where it came from."),
    meaning="The source code says that it was seized.",
    advice="Ask where it came from.",
)
DATE_NOT_SURE = NoticeKind(
    "DATE_NOT_SURE",
    Severity.LIMITS,
    N_(
        "Since when {taxon} is in Appendix {appendix} is not sure: {since} ({source}), or"
        " {earliest} without a delay; {doubt}. The History of CITES Listings decides."
    ),
    meaning="Since when a listing is in force is not sure.",
    advice="Look it up in the History of CITES Listings (`--index`).",
)
PLACEMENT_NOT_SURE = NoticeKind(
    "PLACEMENT_NOT_SURE",
    Severity.LIMITS,
    N_(
        "It is not sure that the listing of the {family} holds {genus}: {doubt}. Sources:"
        " {source}. The official list decides."
    ),
    meaning="Whether a listing of a family holds the genus is not sure.",
    advice="Look it up in the official list (`--index`).",
)
HYBRID_ANIMAL = NoticeKind(
    "HYBRID_ANIMAL",
    Severity.INFORMS,
    N_(
        "A hybrid animal is treated as a full species of the strictest Appendix of its "
        "ancestors in the previous four generations (Resolution Conf. 10.17)."
    ),
    meaning="A hybrid animal is treated as its most strictly listed ancestor.",
    advice="Look up the ancestors of four generations.",
)
HYBRID_PLANT = NoticeKind(
    "HYBRID_PLANT",
    Severity.INFORMS,
    N_(
        "A hybrid plant is subject to the Convention where one of its parents is, unless an "
        "annotation excludes it (Resolution Conf. 11.11)."
    ),
    meaning="A hybrid plant is subject to the Convention where a parent is.",
    advice="Look up the annotations.",
)
OFFICIAL_NOT_ASKED = NoticeKind(
    "OFFICIAL_NOT_ASKED",
    Severity.INFORMS,
    N_("The official list is not asked about hybrids."),
    meaning="The official list has no hybrids; the packaged table answers alone.",
    advice="Look up the parents.",
)

INDEX_HAS_NO_DATES = NoticeKind(
    "INDEX_HAS_NO_DATES",
    Severity.CONTEXT,
    N_("The index states the Appendices of {as_of}; for {day} the packaged table answers alone."),
    meaning="The official list has no dates, so it says only what holds now.",
    advice="Use the list of the day in question.",
)
OFFICIAL_DIFFERS = NoticeKind(
    "OFFICIAL_DIFFERS",
    Severity.LIMITS,
    N_(
        "The lists differ. Official list of {as_of}: {official}. Packaged table of {table}: {own}. The "
        "official list counts; its annotations are printed, not evaluated."
    ),
    meaning="The official list and the packaged table differ.",
    advice="The official list counts; read its annotations.",
)
NOT_IN_OFFICIAL_LIST = NoticeKind(
    "NOT_IN_OFFICIAL_LIST",
    Severity.LIMITS,
    {
        "near": N_(
            "{name} is not in the official list given ({file}, {as_of}). The list is a part: of the {number} taxa that "
            "are listed in {group} it holds {held}. The packaged table of {table} answers."
        ),
        "all": N_(
            "{name} is not in the official list given ({file}, {as_of}). The list is a part: of the {number} taxa that "
            "are listed it holds {held}. The packaged table of {table} answers."
        ),
    },
    meaning="The official list that was given does not hold the name, nor nine tenths of what the packaged table lists "
    "around it. It is a part of the list, and its silence says nothing.",
    advice="Download the whole list. Until then the answer is that of the packaged table.",
)
AMENDMENT_REPORTED = NoticeKind(
    "AMENDMENT_REPORTED",
    Severity.LIMITS,
    meaning="A later amendment was reported, and is not in the table.",
    advice="Check it against the official list (`--index`).",
)
REFUSAL_REPORTED = NoticeKind(
    "REFUSAL_REPORTED",
    Severity.LIMITS,
    meaning="A later proposal was reported as refused.",
    advice="Check it against the official list (`--index`).",
)

KINDS = index_kinds(globals())
"""All of them, by code."""
