"""The file of a SQLite ledger and the audit key beside it: for their owner alone, and where locks hold."""

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
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise LedgerError(f"{path} cannot be opened as a ledger: {error.strerror}") from error


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
