"""Samples as PLINK files on the command line, and likelihoods of genotypes, which are refused."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from forensics.cli import main
from forensics.genetics.genotypes import Genotypes
from forensics.origin.training import train_genotypes

LOCI = 60


def draw(animals, seed=2):
    """Return genotypes of two populations that differ."""
    generator = np.random.default_rng(1)
    frequencies = generator.uniform(0.05, 0.95, size=(2, LOCI))
    drawn = (
        np.random.default_rng(seed).random((2, animals, LOCI, 2)) < frequencies[:, None, :, None]
    )
    return Genotypes(
        tuple(f"N{row}" for row in range(2 * animals)),
        tuple(f"1:{locus + 1}" for locus in range(LOCI)),
        (("A", "G"),) * LOCI,
        np.sort(drawn.astype(np.int16), axis=3).reshape(2 * animals, LOCI, 2),
        populations=tuple(name for name in "PQ" for _animal in range(animals)),
    )


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files") / "m"
    train_genotypes(draw(60), folder, name="m", version="1", kind="populations", evaluated=False)
    return str(folder)


BEAGLE = "marker\tallele1\tallele2\tN1\tN1\tN1\n1_1\t0\t2\t0.7\t0.3\t0\n"
GL_ALONE = (
    "##fileformat=VCFv4.2\n"
    '##FORMAT=<ID=GL,Number=G,Type=Float,Description="log10">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tN1\n"
    "1\t1\t.\tA\tG\t.\t.\t.\tGL:DP\t0,-0.3,-3:1\n"
)


def run(*arguments):
    return CliRunner().invoke(main, ["origin", *arguments])


@pytest.mark.parametrize("command", ["assign", "together"])
@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            BEAGLE,
            "this is a BEAGLE table of likelihoods of genotypes; called genotypes are expected",
        ),
        (
            GL_ALONE,
            "line 4: site 1:1 has no genotypes (GT) in its FORMAT (GL:DP); called genotypes",
        ),
    ],
)
def test_likelihoods_of_genotypes_are_refused(model, tmp_path, command, text, message):
    if text is GL_ALONE:
        pytest.importorskip("vcfpy")
    samples = tmp_path / "samples"
    samples.write_text(text)
    done = run(command, model, str(samples))
    assert done.exit_code == 3
    assert message in " ".join(done.output.split())
    assert not done.stdout


def test_a_plink_file_trains_and_is_assigned(tmp_path):
    bed_reader = pytest.importorskip("bed_reader")
    reference = draw(60)
    dose = (reference.codes == 1).sum(axis=2).astype(np.int8)
    bed_reader.to_bed(
        tmp_path / "r.bed",
        dose,
        properties={
            "fid": list(reference.populations), "iid": list(reference.animals),
            "sid": list(reference.loci), "allele_1": ["G"] * LOCI, "allele_2": ["A"] * LOCI,
        },
    )  # fmt: skip
    folder = str(tmp_path / "m")
    bed = str(tmp_path / "r.bed")
    trained = run(
        "train", bed, "--population", "family", "--output", folder, "--no-evaluation",
        "--kind", "populations",
    )  # fmt: skip
    assert trained.exit_code == 0, trained.output
    done = run("assign", folder, bed, "--format", "json", "--exclusion-level", "0.05")
    results = [json.loads(line) for line in done.stdout.splitlines()]
    right = [
        result["origin"] == population for result, population in zip(results, reference.populations)
    ]
    assert np.mean(right) > 0.9
    assert set(results[0]["provenance"]["input"]["read_with"]) == {"bim", "fam"}
