#!/bin/sh
# Installs without network and without administrator rights: sh install.sh [FOLDER]
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
wanted=$(cat "$here/PYTHON")
for python in "python$wanted" python3 python; do
    if command -v "$python" >/dev/null 2>&1; then
        exec "$python" -I "$here/install.py" "$@"
    fi
done
echo "Python $wanted was not found; install it first."
exit 1
