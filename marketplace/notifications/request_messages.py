"""What people are told of requests for support, and of needs not confirmed: one function per thing that happens."""

from django.urls import reverse

from marketplace.brokerage import queries as brokerage
from marketplace.brokerage.models import (
    InvitationStatus,
    LossReason,
    NeedsNudge,
    NudgeRound,
    RequestInvitation,
    RequestQuestion,
    RequestStatus,
    SupportRequest,
)
from marketplace.kernel.dates import long_date
from marketplace.kernel.days import format_days
from marketplace.notifications.rules import Kind, Message


def invited(invitation: RequestInvitation) -> Message:
    brief = brokerage.brief_of(invitation)
    return Message(
        Kind.REQUEST_INVITED,
        f"{brief.school} asks for support: {brief.title}",
        f"{invitation.provider} is one of those asked. Respond with people, dates, a price and how you would go about it, or"
        f" decline, by {long_date(brief.responses_close_on)}. Questions are taken until"
        f" {long_date(brief.questions_close_on)}.\n\n{_facts(invitation)}",
        _provider_page(invitation),
    )


def closing_soon(invitation: RequestInvitation) -> Message:
    brief = brokerage.brief_of(invitation)
    return Message(
        Kind.REQUEST_CLOSING,
        f"Closes on {long_date(brief.responses_close_on)}: {brief.title}",
        f"{invitation.provider} has not answered {brief.school} yet. Declining helps the school, too: it knows then whom else to"
        f" ask.\n\n{_facts(invitation)}",
        _provider_page(invitation),
    )


def question_asked(question: RequestQuestion) -> Message:
    request = question.request
    return Message(
        Kind.REQUEST_QUESTION,
        f"A question on your request: {request.title}",
        "One of those you asked wants to know something before it responds. All of them will read the question and your answer;"
        f" nobody is told who asked.\n\nQuestion: {question.text}",
        reverse("requests:answer", args=[request.reference, question.pk]),
    )


def question_answered(question: RequestQuestion, invitation: RequestInvitation) -> Message:
    return Message(
        Kind.REQUEST_ANSWERED,
        f"A question was answered: {invitation.request.title}",
        f"Question: {question.text}\n\nAnswer of {invitation.request.school}: {question.answer}\n\n{_facts(invitation)}",
        _provider_page(invitation),
    )


def declined(invitation: RequestInvitation) -> Message:
    request = invitation.request
    note = f" “{invitation.decline_note}”" if invitation.decline_note else ""
    return Message(
        Kind.REQUEST_DECLINED,
        f"{invitation.provider} declined: {request.title}",
        f"Reason: {invitation.get_decline_reason_display()}.{note}\n\nYou can ask another provider until"
        f" {long_date(request.questions_close_on)}.",
        _school_page(request),
    )


def closed(request: SupportRequest) -> Message:
    if request.status == RequestStatus.UNSUCCESSFUL:
        return Message(
            Kind.REQUEST_CLOSED,
            f"No response: {request.title}",
            "Nobody responded, so the request has come to nothing. The local authority’s convenors see that this support is not to be"
            " had. You can look through the offers, or ask other providers.",
            _school_page(request),
        )
    return Message(
        Kind.REQUEST_CLOSED,
        f"Responses are in: {request.title}",
        "The request is closed and the responses can be read side by side. Choose one, or say that none is suitable: those who"
        " responded are waiting to hear.",
        reverse("requests:compare", args=[request.reference]),
    )


def decided(invitation: RequestInvitation) -> Message:
    brief = brokerage.brief_of(invitation)
    if invitation.status == InvitationStatus.CHOSEN:
        return Message(
            Kind.REQUEST_DECIDED,
            f"You were chosen: {brief.title}",
            f"{brief.school} has chosen {invitation.provider}’s response and will book the dates with you.\n\n{_facts(invitation)}",
            _provider_page(invitation),
        )
    why = LossReason(invitation.loss_reason).label
    return Message(
        Kind.REQUEST_DECIDED,
        f"Not chosen this time: {brief.title}",
        f"{brief.school} thanks {invitation.provider} for its response, and has not chosen it this time. The reason it gives:"
        f" {why[0].lower()}{why[1:]}.\n\nYour response stays readable on its page.\n\n{_facts(invitation)}",
        _provider_page(invitation),
    )


def withdrawn(invitation: RequestInvitation) -> Message:
    brief = brokerage.brief_of(invitation)
    return Message(
        Kind.REQUEST_DECIDED,
        f"Withdrawn: {brief.title}",
        f"{brief.school} has withdrawn its request. Reason given: {brief.end_reason}\n\n{_facts(invitation)}",
        _provider_page(invitation),
    )


def needs_wanted(nudge: NeedsNudge) -> Message:
    who = "The local authority" if nudge.round == NudgeRound.BY_HAND else "The exchange"
    return Message(
        Kind.NEEDS_WANTED,
        f"What support does {nudge.school} need in {nudge.academic_year}?",
        f"{who} has not heard from your school yet. Declare what you need, or confirm that you need nothing: a school that has not"
        " answered can’t be planned for. Other schools and providers never see what you declare.",
        reverse("brokerage:needs"),
    )


def _facts(invitation: RequestInvitation) -> str:
    brief = brokerage.brief_of(invitation)
    return (
        f"For: {brief.school}\n"
        f"What: {brief.theme}, {brief.phase.lower()}, {format_days(brief.half_days)}\n"
        f"When: between {long_date(brief.first_day)} and {long_date(brief.last_day)}\n"
        f"Reference: {invitation.reference}"
    )


def _provider_page(invitation: RequestInvitation) -> str:
    return reverse("requests:invitation", args=[invitation.reference])


def _school_page(request: SupportRequest) -> str:
    return reverse("requests:request", args=[request.reference])
