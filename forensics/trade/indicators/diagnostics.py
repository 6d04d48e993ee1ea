"""Old names of `forensics.stats.convergence`, for one version."""

from forensics.lazily import renamed

__all__: list[str] = []  # what is old stands in no list

__getattr__ = renamed(
    __name__,
    {
        "LARGEST_RHAT": "forensics.stats.convergence.MAX_R_HAT",
        "SMALLEST_ESS": "forensics.stats.convergence.MIN_EFFECTIVE_DRAWS",
        "effective_draws": "forensics.stats.convergence.effective_draws",
        "r_hat": "forensics.stats.convergence.folded_r_hat",
    },
)
