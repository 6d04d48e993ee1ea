"""Samples as PLINK files, and as likelihoods of genotypes, on the command line."""

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
    folder = tmp_path_factory.mktemp("likelihoods") / "m"
    train_genotypes(draw(60), folder, name="m", version="1", kind="populations", evaluated=False)
    return str(folder)


def write_reads(genotypes, path, form):
    """Write two reads a locus, as BEAGLE or as VCF without genotypes."""
    dose = (genotypes.codes == 1).sum(axis=2)
    generator = np.random.default_rng(4)
    share = np.array([0.01, 0.5, 0.99])
    second = generator.binomial(2, share[dose])
    values = share ** second[..., None] * (1 - share) ** (2 - second[..., None])
    names = genotypes.animals
    if form == "beagle":
        lines = ["marker\tallele1\tallele2" + "".join(f"\t{name}" * 3 for name in names)]
        for locus in range(LOCI):
            numbers = "".join(f"\t{value:.6g}" for value in values[:, locus].ravel())
            lines.append(f"1_{locus + 1}\t0\t2{numbers}")
    else:
        lines = [
            "##fileformat=VCFv4.2",
            '##FORMAT=<ID=GL,Number=G,Type=Float,Description="log10">',
            "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t" + "\t".join(names),
        ]
        for locus in range(LOCI):
            cells = (
                ",".join(f"{np.log10(value):.6f}" for value in row) for row in values[:, locus]
            )
            lines.append(f"1\t{locus + 1}\t.\tA\tG\t.\t.\t.\tGL\t" + "\t".join(cells))
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def run(*arguments):
    return CliRunner().invoke(main, ["origin", *arguments])


@pytest.mark.parametrize("form", ["beagle", "vcf"])
def test_samples_with_few_reads_are_assigned_by_likelihoods(model, tmp_path, form):
    if form == "vcf":
        pytest.importorskip("vcfpy")
    samples = write_reads(draw(60).take([0, 1, 60, 61]), tmp_path / "samples", form)
    options = ["--likelihoods"] if form == "vcf" else []
    done = run("assign", model, samples, *options, "--format", "json", "--exclusion-level", "0.05")
    assert done.exit_code == 0, done.output
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert [result["origin"] for result in results] == ["P", "P", "Q", "Q"]
    assert results[0]["provenance"]["input"]["read_with"]["likelihoods"] is True
    assert "UNCERTAIN_GENOTYPES" in {warning["code"] for warning in results[0]["warnings"]}


def test_a_vcf_without_genotypes_names_the_option(model, tmp_path):
    pytest.importorskip("vcfpy")
    samples = write_reads(draw(60).take([0, 1]), tmp_path / "samples.vcf", "vcf")
    done = run("assign", model, samples)
    assert done.exit_code == 3
    assert "with the option likelihoods" in done.output


def test_shares_of_samples_with_few_reads_are_estimated(model, tmp_path):
    samples = write_reads(draw(60).take(range(10)), tmp_path / "samples", "beagle")
    done = run("mixture", model, samples, "--format", "json")
    assert done.exit_code == 0, done.output
    assert "UNCERTAIN_GENOTYPES" not in json.loads(done.stdout).get("headline", "")


def test_a_map_refuses_likelihoods(tmp_path):
    samples = write_reads(draw(60).take([0, 1]), tmp_path / "samples", "beagle")
    done = run("assign", "simulated-range", samples)
    assert done.exit_code == 2
    assert "likelihoods of genotypes are for models of populations" in done.output


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
