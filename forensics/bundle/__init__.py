"""A folder with everything to install the package without a network, without make and without an
administrator's rights.

``making``       collects the wheels and writes the folder; run as ``python -m forensics.bundle.making``
``needs``        what wheels need on another platform
``install``      checks every file and installs; it stands in the bundle and needs Python alone
``install.sh``, ``install.bat``   start it on Linux or macOS, and on Windows
"""

__all__: list[str] = []  # run as a program
