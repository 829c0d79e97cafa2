"""Cine loops of 100 frames: which lines are found, and at what share of looking at every frame.

    scripts/bench cine [SEEDS [FIRST [SAMPLED]]]

SEEDS loops of each kind (default 1) from seed FIRST (default 40). What every frame costs is
measured on every SAMPLED-th (default 5; 1: on all). CPU seconds of one thread.
"""

import os
import sys
import time
from pathlib import Path

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from corpora import cine
from corpora.measuring import COVERED, KEPT
from medrelease.pixels import loops, models, writing
from medrelease.pixels.components import cover
from medrelease.pixels.deciding import Wish


def main() -> None:
    """Print one line a loop, and the sums."""
    given = [*sys.argv[1:], *("1", "40", "5")[len(sys.argv) - 1 :]]
    count, first, sampled = (int(one) for one in given)
    nets, wish = models.load(), Wish(keep=KEPT)
    print("loop              static  passing  masked   ours  every  ratio")  # noqa: T201
    for seed in range(first, first + count):
        for kind in cine.KINDS:
            made = cine.loop(kind, seed)
            began = time.process_time()
            found = loops.find_in_loop(nets, made.frames, wish)
            ours = time.process_time() - began
            began = time.process_time()
            for frame in made.frames[::sampled]:
                writing.find_writing(nets, frame, wish)
            every = (time.process_time() - began) * len(made.frames) / len(made.frames[::sampled])
            covered = cover(list(found.masks), made.frames[0].shape)
            seen = [(line, covered[line.pixels].mean() >= COVERED) for line in made.lines]
            static = [hit for line, hit in seen if line.count == len(made.frames)]
            passing = [hit for line, hit in seen if line.count < len(made.frames)]
            row = f"{kind} {seed}".ljust(16) + f" {sum(static):>4}/{len(static)}"
            row += f" {sum(passing):>6}/{len(passing)} {covered.mean():>7.3f}"
            print(f"{row} {ours:>6.1f} {every:>6.1f} {ours / every:>6.2f}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
