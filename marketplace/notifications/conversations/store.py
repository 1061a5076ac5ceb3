"""Where files sent with messages lie: a folder of their own below the uploads, never served as it is, under random names."""

import os
import secrets
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings

_TEMPORARY = ".part"


def put(content: bytes) -> str:
    """Write a file and give the name it is stored by. It is there whole or not at all."""
    name = secrets.token_hex(24)
    path = _path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(name + _TEMPORARY)
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o600)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    return name


def read(name: str) -> bytes:
    """What was written; `FileNotFoundError` where it is gone."""
    return _path(name).read_bytes()


def remove(name: str) -> None:
    """Remove a file; nothing happens where it is gone already."""
    _path(name).unlink(missing_ok=True)


def older_than(moment: datetime) -> Iterator[str]:
    """Names of stored files last written before `moment`, those of uploads that broke off among them."""
    for path in settings.ATTACHMENTS_DIR.glob("*/*"):
        if path.stat().st_mtime < moment.timestamp():
            yield path.name


def _path(name: str) -> Path:
    folder: Path = settings.ATTACHMENTS_DIR
    return folder / name[:2] / name
