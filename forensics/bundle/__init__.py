"""A folder with everything to install the package without a network, without make and without an
administrator's rights.

``install.sh``, ``install.bat``   start it on Linux or macOS, and on Windows
"""
