"""From an upload to lines of text.

An upload is judged by its content, never by its name: plain CSV, gzip, or a zip archive with one or more files in it. Nothing
is ever unpacked to disk or held whole in memory; each pass over a `Content` unpacks it afresh, in small pieces. The first pass
(`survey`) proves that the file is whole, of a bearable size, and decides its encoding, so that trouble shows before any row is
read.
"""

import codecs
import gzip
import io
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from lzma import LZMAError
from tempfile import SpooledTemporaryFile
from typing import IO, BinaryIO, cast

from .errors import RegisterFileError

Upload = bytes | str | os.PathLike[str] | BinaryIO
Begin = Callable[[], AbstractContextManager[IO[bytes]]]

MAX_UNPACKED = 400 * 1024 * 1024  # bytes; the full national extract is about 60 MB
MAX_LINE = 256 * 1024  # characters; the longest real line has about 3,000
MAX_MEMBERS = 100
CHUNK = 256 * 1024
SNIFF = 4096

DOWNLOAD_AGAIN = "Download the file again from Get Information About Schools and upload it as it came."
SAVE_AS_CSV = "Save it as CSV, or upload the CSV, gzip or zip file as Get Information About Schools gives it."

# How files that people upload by mistake begin.
FOREIGN_FILES = (
    (b"%PDF", "a PDF document"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word document"),
    (b"{\\rtf", "a Word document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3", "a database"),
)
FOREIGN_ARCHIVES = (
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ\x00", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
)
# What the standard library raises, over its depths, for archives with bytes changed or cut off.
UNPACKING_FAILURES = (
    EOFError,
    LookupError,
    LZMAError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


@dataclass(frozen=True)
class Content:
    """One file of text, possibly inside an archive. `open_stream` begins it afresh each time."""

    name: str
    size: int
    open_stream: Begin

    def chunks(self) -> Iterator[bytes]:
        """The unpacked bytes in pieces. Raises `RegisterFileError` when damaged or too large."""
        total = 0
        try:
            with self.open_stream() as stream:
                while chunk := stream.read(CHUNK):
                    total += len(chunk)
                    if total > MAX_UNPACKED:
                        raise too_large()
                    yield chunk
        except UNPACKING_FAILURES as error:
            raise RegisterFileError("The file is damaged or incomplete.", remedy=DOWNLOAD_AGAIN) from error

    def survey(self) -> str:
        """Read the whole content once and name its encoding: `utf-8`, `utf-8-sig`, `utf-16`… or `cp1252`.

        GIAS writes Windows-1252; other sources re-save it as UTF-8 with or without a byte order mark. Text that isn't
        valid UTF-8 from end to end is taken as Windows-1252.
        """
        head = b""
        line_length = 0
        utf_8: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()
        for chunk in self.chunks():
            head = head or chunk
            line_length = 0 if b"\n" in chunk or b"\r" in chunk else line_length + len(chunk)
            if line_length > MAX_LINE:
                raise endless_line()
            utf_8 = utf_8 and _still_valid(utf_8, chunk)
        return encoding_by_mark(head) or (
            "utf-8" if utf_8 and _still_valid(utf_8, b"", final=True) else "cp1252"
        )

    def lines(self, encoding: str) -> Iterator[str]:
        """The physical lines, without their ends (any of CRLF, LF, CR) and without NUL characters."""
        decode = io.IncrementalNewlineDecoder(
            codecs.getincrementaldecoder(encoding)(errors="replace"), translate=True
        ).decode
        rest = ""
        for chunk in self.chunks():
            text = decode(chunk)
            if "\0" in text:
                text = text.replace("\0", "")
            first, *others = text.split("\n")
            rest += first
            if len(rest) > MAX_LINE:
                raise endless_line()
            if others:
                yield rest
                rest = others.pop()
                yield from others
        rest += decode(b"", final=True).replace("\0", "")
        if rest:
            yield rest


def _still_valid(
    decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False
) -> codecs.IncrementalDecoder | None:
    """The decoder, or None once it has met bytes that aren't of its encoding."""
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return None
    return decoder


def contents(upload: Upload) -> list[Content]:
    """What the upload holds: one content, or each file of a zip archive. Raises `RegisterFileError` for other things."""
    begin = _opener(upload)
    with begin() as stream:
        head = stream.read(SNIFF)
    if not head:
        raise RegisterFileError("The file is empty.", remedy=DOWNLOAD_AGAIN)
    if head.startswith(b"\x1f\x8b"):
        return [Content("", 0, _gunzipped(begin))]
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return _members(begin)
    refuse_foreign(head)
    return [Content("", 0, begin)]


def _members(begin: Begin) -> list[Content]:
    try:
        with begin() as stream, zipfile.ZipFile(stream) as archive:
            infos = archive.infolist()
    except UNPACKING_FAILURES as error:
        raise RegisterFileError("The zip file is damaged or incomplete.", remedy=DOWNLOAD_AGAIN) from error
    names = {info.filename for info in infos}
    if names & {"[Content_Types].xml", "content.xml"}:
        raise RegisterFileError("This is a spreadsheet workbook, not a CSV file.", remedy=SAVE_AS_CSV)
    files = [info for info in infos if not info.is_dir() and not _is_litter(info.filename)]
    if not files:
        raise RegisterFileError("The zip file has no file in it.", remedy=DOWNLOAD_AGAIN)
    if len(files) > MAX_MEMBERS:
        raise RegisterFileError(
            f"The zip file has {len(files)} files in it.",
            remedy="Upload a zip file with the schools file alone.",
        )
    readable = [info for info in files if not info.flag_bits & 0x1]
    if not readable:
        raise RegisterFileError(
            "The zip file is locked with a password.", remedy="Unlock it and upload the CSV file."
        )
    if all(info.file_size > MAX_UNPACKED for info in readable):
        raise too_large()
    return [Content(info.filename, info.file_size, _member(begin, info.filename)) for info in readable]


def _is_litter(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.rpartition("/")[2].startswith(".")


def _gunzipped(begin: Begin) -> Begin:
    @contextmanager
    def opened() -> Iterator[IO[bytes]]:
        with begin() as packed, gzip.GzipFile(fileobj=packed) as stream:
            yield cast(IO[bytes], stream)

    return opened


def _member(begin: Begin, name: str) -> Begin:
    @contextmanager
    def opened() -> Iterator[IO[bytes]]:
        with begin() as packed, zipfile.ZipFile(packed) as archive, archive.open(name) as stream:
            yield stream

    return opened


def _opener(upload: Upload) -> Begin:
    if isinstance(upload, bytes):
        return lambda: io.BytesIO(upload)
    if isinstance(upload, str | os.PathLike):
        if not os.path.isfile(upload):
            raise RegisterFileError(f"There is no file at {os.fspath(upload)}.", remedy="Check its path.")
        return lambda: open(upload, "rb")
    file = upload if _can_seek(upload) else _spooled(upload)

    @contextmanager
    def opened() -> Iterator[IO[bytes]]:
        file.seek(0)
        yield file  # the caller's own, so left open

    return opened


def _can_seek(file: IO[bytes]) -> bool:
    seekable = getattr(file, "seekable", None)
    return bool(seekable()) if seekable else hasattr(file, "seek")


def _spooled(file: IO[bytes]) -> IO[bytes]:
    kept: IO[bytes] = SpooledTemporaryFile(max_size=16 * 1024 * 1024)  # noqa: SIM115 - lives as long as the reading
    total = 0
    while chunk := file.read(CHUNK):
        total += len(chunk)
        if total > MAX_UNPACKED:
            raise too_large()
        kept.write(chunk)
    return kept


def refuse_foreign(head: bytes) -> None:
    """Raise a clear error when the first bytes are those of another kind of file."""
    for start, what in FOREIGN_FILES:
        if head.startswith(start):
            raise RegisterFileError(f"This is {what}, not a CSV file.", remedy=SAVE_AS_CSV)
    for start, what in FOREIGN_ARCHIVES:
        if head.startswith(start):
            raise RegisterFileError(
                f"This is {what}.", remedy="Unpack it and upload the CSV file that is in it."
            )
    if head.startswith((b"\x1f\x8b", b"PK\x03\x04")):
        raise RegisterFileError(
            "The file is packed twice over.",
            remedy="Unpack it once and upload the CSV, gzip or zip file that is in it.",
        )
    text = head.removeprefix(codecs.BOM_UTF8).lstrip()[:64].lower()
    if text.startswith((b"<!doctype", b"<html", b"<?xml", b"<head", b"<body", b"<table")):
        raise RegisterFileError(
            "This is a web page, not a CSV file.",
            remedy="The download may have ended on a sign-in or error page. " + DOWNLOAD_AGAIN,
        )
    if text.startswith((b"{", b"[")):
        raise RegisterFileError("This is a JSON file, not a CSV file.", remedy=SAVE_AS_CSV)


def refuse_binary(head: bytes) -> None:
    """Raise when the first bytes are hardly text: a stray NUL is forgiven, a sprinkling of control characters isn't."""
    sample = head[:SNIFF]
    controls = sum(byte < 32 and byte not in b"\t\n\r\x0c\0" for byte in sample) + sample.count(0) // 4
    if controls * 20 > len(sample):
        raise RegisterFileError("This is not a text file.", remedy=SAVE_AS_CSV)


def encoding_by_mark(head: bytes) -> str:
    """The encoding that a byte order mark tells, or for UTF-16 (Excel's "Unicode text") the NULs between Latin letters;
    ``""`` where nothing tells."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    sample = head[:SNIFF]
    pairs = len(sample) // 2
    if pairs and sample[1::2].count(0) > pairs * 0.9:
        return "utf-16-le"
    if pairs and sample[::2].count(0) > pairs * 0.9:
        return "utf-16-be"
    return ""


def endless_line() -> RegisterFileError:
    return RegisterFileError("The file has a line far longer than a register has.", remedy=SAVE_AS_CSV)


def too_large() -> RegisterFileError:
    return RegisterFileError(
        f"The file holds more than {MAX_UNPACKED // 1024 // 1024} MB of text once unpacked.",
        remedy="The whole national register is about 60 MB. " + DOWNLOAD_AGAIN,
    )
