"""Two Dask workers on this machine: ``python dask_workers.py threads`` prints their scheduler's address.

They run until standard input ends: threads, or ``processes``, which may be killed. A process of its own,
whose children are none of the tests'.
"""

import sys

import dask
from distributed import LocalCluster

# What watches idle workers takes more time than the tests.
QUIET = {
    "distributed.worker.profile.enabled": False,
    "distributed.admin.system-monitor.interval": "10s",
}

if __name__ == "__main__":
    dask.config.set(QUIET)
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=sys.argv[1] == "processes",
        dashboard_address=None, host="127.0.0.1", protocol="tcp",
    ) as workers:  # fmt: skip
        print(workers.scheduler_address, flush=True)
        sys.stdin.read()
