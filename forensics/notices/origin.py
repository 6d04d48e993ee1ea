"""Notices of an origin: populations, maps, isotopes, haplotypes, several samples together."""

from forensics.core.notice import NoticeKind, Plural, Severity, index_kinds
from forensics.messages import N_

NO_LOCI = NoticeKind(
    "NO_LOCI",
    Severity.BLOCKS,
    {
        "population": N_("no locus of the reference was typed; the posterior is the prior"),
        "place": N_(
            "no locus of the model was typed completely; nothing can be said of the origin"
        ),
    },
    meaning="No locus of the reference was typed.",
    advice="Type loci of the reference.",
)
FEW_LOCI = NoticeKind(
    "FEW_LOCI",
    Severity.LIMITS,
    {
        "population": Plural(
            "{count} locus was typed, fewer than {least}",
            "{count} loci were typed, fewer than {least}",
        ),
        "card": N_(
            "{used} of {loci} loci typed; the figures of the model's card are of animals with more."
        ),
        "place": N_(
            "{loci} of {all} loci typed; the coverage of the regions was measured on animals "
            "with more"
        ),
    },
    meaning="Few loci were typed.",
    advice="Type more; the figures of the model are of animals with more.",
)
UNSEEN_ALLELES = NoticeKind(
    "UNSEEN_ALLELES",
    Severity.LIMITS,
    {
        "population": N_("alleles that no animal of the reference has, at: {loci}"),
        "place": N_(
            "alleles that the reference does not have: {alleles}; the animal may come from "
            "outside the reference, or the alleles are sized otherwise"
        ),
    },
    meaning="Alleles that no animal of the reference has.",
    advice="Ask whether the animal comes from outside the reference, or the alleles are sized "
    "otherwise.",
)
IGNORED_LOCI = NoticeKind(
    "IGNORED_LOCI",
    Severity.INFORMS,
    N_("loci that the reference does not have were not used: {loci}"),
    meaning="Loci that the reference does not have were not used.",
    advice="Nothing, if their names are right.",
)
SMALL_POPULATIONS = NoticeKind(
    "SMALL_POPULATIONS",
    Severity.CONTEXT,
    {
        "baseline": Plural(
            "{count} population of the reference has fewer than {least} animals: {names}",
            "{count} populations of the reference have fewer than {least} animals: {names}",
        ),
        "model": N_(
            "Fewer than {least} reference animals in: {names}. Their frequencies are not "
            "well known."
        ),
    },
    meaning="Populations of the reference with few animals.",
    advice="Add animals; report such a population with care.",
)
TOO_FEW_ANIMALS = NoticeKind(
    "TOO_FEW_ANIMALS",
    Severity.LIMITS,
    N_("{name} has {animals} reference animals; from {least} on it may be assigned."),
    meaning="The best population has too few reference animals to be assigned.",
    advice="Add animals of that population.",
)
CLASS_EXCLUDED = NoticeKind(
    "CLASS_EXCLUDED",
    Severity.BLOCKS,
    N_(
        "the classifier points to {name}, but of the animals of {name} only a share of {p:.3g} are as "
        "unlike it or more so; it is not named"
    ),
    meaning="The classifier points to a population that the sample does not fit.",
    advice="Assign with a model of populations, too, and compare.",
)
CROSS_LIKELIER = NoticeKind(
    "CROSS_LIKELIER",
    Severity.LIMITS,
    {
        "population": N_(
            "a cross of {first} and {second} is likelier than any one population, as for "
            "a share of {p:.2g} of the reference's own animals; no population is named"
        ),
        "place": N_(
            "a cross of animals of {first} and {second} is likelier than an animal of any one site, as for a "
            "share of {p:.2g} of the reference's own animals; a cross is placed between its parents, or wrongly"
        ),
    },
    meaning="A cross of two populations is likelier than an animal of any one of them.",
    advice="Report neither a population nor a place before a cross is ruled out by more loci.",
)
NOT_CONVERGED = NoticeKind(
    "NOT_CONVERGED",
    Severity.LIMITS,
    N_("the chains do not agree yet (R-hat {found:.3f}, at most {most})"),
    meaning="The chains of the mixture do not agree yet.",
    advice="Use more sweeps.",
)
EM_NOT_CONVERGED = NoticeKind(
    "EM_NOT_CONVERGED",
    Severity.LIMITS,
    N_("EM did not settle within {count} steps"),
    meaning="The estimate of the mixture did not settle.",
    advice="Report the intervals, not the estimate.",
)
HAPLOTYPE_UNSEEN = NoticeKind(
    "HAPLOTYPE_UNSEEN",
    Severity.LIMITS,
    N_("haplotype {name} was never seen in the reference"),
    meaning="The haplotype was never seen in the reference.",
    advice="Do not report a place.",
)
OUTLIERS = NoticeKind(
    "OUTLIERS",
    Severity.INFORMS,
    Plural(
        "{count} sample does not fit the place of any other: {names}",
        "{count} samples do not fit the place of any other, or fit it badly: {names}",
    ),
    meaning="Samples that fit the place of no other.",
    advice="Look at them one by one.",
)
FEW_REFERENCE_ANIMALS = NoticeKind(
    "FEW_REFERENCE_ANIMALS",
    Severity.CONTEXT,
    Plural(
        "the reference has {count} animal; below {least} the stated errors and coverages are "
        "themselves uncertain",
        "the reference has {count} animals; below {least} the stated errors and coverages "
        "are themselves uncertain",
    ),
    meaning="The reference has few animals, so stated errors and coverages are uncertain.",
    advice="Add animals.",
)
REGIONS_TOO_SMALL = NoticeKind(
    "REGIONS_TOO_SMALL",
    Severity.CONTEXT,
    N_(
        "90 % regions held only {share:.0%} of the animals of left-out sites; read the "
        "regions as smaller than they should be"
    ),
    meaning="Regions held fewer animals of left-out sites than they state.",
    advice="Read the regions as smaller than they should be.",
)
NO_SPATIAL_SIGNAL = NoticeKind(
    "NO_SPATIAL_SIGNAL",
    Severity.CONTEXT,
    N_(
        "on left-out sites the model told no more than the prior; these loci do not tell "
        "places of this reference apart"
    ),
    meaning="On left-out sites the model told no more than the prior.",
    advice="Use other loci.",
)
FAR_FROM_REFERENCE = NoticeKind(
    "FAR_FROM_REFERENCE",
    Severity.LIMITS,
    N_(
        "the best place is {away:.0f} km from the nearest reference animals; frequencies "
        "there are extrapolated"
    ),
    meaning="The best place is far from all reference animals.",
    advice="Report no place there without further evidence.",
)
REGION_AT_EDGE = NoticeKind(
    "REGION_AT_EDGE",
    Severity.LIMITS,
    N_("the 95 % region reaches the edge of the grid; the origin may lie beyond it"),
    meaning="The region reaches the edge of the grid.",
    advice="Use a larger grid.",
)
PRIOR_MATTERS = NoticeKind(
    "PRIOR_MATTERS",
    Severity.LIMITS,
    N_(
        "under the second prior the best place lies outside the 50 % region; the conclusion "
        "depends on the prior"
    ),
    meaning="Another prior gives another place.",
    advice="Report both.",
)
FEW_SITES = NoticeKind(
    "FEW_SITES",
    Severity.CONTEXT,
    Plural(
        "{isotope}: the calibration rests on {sites} site; {least} are the least for a "
        "reliable line",
        "{isotope}: the calibration rests on {sites} sites; {least} are the least for a "
        "reliable line",
        number="sites",
    ),
    meaning="The calibration of the tissue rests on few sites.",
    advice="Add known sites.",
)
NO_SLOPE = NoticeKind(
    "NO_SLOPE",
    Severity.CONTEXT,
    N_(
        "{isotope}: the tissue does not follow the isoscape (slope {slope}, "
        "standard error {error}); places cannot be told apart by it"
    ),
    meaning="The tissue does not follow the isoscape.",
    advice="Do not use this isotope.",
)
NO_PLACE = NoticeKind(
    "NO_PLACE",
    Severity.BLOCKS,
    N_(
        "no place in the isoscape explains this value: even the best one is {distance} "
        "standard deviations away (limit {limit}). The animal may come from outside "
        "the map, the tissue or the reference scale may be another one, or the value "
        "may be wrong"
    ),
    meaning="No place in the isoscape explains the value.",
    advice="Ask about the map, the tissue and the reference scale.",
)
EXTRAPOLATED = NoticeKind(
    "EXTRAPOLATED",
    Severity.LIMITS,
    N_(
        "{isotope}: {share} of the probability lies where the isoscape is beyond "
        "the known sites ({low} to {high}); the line was not tested there"
    ),
    meaning="Much of the probability lies where the isoscape is beyond the known sites.",
    advice="Add known sites there.",
)

KINDS = index_kinds(globals())
"""All of them, by code."""
