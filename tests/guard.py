"""Waits for the end of the process that started it, then stops the test server unless others use it.

Arguments: the server's folder, pg_ctl, the data folder, the account's number. Standard library only.
"""

import fcntl
import os
import subprocess
import sys
from pathlib import Path


def main() -> None:
    home, pg_ctl, data, account = sys.argv[1:]
    sys.stdin.buffer.read()  # returns when the other end of the pipe is gone
    with (Path(home) / "postgres.lock").open("wb") as lock, (Path(home) / "postgres.users").open("wb") as users:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        if (Path(data) / "postmaster.pid").exists():
            user = int(account) if os.geteuid() == 0 else None
            subprocess.run([pg_ctl, "-D", data, "-s", "-m", "immediate", "stop"], user=user, cwd="/", check=False)


main()
