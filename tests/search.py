"""Run what draws by chance, with one new seed after the other: `python -m tests.search`.

It ends at the first failure, and prints the seed that repeats it, or when the minutes are over: a
round that was begun is finished.
"""

from __future__ import annotations

import argparse
import os
import secrets
import subprocess
import sys
import time


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--seed", type=int, help="try this seed alone")
    asked = parser.parse_args()
    end = time.monotonic() + 60 * asked.minutes
    while True:
        seed = asked.seed if asked.seed is not None else secrets.randbelow(2**32)
        print(f"Seed {seed} …", flush=True)
        if code := tried(seed, asked.workers):
            print(f"To repeat it: make search SEED={seed}")
            return code
        if asked.seed is not None or time.monotonic() >= end:
            return 0


def tried(seed: int, workers: int) -> int:
    """The exit code of a round with this seed."""
    return subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--quiet", "-x", "-m", "search"),
            *("-n", str(workers), "--dist", "loadgroup", "--no-loadscope-reorder"),
            f"--hypothesis-seed={seed}",
            *("--ignore=tests/browser", "--ignore=tests/real_data", "tests"),
        ],
        env=os.environ | {"LEADLIGHT_TEST_SEED": str(seed)},
        check=False,
    ).returncode


if __name__ == "__main__":
    raise SystemExit(main())
