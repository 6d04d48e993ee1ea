"""``python -m forensics.custody.agent``: the process of a key agent, started by ``custody unlock``."""

import sys

from forensics.custody.agent.server import main

if __name__ == "__main__":
    main(sys.argv[1:])
