"""Programs of others in an environment of their own, made from a hash-locked list: run as processes, never imported."""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from connectors.errors import MisconfiguredError

_PATIENCE = 900.0  # seconds for one step; a network may be slow


def programs_of(lock: Path, home: Path) -> Path:
    """The folder of programs that the locked list `lock` brings, below `home`; made where it is not what `lock` says.

    MisconfiguredError where it cannot be made, with the reason.
    """
    wanted = hashlib.sha256(f"{sys.version}\n".encode() + lock.read_bytes()).hexdigest()
    stamp = home / "made-from"
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != wanted:
        shutil.rmtree(home, ignore_errors=True)
        _step([sys.executable, "-m", "venv", str(home)])
        pip = [str(home / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
        _step([*pip, "--require-hashes", "-r", str(lock)])
        stamp.write_text(wanted, encoding="utf-8")
    return home / "bin"


def _step(command: Sequence[str]) -> None:
    try:
        subprocess.run(  # noqa: S603 - our own step
            command, stdin=subprocess.DEVNULL, capture_output=True, check=True, text=True, timeout=_PATIENCE
        )
    except subprocess.CalledProcessError as error:
        said = (error.stderr or error.stdout).strip().splitlines()
        message = f"{' '.join(command)}: {said[-1] if said else error}"
        raise MisconfiguredError(message) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        message = f"{' '.join(command)}: {error}"
        raise MisconfiguredError(message) from error
