"""What may be sent as a file is told by its content."""

import pytest

from marketplace.notifications.conversations import contents, rules
from marketplace.notifications.conversations.contents import kind_of
from marketplace.notifications.errors import FileRefused
from tests.builders.conversations import PDF, PNG, an_office_file

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\x00" * 20 + b"\xff\xd9"
TEMPLATE = b'<Relationship Type="attachedTemplate" Target="http://elsewhere/x.dotm" TargetMode="External"/>'


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.pdf", PDF, "pdf"),
        ("A.PDF", PDF, "pdf"),
        ("a.png", PNG, "png"),
        ("a.jpg", JPEG, "jpeg"),
        ("a.jpeg", JPEG, "jpeg"),
        ("a.docx", an_office_file("docx"), "docx"),
        ("a.xlsx", an_office_file("xlsx"), "xlsx"),
        ("a.txt", "Grüße, 5 < 6\n".encode(), "text"),
        ("a.csv", "Näme,Days\nJo,5\n".encode("cp1252"), "csv"),
    ],
)
def test_what_is_allowed(name: str, content: bytes, kind: str) -> None:
    assert kind_of(content, name=name).name == kind


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.pdf", b""),
        ("page.html", b"<html><script>alert(1)</script>"),
        ("page.txt", b"Hello\n<SCRIPT>alert(1)</SCRIPT>"),
        ("page.txt", b"<!DOCTYPE html>"),
        ("drawing.svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>'),
        ("drawing.png", b'<?xml version="1.0"?><svg/>'),
        ("program.exe", b"MZ\x90\x00\x03"),
        ("program.txt", b"MZ plain words"),
        ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 40),
        ("archive.zip", b"PK\x05\x06" + b"\x00" * 18),
        ("cut.pdf", b"%PDF-1.7\n1 0 obj"),
        ("cut.png", PNG[:30]),
        pytest.param("cut.docx", an_office_file("docx")[:60], id="cut.docx"),  # it says when it was made
        ("picture.pdf", PNG),
        ("letter.xlsx", an_office_file("docx")),
        ("letter", PDF),
        ("letter.pdf.exe", PDF),
        ("binary.txt", b"abc\x00def"),
    ],
)
def test_what_is_refused(name: str, content: bytes) -> None:
    with pytest.raises(FileRefused):
        kind_of(content, name=name)


@pytest.mark.parametrize(
    ("why", "content"),
    [
        ("macros", an_office_file("docx", **{"word/vbaProject.bin": b"x"})),
        ("macros", an_office_file("xlsx", **{"xl/activeX/activeX1.xml": b"x"})),
        ("macros", an_office_file("docx", **{"word/embeddings/oleObject1.bin": b"x"})),
        ("macros", an_office_file("docx", content_type="application/vnd.ms-word.document.macroEnabled.main+xml")),
        ("template from elsewhere", an_office_file("docx", **{"word/_rels/settings.xml.rels": TEMPLATE})),
        ("not put together", an_office_file("docx", **{"../outside.xml": b"x"})),
    ],
)  # fmt: skip
def test_an_office_file_that_could_run_something_is_refused_and_says_why(why: str, content: bytes) -> None:
    with pytest.raises(FileRefused, match=why):
        kind_of(content, name="a.xlsx" if b"xl/workbook" in content else "a.docx")


def test_a_file_that_is_not_what_its_name_promises_is_told_so() -> None:
    with pytest.raises(FileRefused, match=r"What is inside fake\.pdf is not a PDF"):
        kind_of(b"MZ\x90\x00\x03", name="fake.pdf")
    with pytest.raises(FileRefused, match="is plain text, but its name ends otherwise"):
        kind_of(b"Dear all", name="letter.pdf")


def test_a_file_that_unpacks_to_far_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "MOST_UNPACKED", 10_000)
    bomb = an_office_file("docx", **{"word/media/zeros.bin": b"\x00" * 20_000})

    assert len(bomb) < 2_000
    with pytest.raises(FileRefused, match="unpacks"):
        kind_of(bomb, name="a.docx")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Plan für Mai.PDF", "Plan für Mai.pdf"),
        ("C:\\Users\\jo\\plan.pdf", "plan.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("fdp.\u202enalp.pdf", "fdp.nalp.pdf"),
        ('a"b\r\nc.pdf', "abc.pdf"),
        (".pdf", "file.pdf"),
        ("x" * 300 + ".pdf", "x" * 96 + ".pdf"),
    ],
)
def test_a_name_is_shown_and_saved_without_tricks(given: str, shown: str) -> None:
    assert rules.clean_name(given, suffix=rules.suffix_of(given)) == shown


def test_writing_in_other_scripts_and_pictures_stays_as_it_was() -> None:
    text = "नमस्ते – 👩‍🏫 £5\tab"

    assert rules.clean_text(text) == text
