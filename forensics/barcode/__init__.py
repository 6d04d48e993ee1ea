"""From a questioned sequence to a call.

The subpackages, in the order in which a sample goes through them:

``reading``      reads and chromatograms become questioned sequences
``matching``     the nearest reference records, proved
``calling``      from candidates to a call with its probability, reasons and limits
``checking``     what speaks against a call: nuclear copy, chimera, contamination
``mixture``      read sets of mixtures: from FASTQ to taxa with their reads

and what they stand upon:

``reference``    libraries of reference records
``curating``     what may be wrong with the records of a library
``validating``   how often calls with a library are right

``examination``     the way of a query through all of them, in order: `Examination`
``options``         options of searches and calls
``defaults``        defaults of searches and calls
``sequence``        the IUPAC alphabet
``quality``         what a sequence must be before it is compared
``locus``           the table of loci; a new locus goes there
``locus_types``     what is known of a locus: lengths, genome, names in records, primers
``preparation``     a query before it is searched
``packaged``        the packaged tables that decide about a name
``cites``           CITES listings of what was found
``identification``  the result for one sequence; ``parts`` the parts of a record that is cut
``wording``         what a person reads of it: the call, what it rests on, what to do
``run``             the results of a run; ``notebook`` shows them, ``plots`` draws them
``stored_identification``  results read back
``following``       how far a run of a script has come
``verdict``         the result in one line, and what is true of a run
``tabular``         results as lines of BLAST and SINTAX
"""

from typing import TYPE_CHECKING

from forensics.lazily import lazily

_PUBLIC = {
    "Examination": "examination",
    "Identification": "identification",
    "Identifications": "run",
    "IdentifyOptions": "options",
    "Library": "reference.library",
    "LibraryBuild": "reference.building",
    "build_library": "reference.building",
    "combine": "calling.multilocus",
    "open_library": "reference.library",
    "validate": "validating.validation",
}

__all__ = [
    "Examination",
    "Identification",
    "Identifications",
    "IdentifyOptions",
    "Library",
    "LibraryBuild",
    "build_library",
    "combine",
    "open_library",
    "validate",
]

if TYPE_CHECKING:  # what type checkers, editors and tab completion see
    from forensics.barcode.calling.multilocus import combine
    from forensics.barcode.examination import Examination
    from forensics.barcode.identification import Identification
    from forensics.barcode.options import IdentifyOptions
    from forensics.barcode.reference.building import LibraryBuild, build_library
    from forensics.barcode.reference.library import Library, open_library
    from forensics.barcode.run import Identifications
    from forensics.barcode.validating.validation import validate
else:  # for them a module with __getattr__ would have every name
    __getattr__, __dir__ = lazily(__name__, _PUBLIC)
