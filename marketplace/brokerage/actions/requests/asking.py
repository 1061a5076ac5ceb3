"""Questions of those asked, and the school's answers, which all asked can read."""

from django.utils import timezone

from marketplace.brokerage import rules
from marketplace.brokerage.actions.requests.steps import lock_invitation, lock_own, today
from marketplace.brokerage.errors import RequestInvalid
from marketplace.brokerage.events import QuestionAnswered, QuestionAsked
from marketplace.brokerage.models import RequestInvitation, RequestQuestion, RequestStatus, SupportRequest
from marketplace.kernel import events, history
from marketplace.kernel.access import Actor
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import NotFound, NotNow

MOST_QUESTIONS = 20
LONGEST_QUESTION = 1_000
LONGEST_ANSWER = 3_000


@action
def ask_question(*, actor: Actor, invitation: RequestInvitation, text: str) -> RequestQuestion:
    """Ask the school. All asked will read it; nobody learns who asked. Raises `TooLate` after the last day for questions."""
    row = lock_invitation(actor, invitation, to="ask a question")
    rules.check_in_time(row.request.questions_close_on, today(), what="Questions")
    if row.questions.count() >= MOST_QUESTIONS:
        raise RequestInvalid(
            f"You asked {MOST_QUESTIONS} questions already.", remedy="Wait for the answers.", field="text"
        )
    question: RequestQuestion = RequestQuestion.objects.scoped().create(
        request=row.request,
        invitation=row,
        text=_text(text, LONGEST_QUESTION, "text", "Write your question."),
        asked_by_id=actor.user_id,
        asked_at=timezone.now(),
    )
    events.publish(QuestionAsked(question.pk))
    return question


@action
def answer_question(*, actor: Actor, question: RequestQuestion, text: str) -> RequestQuestion:
    """Answer a question for all asked. An answer, once given, stays: others have read it."""
    seen = SupportRequest.objects.scoped().filter(questions=question.pk).first()
    if seen is None:
        raise NotFound
    request = lock_own(actor, seen, to="answer questions on this request")
    row: RequestQuestion = locked(RequestQuestion.objects.scoped().filter(request=request), pk=question.pk)
    if request.status != RequestStatus.OPEN:
        raise NotNow(
            "The request is no longer open, so an answer would come too late.",
            remedy="Tell the provider you choose directly.",
        )
    if row.answered_at is not None:
        raise NotNow("This question is answered already.", remedy="Its answer stays: others have read it.")
    row.answer = _text(text, LONGEST_ANSWER, "text", "Write the answer.")
    row.answered_by_id, row.answered_at = actor.user_id, timezone.now()
    row.save()
    history.write(row, verb="answer", by=actor)
    events.publish(QuestionAnswered(row.pk))
    return row


def _text(text: str, longest: int, field: str, missing: str) -> str:
    text = text.strip()
    if not text:
        raise RequestInvalid(missing, remedy="A sentence is enough.", field=field)
    if len(text) > longest:
        raise RequestInvalid("That is too long.", remedy=f"Use {longest:,} characters or fewer.", field=field)
    return text
