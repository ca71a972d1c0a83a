"""The file of a SQLite ledger and the audit key beside it: for their owner alone, and where locks hold."""

import errno
import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from sync_pipelines.ledger.port import LedgerError

_NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "gfs2", "ocfs2", "vboxsf"}
)
_NETWORK_FUSE = ("fuse.sshfs", "fuse.glusterfs", "fuse.cephfs", "fuse.s3fs", "fuse.rclone")


def prepare(path: Path) -> None:
    """Make the file with mode 0600 (WAL and shared memory inherit it) where there is none."""
    kind = network_kind(path, _mounts())
    if kind:
        raise LedgerError(f"{path} lies on a network file system ({kind}), where SQLite may lose data: use PostgreSQL")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _make(path)
    except OSError as error:
        raise LedgerError(f"{path} cannot be opened as a ledger: {error.strerror}") from error


def _make(path: Path) -> None:
    """One that is there is not opened: to close it again would take away the locks that this process holds on it.

    (POSIX gives up a process's locks on a file with the first descriptor of it that is closed; SQLite of another
    process then takes the WAL away from under ours.)
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR)) from None
        if not os.access(path, os.R_OK | os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES)) from None


def network_kind(path: Path, mounts: Sequence[str]) -> str:
    """The network file system a path lies on; empty where it lies on none, or that cannot be known."""
    real = path.resolve()
    best, kind = Path(), ""
    for mount in mounts:
        point = Path(mount.split(" ")[1].replace("\\040", " "))
        if (real == point or point in real.parents) and len(point.parts) >= len(best.parts):
            best, kind = point, mount.split(" ")[2]
    return kind if kind in _NETWORK or kind in _NETWORK_FUSE else ""


def _mounts() -> Sequence[str]:
    """Linux tells; elsewhere nothing is known."""
    with suppress(OSError):
        return Path("/proc/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    return ()


def audit_key_beside(path: Path) -> bytes:
    """The key in `<file>.audit-key`, made at first use. A backup of the ledger has to hold it too."""
    beside = path.with_name(f"{path.name}.audit-key")
    try:
        if not beside.exists():
            _write_key(beside)
        return bytes.fromhex(beside.read_text(encoding="ascii"))
    except OSError as error:
        raise LedgerError(f"{beside} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise LedgerError(f"{beside} holds no key: bring back the file from a backup") from error


def _write_key(beside: Path) -> None:
    """Two processes that open a new ledger at once end up with one key, and never with half of one."""
    fresh = beside.with_name(f"{beside.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(secrets.token_hex(32))
    try:
        with suppress(FileExistsError):
            os.link(fresh, beside)
    finally:
        fresh.unlink()
