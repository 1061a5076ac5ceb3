"""The API of conversations: those one takes part in, their messages, and how far one has read."""

import hashlib
import uuid
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from marketplace.notifications import actions, queries
from marketplace.notifications.conversations.rules import LONGEST_TEXT
from marketplace.notifications.conversations.subjects import KINDS
from marketplace.notifications.models import Attachment, Conversation, ConversationMessage

SUBJECTS = [(name, entry.label) for name, entry in KINDS.entries.items()]


class SideOutput(serializers.Serializer[Any]):
    """One organisation that takes part."""

    name = serializers.CharField()


class ConversationOutput(serializers.ModelSerializer[Conversation]):
    """What organisations write to each other about one subject. `path` is the page of the subject."""

    about = serializers.ChoiceField(source="kind", choices=SUBJECTS)
    title = serializers.SerializerMethodField()
    path = serializers.SerializerMethodField()
    between = serializers.SerializerMethodField()
    closed = serializers.SerializerMethodField(help_text="Why nobody writes any more; empty while people do")
    messages = serializers.IntegerField(source="last_number")
    unread = serializers.IntegerField()

    class Meta:
        model = Conversation
        fields = ("reference", "about", "title", "path", "between", "closed", "messages", "unread", "last_at")
        read_only_fields = fields

    def get_title(self, row: Conversation) -> str:
        return str(self.context["standing"][row.pk].title)

    def get_path(self, row: Conversation) -> str:
        return str(self.context["standing"][row.pk].path)

    @extend_schema_field(SideOutput(many=True))
    def get_between(self, row: Conversation) -> Any:
        return [{"name": side.name} for side in self.context["standing"][row.pk].sides]

    def get_closed(self, row: Conversation) -> str:
        return str(self.context["standing"][row.pk].closed)


class AttachmentOutput(serializers.ModelSerializer[Attachment]):
    """A file sent with a message; `url` is where who takes part gets it. A deleted one has neither name nor `url`."""

    name = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()

    class Meta:
        model = Attachment
        fields = ("reference", "name", "size", "sha256", "url", "deleted_at")
        read_only_fields = fields

    def get_name(self, row: Attachment) -> str:
        return "" if row.deleted_at else row.name

    def get_url(self, row: Attachment) -> str:
        return "" if row.deleted_at else reverse("messages:file", args=[row.reference])


class MessageOutput(serializers.ModelSerializer[ConversationMessage]):
    """One message. Numbers count from 1 within a conversation."""

    organisation = serializers.CharField(source="organisation.reference")
    files = AttachmentOutput(source="attachments", many=True)

    class Meta:
        model = ConversationMessage
        fields = ("reference", "number", "author_name", "organisation", "text", "sent_at", "files")
        read_only_fields = fields


class MessageInput(serializers.Serializer[Any]):
    """What to write, in plain text."""

    text = serializers.CharField(max_length=LONGEST_TEXT)


class BeginInput(MessageInput):
    """The first message about a subject, or one more where there is a conversation already."""

    about = serializers.ChoiceField(choices=SUBJECTS)
    reference = serializers.CharField(max_length=20, help_text="Of the subject: of the booking, say")
    key = serializers.CharField(
        max_length=40, required=False, default="", help_text="Which of several about one subject"
    )


class ReadInput(serializers.Serializer[Any]):
    """How far was read."""

    up_to = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False, allow_null=True)


class ConversationFilter(django_filters.FilterSet):
    unread = django_filters.BooleanFilter(method="only_unread", label="Only those with something new")
    about = django_filters.ChoiceFilter(field_name="kind", choices=SUBJECTS, label="What they are about")

    class Meta:
        model = Conversation
        fields = ("unread", "about")

    def only_unread(self, rows: QuerySet[Conversation], name: str, value: bool) -> QuerySet[Conversation]:
        waiting = queries.unread_conversations(self.request.actor).values("pk")
        return rows.filter(pk__in=waiting) if value else rows.exclude(pk__in=waiting)


class ConversationViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Conversation]
):
    """The conversations you take part in, the one written in last first."""

    queryset = Conversation.objects.none()
    serializer_class = ConversationOutput
    filterset_class = ConversationFilter
    lookup_field = "reference"

    def get_queryset(self) -> QuerySet[Conversation]:
        actor = self.request.actor  # type: ignore[attr-defined]
        return queries.with_unread_counts(actor, queries.conversations_visible_to(actor))

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Those you take part in."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(self._shown(page))

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One of them."""
        return Response(self._shown([self.get_object()])[0])

    @extend_schema(request=BeginInput, responses={201: MessageOutput})
    def create(self, request: Request) -> Response:
        """Write about a subject; the first message begins the conversation."""
        given = _read(BeginInput, request)
        conversation = actions.open_conversation(
            actor=request.actor,  # type: ignore[attr-defined]
            kind=given["about"],
            reference=given["reference"],
            key=given["key"],
        )
        return self._written(request, conversation, given["text"])

    @extend_schema(
        methods=["GET"],
        responses=MessageOutput(many=True),
        filters=False,
        parameters=[OpenApiParameter("page", int), OpenApiParameter("page_size", int)],
    )
    @extend_schema(methods=["POST"], request=MessageInput, responses={201: MessageOutput})
    @action(detail=True, methods=["get", "post"])
    def messages(self, request: Request, reference: str) -> Response:
        """The messages of a conversation, the oldest first; or write one. Reading them here marks nothing as read: see `read`."""
        conversation = queries.conversation_for(request.actor, reference)  # type: ignore[attr-defined]
        if request.method == "POST":
            return self._written(request, conversation, _read(MessageInput, request)["text"])
        page = self.paginate_queryset(queries.messages_of(conversation))  # type: ignore[arg-type,type-var]
        return self.get_paginated_response(MessageOutput(page, many=True).data)

    @extend_schema(request=ReadInput, responses=ConversationOutput)
    @action(detail=True, methods=["post"])
    def read(self, request: Request, reference: str) -> Response:
        """Mark the messages up to a number, or all of them, as read; your organisation’s receipt follows."""
        conversation = queries.conversation_for(request.actor, reference)  # type: ignore[attr-defined]
        up_to = _read(ReadInput, request).get("up_to")
        actions.mark_conversation_read(actor=request.actor, conversation=conversation, up_to=up_to)  # type: ignore[attr-defined]
        return Response(self._shown([self.get_object()])[0])

    def _written(self, request: Request, conversation: Conversation, text: str) -> Response:
        given = request.headers.get("Idempotency-Key")
        key = hashlib.sha256(given.encode()).hexdigest() if given else uuid.uuid4().hex
        message = actions.write_message(
            actor=request.actor,  # type: ignore[attr-defined]
            conversation=conversation,
            text=text,
            key=key,
        )
        return Response(MessageOutput(message).data, status=status.HTTP_201_CREATED)

    def _shown(self, rows: Any) -> Any:
        standing = {row.pk: how for row, how in queries.with_standing(list(rows))}
        here = [row for row in rows if row.pk in standing]
        context = self.get_serializer_context() | {"standing": standing}
        return list(ConversationOutput(here, many=True, context=context).data)


def _read(shape: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    given = shape(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def register(router: DefaultRouter) -> None:
    """Add the viewset of conversations to the router."""
    router.register("conversations", ConversationViewSet, basename="conversation")
