"""What is in a mixture enters the ledger with how it was reached."""

from read_set_simulation import insert
from simulation import SPECIES

from forensics.barcode.mixture.denoising import Denoised
from forensics.barcode.mixture.results import AmpliconSequences, weigh_samples
from forensics.barcode.mixture.sheet import SAMPLE, Pcr
from forensics.barcode.mixture.sorting import Amplicon
from forensics.barcode.reading.reads import Query
from forensics.custody import record_finding
from forensics.examination import identify_each


def test_a_mixture_is_recorded_with_its_shares_and_library(lab, library):
    lab.sampled()
    lab.run(NTC="passed", POS="passed")
    lab.amina.validate(
        library=library.sha256, name="simulated", scope="none", attachments=[lab.photo("v.pdf")]
    )
    one = Denoised("0" * 40, insert(SPECIES[0]), False, {"soup/1": 900})
    (call,) = identify_each(iter([Query("x", one.sequence)]), library=library, locus="12S")
    (result,) = weigh_samples(
        [Pcr("soup", "1", SAMPLE, ("a",))], {"soup/1": {"reads": 1000, "sorted": 1000}}, [{}],
        [AmpliconSequences(Amplicon("V5"), {"soup/1": 950}, [one], [(one, call)])], call.provenance,
    )  # fmt: skip
    receipt = record_finding(lab.bruno, "S1", result, kind="identification", runs=["R1"])
    event = lab.amina.event(receipt.seq)
    (found,) = event.fields["result"]["found"]
    assert (found["taxon"], found["share_of_reads"]) == (SPECIES[0], "1.0")
    assert event.fields["library"] == library.sha256
    assert lab.verify().ok
