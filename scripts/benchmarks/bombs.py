"""What every decompression bomb of the tests costs: how it ends, seconds, memory at most.

scripts/bench bombs [FORMAT]...              with the memory (1 GiB) and time (60 s) of a site
"""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from corpora import exploding
from corpora.bombs import BOMBS


def main() -> None:
    """Print one line a bomb."""
    wanted = sys.argv[1:] or list(BOMBS)
    sys.stdout.write(f"{'format':<7} {'bomb':<36} {'bytes':>9} {'seconds':>8} {'MiB':>5}  ended\n")
    with (
        tempfile.TemporaryDirectory(prefix="medrelease-bench-") as folder,
        exploding.opened(Path(folder), 1 << 30, 60.0) as place,
    ):
        for form in wanted:
            for name, bomb in BOMBS[form].items():
                data = bomb()
                cost = place.explode(data)
                row = f"{len(data):>9} {cost.seconds:8.2f} {cost.mebibytes:>5}  {cost.ended}"
                sys.stdout.write(f"{form:<7} {name:<36} {row}\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
