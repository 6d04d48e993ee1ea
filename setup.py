"""What setup.cfg cannot say: the optional kernel in C (docs/decisions/search.md).

Where nothing can be compiled the package is installed all the same and gives the same answers, more slowly
(`forensics.building.BuildKernel`).
"""

import os

from setuptools import Extension, setup

# A wheel for another platform (make bundle) is made without the kernel: FORENSICS_PURE=1. It is taken
# off, so that the indexes, which are the same on every platform, are built as fast as here.
PURE = bool(os.environ.pop("FORENSICS_PURE", ""))

FOLDER = "forensics/barcode/matching"
SOURCES = (
    "_kernel", "_bounds", "_columns", "_compare_many", "_distance", "_kmers", "_lanes", "_neighbours",
    "_path", "_search", "_tables", "_words",
)  # fmt: skip
# What the sources include; package data already, so that a wheel can be built from a package, too.
INCLUDED = ("_kernel.h", "_counting.c", "_bands.c", "_stabbing.c")

setup(
    ext_modules=[]
    if PURE
    else [
        Extension(
            "forensics.barcode.matching._kernel",
            [f"{FOLDER}/{name}.c" for name in SOURCES],
            depends=[f"{FOLDER}/{name}" for name in INCLUDED],
            py_limited_api=True,
        )
    ],
    options={} if PURE else {"bdist_wheel": {"py_limited_api": "cp311"}},
)
