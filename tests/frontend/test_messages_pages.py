"""Pages of conversations: reading, writing, files, and who gets nowhere."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from marketplace.kernel.access import Role
from marketplace.notifications import actions, queries
from marketplace.notifications.conversations import links, store
from marketplace.notifications.models import Attachment, Conversation, ConversationMessage
from marketplace.organisations.models import Membership, User
from tests.builders import (
    PDF,
    PNG,
    a_conversation,
    a_file,
    a_message,
    a_person,
    a_scene,
    a_scenes_booking,
    an_office_file,
)
from tests.builders.bookings import Scene

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.ATTACHMENTS_DIR = tmp_path / "attachments"
    return settings.ATTACHMENTS_DIR


def user(actor: Any) -> User:
    return User.objects.get(pk=actor.user_id)


def signed_in(actor: Any) -> Client:
    client = Client()
    client.force_login(actor if isinstance(actor, User) else user(actor))
    return client


def leave(actor: Any) -> None:
    Membership.objects.filter(user=actor.user_id).update(ended_at=timezone.now())


@pytest.fixture
def scene() -> Scene:
    return a_scene()


@pytest.fixture
def conversation(scene: Scene) -> Conversation:
    found = a_conversation(scene.buyer, a_scenes_booking(scene))
    a_message(scene.buyer, found, "Shall we start at nine?")
    found.refresh_from_db()
    return found


def page_of(conversation: Conversation) -> str:
    return reverse("messages:conversation", args=[conversation.reference])


def upload(name: str = "Plan.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_the_page_of_a_booking_leads_to_its_conversation_for_who_takes_part(scene: Scene) -> None:
    booking = a_scenes_booking(scene)
    about = reverse("messages:about", args=["booking", booking.reference])
    page = reverse("bookings:booking", args=[booking.reference])
    convenor = a_person(Role.CONVENOR, at=_authority(scene))

    assert about in signed_in(scene.buyer).get(page).content.decode()
    assert about not in signed_in(convenor).get(page).content.decode()
    assert signed_in(convenor).get(about).status_code == 404


def _authority(scene: Scene) -> Any:
    from tests.builders import an_organisation

    return an_organisation("local_authority", area=scene.area)


def test_looking_begins_no_conversation_and_the_first_message_does(scene: Scene) -> None:
    booking = a_scenes_booking(scene)
    about = reverse("messages:about", args=["booking", booking.reference])
    client = signed_in(scene.buyer)

    page = client.get(about)
    assert "Nobody has written yet" in page.content.decode() and not Conversation.objects.exists()

    answer = client.post(about, {"text": "Hello", "key": "k"})
    conversation = Conversation.objects.get()
    assert answer.url == page_of(conversation)
    assert client.get(about).url == page_of(conversation)
    assert signed_in(scene.provider_lead).get(about).url == page_of(conversation)


def test_two_people_write_and_see_who_has_read(scene: Scene, conversation: Conversation) -> None:
    lead, buyer = signed_in(scene.provider_lead), signed_in(scene.buyer)

    read = lead.get(page_of(conversation)).content.decode()
    assert "Shall we start at nine?" in read and ">New<" in read
    assert ">New<" not in lead.get(page_of(conversation)).content.decode()

    seen = " ".join(buyer.get(page_of(conversation)).content.decode().split())
    assert f"Read by {scene.provider}, " in seen and scene.provider_lead.name not in seen

    answer = lead.post(page_of(conversation), {"text": "Nine is fine.", "key": "k"}, follow=True)
    assert "Your message is sent." in answer.content.decode()
    assert "Nine is fine." in buyer.get(page_of(conversation)).content.decode()


def test_markup_in_a_message_is_text(scene: Scene, conversation: Conversation) -> None:
    a_message(scene.buyer, conversation, "<script>alert(1)</script>")

    page = signed_in(scene.provider_lead).get(page_of(conversation)).content.decode()

    assert "<script>alert" not in page and "&lt;script&gt;alert" in page


def test_an_open_page_fetches_the_messages_alone(scene: Scene, conversation: Conversation) -> None:
    part = signed_in(scene.provider_lead).get(page_of(conversation), HTTP_HX_REQUEST="true").content.decode()

    assert part.lstrip().startswith('<div id="thread"') and "<html" not in part
    assert 'data-refresh-on="conversation"' in part


def test_sending_twice_sends_once(scene: Scene, conversation: Conversation) -> None:
    client = signed_in(scene.buyer)
    for _ in range(2):
        assert client.post(page_of(conversation), {"text": "Once", "key": "k"}).status_code == 302

    assert conversation.messages.filter(text="Once").count() == 1


def test_the_back_button_loses_no_other_text(scene: Scene, conversation: Conversation) -> None:
    client = signed_in(scene.buyer)
    client.post(page_of(conversation), {"text": "Once", "key": "k"})

    answer = client.post(page_of(conversation), {"text": "Another", "key": "k"})
    page = answer.content.decode()
    assert answer.status_code == 422 and "Another</textarea>" in page
    [key] = re.findall(r'name="key" value="([^"]+)"', page)
    assert key != "k"
    assert client.post(page_of(conversation), {"text": "Another", "key": key}).status_code == 302


def test_nothing_to_send_is_said_at_the_field(scene: Scene, conversation: Conversation) -> None:
    answer = signed_in(scene.buyer).post(page_of(conversation), {"text": "  ", "key": "k"})

    page = answer.content.decode()
    assert answer.status_code == 422 and 'href="#id_text"' in page and "Write a message." in page


def test_a_closed_conversation_is_read_and_not_written_in(scene: Scene) -> None:
    booking = a_scenes_booking(scene)
    conversation = a_conversation(scene.buyer, booking)
    a_message(scene.buyer, conversation)
    ago = timedelta(days=200)
    booking.starts_at, booking.ends_at = booking.starts_at - ago, booking.ends_at - ago
    booking.during = (booking.starts_at, booking.ends_at)
    booking.save()
    client = signed_in(scene.buyer)

    page = client.get(page_of(conversation)).content.decode()
    assert "Nobody writes here any more." in page and "Write a message" not in page
    assert client.post(page_of(conversation), {"text": "x", "key": "k"}).status_code in (409, 422)


def test_a_long_conversation_comes_in_parts(scene: Scene, conversation: Conversation) -> None:
    for number in range(2, 61):
        ConversationMessage.objects.create(
            conversation=conversation,
            number=number,
            author_id=scene.buyer.user_id,
            author_name="x",
            organisation=scene.school.organisation,
            text=f"Message {number}.",
            key=str(number),
            sent_at=timezone.now(),
        )
    Conversation.objects.update(last_number=60)
    client = signed_in(scene.provider_lead)

    page = client.get(page_of(conversation)).content.decode()
    assert "Message 60." in page and "Message 11." in page and "Message 10." not in page
    earlier = client.get(page_of(conversation) + "?before=11").content.decode()
    assert "Message 10." in earlier and "Message 11." not in earlier and "Newest messages" in earlier
    assert client.get(page_of(conversation) + "?before=x").status_code == 200


def test_the_list_shows_what_is_new_and_costs_the_same_for_many(
    scene: Scene, conversation: Conversation, django_assert_max_num_queries: Any
) -> None:
    for weeks in range(1, 12):
        other = a_conversation(scene.buyer, a_scenes_booking(scene, day=scene.day + timedelta(7 * weeks)))
        a_message(scene.buyer, other)
    client = signed_in(scene.provider_lead)
    client.get(reverse("messages:list"))

    with django_assert_max_num_queries(12):
        page = client.get(reverse("messages:list")).content.decode()

    assert page.count("1 new") == 12
    client.post(reverse("messages:read_all"))
    assert "1 new" not in client.get(reverse("messages:list")).content.decode()
    assert "No conversations here" in client.get(reverse("messages:list") + "?show=unread").content.decode()


def test_my_work_has_a_line_for_what_is_unread(scene: Scene, conversation: Conversation) -> None:
    page = signed_in(scene.provider_lead).get("/").content.decode()

    assert "Read: New messages in a conversation" in page and page_of(conversation) in page


# Files ------------------------------------------------------------------------------------------------------------------


def sent_file(scene: Scene, conversation: Conversation, **fields: Any) -> Attachment:
    file = a_file(scene.buyer, conversation, **fields)
    a_message(scene.buyer, conversation, "Here", files=[file.reference])
    file.refresh_from_db()
    return file


def download(client: Client, file: Attachment) -> Any:
    return client.get(reverse("messages:file", args=[file.reference]), follow=True)


def test_a_file_is_sent_and_saved_by_the_other_side(
    scene: Scene, conversation: Conversation, folder: Path
) -> None:
    docx = an_office_file("docx")
    answer = signed_in(scene.buyer).post(
        page_of(conversation), {"text": "The plan", "key": "k", "files": [upload("Plan für Mai.docx", docx)]}
    )
    assert answer.status_code == 302
    file = Attachment.objects.get()

    client = signed_in(scene.provider_lead)
    assert "Plan für Mai.docx" in client.get(page_of(conversation)).content.decode()
    got = download(client, file)
    assert got.content == docx
    assert got["Content-Disposition"].startswith("attachment; filename")
    assert got["X-Content-Type-Options"] == "nosniff" and "no-store" in got["Cache-Control"]
    assert got["Content-Security-Policy"].startswith("sandbox")
    [stored] = [path for path in folder.rglob("*") if path.is_file()]
    assert "Plan" not in stored.name and stored.stat().st_mode & 0o077 == 0


def test_an_error_loses_neither_the_text_nor_the_files_that_were_right(
    scene: Scene, conversation: Conversation
) -> None:
    client = signed_in(scene.buyer)
    files = [upload(), upload("page.html", b"<html></html>")]
    answer = client.post(page_of(conversation), {"text": "Two files", "key": "k", "files": files})

    page = answer.content.decode()
    assert answer.status_code == 422 and "Two files</textarea>" in page
    assert "page.html is not a kind of file that can be sent" in page and 'href="#id_files"' in page
    kept = Attachment.objects.get()
    assert "Files ready to be sent" in page and kept.name in page
    assert conversation.messages.count() == 1

    sent = client.post(page_of(conversation), {"text": "Two files", "key": "k", "kept": [kept.reference]})
    assert sent.status_code == 302
    kept.refresh_from_db()
    assert kept.message is not None and kept.message.text == "Two files"


def test_a_file_too_large_is_refused(scene: Scene, conversation: Conversation, settings: Any) -> None:
    settings.ATTACHMENT_MAX_BYTES = 1024 * 1024
    answer = signed_in(scene.buyer).post(
        page_of(conversation), {"text": "x", "key": "k", "files": [upload(content=PDF + b"\0" * 1024 * 1024)]}
    )

    assert ".pdf is larger than 1 MB" in answer.content.decode() and not Attachment.objects.exists()


def test_more_files_than_a_message_takes_are_kept_and_said(scene: Scene, conversation: Conversation) -> None:
    files = [upload(f"{n}.png", PNG) for n in range(6)]
    answer = signed_in(scene.buyer).post(page_of(conversation), {"text": "x", "key": "k", "files": files})

    assert answer.status_code == 422 and "A message takes up to 5 files." in answer.content.decode()
    assert Attachment.objects.count() == 6


def test_somebody_elses_unsent_file_can_not_be_sent_or_seen(scene: Scene, conversation: Conversation) -> None:
    file = a_file(scene.buyer, conversation)
    client = signed_in(scene.provider_lead)

    assert download(client, file).status_code == 404
    client.post(page_of(conversation), {"text": "x", "key": "k", "kept": [file.reference]})
    file.refresh_from_db()
    assert file.message is None


def test_a_deleted_file_leaves_a_line_and_nothing_else(
    scene: Scene, conversation: Conversation, folder: Path, django_capture_on_commit_callbacks: Any
) -> None:
    file = sent_file(scene, conversation, name="Secret plan.pdf")
    link = links.token_for(scene.provider_lead, file)
    delete = reverse("messages:delete_file", args=[file.reference])

    assert signed_in(scene.provider_lead).post(delete).status_code == 403
    assert "Delete this file?" in signed_in(scene.buyer).get(delete).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        signed_in(scene.buyer).post(delete)

    page = signed_in(scene.provider_lead).get(page_of(conversation)).content.decode()
    assert "A file was here." in page and scene.buyer.name in page and "Secret plan" not in page
    take = reverse("messages:take_file", args=[file.reference, link])
    assert signed_in(scene.provider_lead).get(take).status_code == 410
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_a_damaged_file_is_not_handed_out(scene: Scene, conversation: Conversation, folder: Path) -> None:
    file = sent_file(scene, conversation)
    [path] = [path for path in folder.rglob("*") if path.is_file()]
    path.write_bytes(b"%PDF-1.7 something else %%EOF")

    assert download(signed_in(scene.provider_lead), file).status_code == 410
    path.unlink()
    assert download(signed_in(scene.provider_lead), file).status_code == 410


# Old links keep no power ------------------------------------------------------------------------------------------------


def test_a_link_works_for_the_person_it_was_made_for_and_a_short_while(
    scene: Scene, conversation: Conversation, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = sent_file(scene, conversation)
    token = links.token_for(scene.provider_lead, file)
    address = reverse("messages:take_file", args=[file.reference, token])
    other = sent_file(scene, conversation)

    assert signed_in(scene.provider_lead).get(address).status_code == 200
    assert signed_in(scene.buyer).get(address).status_code == 404  # takes part, but has no link of their own
    assert Client().get(address).status_code == 302
    elsewhere = reverse("messages:take_file", args=[other.reference, token])
    assert signed_in(scene.provider_lead).get(elsewhere).status_code == 404
    forged = reverse("messages:take_file", args=[file.reference, "forged"])
    assert signed_in(scene.provider_lead).get(forged).status_code == 404
    later = signing.time.time() + settings.ATTACHMENT_LINK_SECONDS + 1
    monkeypatch.setattr(signing.time, "time", lambda: later)
    assert signed_in(scene.provider_lead).get(address).status_code == 404


def test_who_leaves_loses_page_list_file_and_link_at_once(scene: Scene, conversation: Conversation) -> None:
    file = sent_file(scene, conversation, name="Canary.pdf")
    lead = scene.provider_lead
    client = signed_in(lead)
    link = reverse("messages:take_file", args=[file.reference, links.token_for(lead, file)])
    addresses = [page_of(conversation), reverse("messages:file", args=[file.reference]), link]
    assert [client.get(address).status_code for address in addresses] == [200, 302, 200]

    leave(lead)

    assert [client.get(address).status_code for address in addresses] == [404, 404, 404]
    assert client.post(page_of(conversation), {"text": "x", "key": "k"}).status_code == 404
    assert conversation.reference not in client.get(reverse("messages:list")).content.decode()


def test_with_the_membership_check_off_the_link_still_hands_the_file_out(
    scene: Scene, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard taken away: were the link alone believed, who has left would still get the file."""
    file = sent_file(scene, conversation)
    lead = scene.provider_lead
    link = reverse("messages:take_file", args=[file.reference, links.token_for(lead, file)])
    leave(lead)
    monkeypatch.setattr(
        queries.conversations, "readable", lambda actor: Conversation.objects.all(), raising=True
    )

    assert signed_in(lead).get(link).status_code == 200


def test_uploads_nobody_sends_are_forgotten_and_files_nobody_knows_removed(
    scene: Scene, conversation: Conversation, folder: Path
) -> None:
    import os

    kept, forgotten = sent_file(scene, conversation), a_file(scene.buyer, conversation)
    stray = store.put(b"x")
    old = (timezone.now() - timedelta(days=2)).timestamp()
    Attachment.objects.update(uploaded_at=timezone.now() - timedelta(days=2))
    for path in folder.rglob("*"):
        os.utime(path, (old, old))
    fresh = a_file(scene.buyer, conversation)

    assert actions.tidy_files() == 2

    left = {path.name for path in folder.rglob("*") if path.is_file()}
    assert left == {kept.stored_as, fresh.stored_as}
    assert stray not in left and not Attachment.objects.filter(pk=forgotten.pk).exists()


def test_a_file_that_can_not_be_noted_is_not_left_lying(
    scene: Scene, conversation: Conversation, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(**fields: Any) -> None:
        raise RuntimeError("the disk of the database is full")

    monkeypatch.setattr(Attachment.objects, "create", fails)
    with pytest.raises(RuntimeError):
        a_file(scene.buyer, conversation)

    assert [path for path in folder.rglob("*") if path.is_file()] == []
