"""``python -m forensics``: better with ``-P``, since Python looks for modules in the working directory first."""

import sys

if __name__ == "__main__":
    if not sys.flags.safe_path:
        del sys.path[0]  # the working directory: nothing more is imported from it

    from forensics.cli import main

    main(prog_name="forensics")
