"""Rebuild the replica, and print the seconds it took and the peak memory in megabytes."""

from benchmark.timing import peak_memory_mb, stopwatch
from leadlight.cli.console import set_up


def main() -> None:
    set_up()
    from leadlight.replication import replica

    with stopwatch() as watch:
        replica.current().rebuild()
    print(round(watch(), 2), round(peak_memory_mb()))


if __name__ == "__main__":
    main()
