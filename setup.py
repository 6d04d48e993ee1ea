"""What setup.cfg cannot say: two optional modules in C (docs/decisions/0013-speed.md).

Without a compiler the package is installed all the same and gives the same answers, more slowly.
"""

import os

from setuptools import Extension, setup

# A wheel for another platform (make bundle) is made without them: FORENSICS_PURE=1. It is taken off, so
# that the indexes, which are the same on every platform, are built as fast as here.
PURE = bool(os.environ.pop("FORENSICS_PURE", ""))

# What the modules include; package data already, so that a wheel can be built from a package, too.
PARTS = [
    f"forensics/barcode/matching/{name}.c" for name in ("_comparing", "_counting", "_stabbing")
]

setup(
    ext_modules=[]
    if PURE
    else [
        Extension(
            f"forensics.barcode.matching.{name}",
            [f"forensics/barcode/matching/{name}.c"],
            depends=PARTS,
            optional=True,
            py_limited_api=True,
        )
        for name in ("_bounds", "_placing")
    ],
    options={} if PURE else {"bdist_wheel": {"py_limited_api": "cp311"}},
)
