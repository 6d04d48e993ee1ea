"""A folder with everything to install the package without a network, without make and without an
administrator's rights.

``making``   makes the bundle; needs the network, or pip's own cache, once
``needs``    what wheels need on another platform than this one
``install``  checks every file of the bundle and installs it into a folder; needs nothing but
             Python
``install.sh``, ``install.bat``   start it on Linux or macOS, and on Windows
"""
