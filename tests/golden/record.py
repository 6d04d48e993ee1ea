"""Record the golden net anew: ``python tests/golden/record.py [GROUP …]``.

Run it by hand, and only where output changes on purpose: the diff of ``tests/golden/net`` in the commit shows what
people and programs will read differently. ``--whole FOLDER`` writes the texts in full length there instead, to
compare two states of the project where a golden file has the SHA-256 of a long text only.
"""

import argparse
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parent))
import golden_net


def main() -> None:
    """Play the groups and write what they leave."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("groups", nargs="*", metavar="GROUP", help="default: all")
    parser.add_argument(
        "--whole", type=Path, metavar="FOLDER", help="write texts in full length here"
    )
    asked = parser.parse_args()
    if unknown := set(asked.groups) - set(golden_net.GROUPS):
        parser.error(
            f"no group {', '.join(sorted(unknown))}; there are: {', '.join(golden_net.GROUPS)}"
        )
    target = asked.whole or golden_net.STORED
    target.mkdir(parents=True, exist_ok=True)
    for group in asked.groups or golden_net.GROUPS:
        start = time.process_time()
        with TemporaryDirectory(prefix="golden") as folder:
            net = golden_net.play(group, Path(folder).resolve(), whole=bool(asked.whole))
        if net.faults:
            parser.exit(
                1, f"{group}: nothing is recorded; a page has\n  " + "\n  ".join(net.faults) + "\n"
            )
        text = golden_net.written(group, net.sections)
        (target / f"{group}.txt").write_text(text, encoding="utf-8", newline="\n")
        print(
            f"{group}: {len(net.sections)} scenes, {len(text)} characters, {time.process_time() - start:.1f} s"
        )


if __name__ == "__main__":
    main()
