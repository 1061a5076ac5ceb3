"""Conversations about a subject, between organisations.

A `Conversation` names its subject by kind and id; `key` tells several conversations about one subject apart (each school a session was
handed to has its own with the provider; each provider asked about a request has its own with the school). Who takes part is never
stored: `conversations.subjects` works it out from the subject and the roles held at this moment.

`ConversationMessage` rows are numbered 1, 2, 3 within their conversation and never change: a trigger refuses. A `Reading` says up to which
number one person has read; a `Receipt` when an organisation first had read up to a number. An `Attachment` without a message was
uploaded and is not sent yet.
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from marketplace.kernel.references import new_reference
from marketplace.organisations.models import Organisation, User

LONGEST_NAME = 100


def conversation_reference() -> str:
    return new_reference("CV")


def message_reference() -> str:
    return new_reference("MG")


def attachment_reference() -> str:
    return new_reference("AT")


class Conversation(models.Model):
    """What organisations write to each other about one subject. `last_number` and `last_at` are those of its newest message."""

    reference = models.CharField(max_length=12, unique=True, default=conversation_reference, editable=False)
    kind = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()
    key = models.CharField(max_length=40, blank=True)
    last_number = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-last_at", "-id"]
        indexes = [models.Index(fields=["-last_at", "-id"], name="newest_conversations")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_id", "key"], name="a_subject_and_key_have_one_conversation"
            )
        ]

    def __str__(self) -> str:
        return self.reference


class ConversationMessage(models.Model):
    """One message, written by a person for an organisation. `key` keeps a message sent twice from being there twice."""

    reference = models.CharField(max_length=12, unique=True, default=message_reference, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="messages")
    number = models.PositiveIntegerField()
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    author_name = models.CharField(max_length=200)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(blank=True)
    key = models.CharField(max_length=64)
    sent_at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["conversation", "number"], name="messages_are_numbered_one_after_the_other"
            ),
            models.UniqueConstraint(fields=["conversation", "author", "key"], name="a_message_is_sent_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="messages_are_numbered_from_one"),
        ]

    def __str__(self) -> str:
        return self.reference


class Reading(models.Model):
    """Up to which number one person has read, for the organisation they read for."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="readings")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    up_to = models.PositiveIntegerField()
    read_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "user"], name="a_person_has_read_up_to_one_message"
            )
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id} up to {self.up_to}"


class Receipt(models.Model):
    """When somebody of an organisation had first read up to a number: what the other side is shown."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="receipts")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    up_to = models.PositiveIntegerField()
    read_at = models.DateTimeField()

    class Meta:
        ordering = ["up_to"]
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "organisation", "up_to"],
                name="an_organisation_reads_up_to_a_message_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} up to {self.up_to}"


class Attachment(models.Model):
    """A file sent with a message. It lies in the attachments folder under `stored_as`, a random name; a deleted one leaves this row."""

    reference = models.CharField(max_length=12, unique=True, default=attachment_reference, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="attachments")
    message = models.ForeignKey(
        ConversationMessage, null=True, on_delete=models.PROTECT, related_name="attachments"
    )
    name = models.CharField(max_length=LONGEST_NAME)
    file_kind = models.CharField(max_length=10)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=64, unique=True)
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    deleted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(deleted_at__isnull=True, deleted_by__isnull=True)
                | Q(deleted_at__isnull=False, deleted_by__isnull=False),
                name="attachment_deletion_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(deleted_at__isnull=True) | Q(deleted_at__gte=F("uploaded_at")),
                name="attachment_is_deleted_after_it_came",
            ),
        ]

    def __str__(self) -> str:
        return self.reference
