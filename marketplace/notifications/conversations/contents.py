"""What a file is, told by its content and never by its name or by what the browser says of it. Pure functions.

Allowed: PDF, Word and Excel without macros, PNG, JPEG, plain text and CSV. Everything else is refused, HTML and SVG first of all: a
browser would run them. A file whose name says something else than its content is refused too, since a person could not open it.
"""

import io
import re
import zipfile
from dataclasses import dataclass

from marketplace.notifications.errors import FileRefused

ALLOWED_IN_WORDS = "PDF, Word (.docx), Excel (.xlsx), PNG, JPEG, text (.txt) or CSV"
MOST_UNPACKED = 200 * 1024 * 1024
"""Bytes the parts of an Office file may have together when unpacked."""
MOST_PARTS = 5_000

_MARKUP = re.compile(
    rb"<\s*(!doctype|html|head|body|script|svg|iframe|object|embed|\?xml|\?php)", re.IGNORECASE
)
_OUTSIDE_TEMPLATE = re.compile(
    rb"attachedTemplate[^>]*TargetMode\s*=\s*[\"']External", re.IGNORECASE | re.DOTALL
)
_RUNS = ("vbaproject", "activex", "oleobject", ".exe", ".dll", ".js", ".vbs", ".html", ".htm", ".svgz")


@dataclass(frozen=True)
class FileKind:
    """A kind of file that may be sent: its name here and in words, the endings of its names (the usual one first), its media type."""

    name: str
    words: str
    suffixes: tuple[str, ...]
    media_type: str


PDF = FileKind("pdf", "a PDF", (".pdf",), "application/pdf")
DOCX = FileKind(
    "docx",
    "a Word document",
    (".docx",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
)
XLSX = FileKind(
    "xlsx",
    "an Excel workbook",
    (".xlsx",),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)
PNG = FileKind("png", "a PNG picture", (".png",), "image/png")
JPEG = FileKind("jpeg", "a JPEG picture", (".jpg", ".jpeg"), "image/jpeg")
TEXT = FileKind("text", "plain text", (".txt",), "text/plain; charset=utf-8")
CSV = FileKind("csv", "a CSV table", (".csv",), "text/csv; charset=utf-8")

KINDS = {kind.name: kind for kind in (PDF, DOCX, XLSX, PNG, JPEG, TEXT, CSV)}


def kind_of(content: bytes, *, name: str) -> FileKind:
    """The kind of a file; `FileRefused` where it is none of those allowed or not the one its name says."""
    if not content:
        raise FileRefused(f"{name} is empty.", remedy="Choose another file.", field="files")
    suffix = name[name.rfind(".") :].lower() if "." in name else ""
    found = _by_magic(content, name) or _text(content, suffix)
    promised = next((kind for kind in KINDS.values() if suffix in kind.suffixes), None)
    if found is None and promised is not None:
        raise FileRefused(
            f"What is inside {name} is not {promised.words}.",
            remedy=f"Open it in the program it comes from and save it as {promised.words}, or choose another file.",
            field="files",
        )
    if found is None:
        raise FileRefused(
            f"{name} is not a kind of file that can be sent.",
            remedy=f"Send it as {ALLOWED_IN_WORDS}.",
            field="files",
        )
    if suffix not in found.suffixes:
        raise FileRefused(
            f"What is inside {name} is {found.words}, but its name ends otherwise.",
            remedy=f"Save it with a name ending in {found.suffixes[0]} and choose it again.",
            field="files",
        )
    return found


def _by_magic(content: bytes, name: str) -> FileKind | None:
    if content.startswith(b"%PDF-"):
        return PDF if b"%%EOF" in content[-2048:] else None
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG if content[12:16] == b"IHDR" and b"IEND" in content[-64:] else None
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG if b"\xff\xd9" in content[-4096:] else None
    if content.startswith(b"PK\x03\x04"):
        return _office(content, name)
    return None


def _office(content: bytes, name: str) -> FileKind | None:
    """Word or Excel by the parts inside; `FileRefused` for one that could run something or is packed to do harm."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            paths = {part.filename.lower() for part in parts}
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise _refused(name, "unpacks to far more than it should")
            if any(part.flag_bits & 1 for part in parts):
                raise _refused(name, "is protected with a password")
            if any(path.startswith("/") or ".." in path.split("/") for path in paths):
                raise _refused(name, "is not put together as it should be")
            if "[content_types].xml" not in paths:
                return None
            types = _part(packed, "[content_types].xml").lower()
            if any(word in path for path in paths for word in _RUNS) or b"macroenabled" in types:
                raise _refused(name, "has macros or other things that run")
            if _OUTSIDE_TEMPLATE.search(_part(packed, "word/_rels/settings.xml.rels")):
                raise _refused(name, "takes its template from elsewhere")
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, ValueError, EOFError) as error:
        raise _refused(name, "is damaged") from error
    if "word/document.xml" in paths and b"wordprocessingml.document.main" in types:
        return DOCX
    if "xl/workbook.xml" in paths and b"spreadsheetml.sheet.main" in types:
        return XLSX
    return None


def _part(packed: zipfile.ZipFile, wanted: str) -> bytes:
    """The first megabyte of a part, whatever the case of its name; nothing where there is none."""
    for each in packed.infolist():
        if each.filename.lower() == wanted:
            with packed.open(each) as part:
                return part.read(1024 * 1024)
    return b""


def _refused(name: str, why: str) -> FileRefused:
    return FileRefused(
        f"{name} {why}.", remedy="Save it anew without that, or as a PDF, and choose it again.", field="files"
    )


def _text(content: bytes, suffix: str) -> FileKind | None:
    """Plain text or CSV: readable characters and no markup that a browser would run."""
    if content.startswith((b"PK", b"MZ", b"\x7fELF", b"\xd0\xcf\x11\xe0")) or _MARKUP.search(content):
        return None
    text = _decoded(content)
    if text is None or any(c < " " and c not in "\t\n\r\f" for c in text):
        return None
    return CSV if suffix == ".csv" else TEXT


def _decoded(content: bytes) -> str | None:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None
