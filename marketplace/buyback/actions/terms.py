"""A seller's terms: written, numbered, published, and never changed again."""

from django.db.models import Max
from django.utils import timezone

from marketplace.buyback.models import TermsVersion
from marketplace.buyback.queries import selling as queries
from marketplace.buyback.selling_errors import TermsInvalid
from marketplace.catalogue.access import must_manage
from marketplace.kernel import history
from marketplace.kernel.access import Actor
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import NotNow
from marketplace.organisations.models import Organisation

LONGEST_BODY = 60_000


@action
def draft_terms(*, actor: Actor, seller: Organisation, title: str, body: str) -> TermsVersion:
    """Start the next version of a seller's terms. Raises `NotAllowed`, `TermsInvalid`, or `NotNow` while a draft lies open."""
    must_manage(actor, seller.pk, to="write terms for this seller")
    _check(title, body)
    Organisation.objects.select_for_update(no_key=True).get(pk=seller.pk)
    draft = TermsVersion.objects.filter(seller=seller, published_at__isnull=True).first()
    if draft is not None:
        raise NotNow(
            f"Version {draft.number} is not published yet.", remedy="Change that draft, or publish it first."
        )
    last = TermsVersion.objects.filter(seller=seller).aggregate(last=Max("number"))["last"] or 0
    terms = TermsVersion.objects.create(
        seller=seller,
        number=last + 1,
        title=title.strip(),
        body=body.strip(),
        written_by_id=actor.user_id,
    )
    history.write(terms, verb="draft", after="draft", by=actor)
    return terms


@action
def edit_terms(*, actor: Actor, terms: TermsVersion, title: str, body: str) -> TermsVersion:
    """Change a draft. Raises `NotNow` for terms that are published: write a new version instead."""
    terms = _draft(actor, terms)
    _check(title, body)
    terms.title, terms.body = title.strip(), body.strip()
    terms.save(update_fields=["title", "body"])
    history.write(terms, verb="write", before="draft", after="draft", by=actor)
    return terms


@action
def publish_terms(*, actor: Actor, terms: TermsVersion) -> TermsVersion:
    """Publish a draft: from now on its words stay as they are, and editions can carry it."""
    terms = _draft(actor, terms)
    terms.published_at = timezone.now()
    terms.save(update_fields=["published_at"])
    history.write(terms, verb="publish", before="draft", after="published", by=actor)
    return terms


def _draft(actor: Actor, terms: TermsVersion) -> TermsVersion:
    row: TermsVersion = locked(queries.terms_visible_to(actor), pk=terms.pk)
    must_manage(actor, row.seller_id, to="change the terms of this seller")
    if row.published_at is not None:
        raise NotNow(
            f"Version {row.number} is published and stays as it is.", remedy="Write a new version instead."
        )
    return row


def _check(title: str, body: str) -> None:
    if not title.strip():
        raise TermsInvalid("The terms have no title.", remedy="Give them one.", field="title")
    if not body.strip():
        raise TermsInvalid(
            "The terms are empty.", remedy="Write what you and the school agree to.", field="body"
        )
    if len(body) > LONGEST_BODY:
        raise TermsInvalid(
            f"The terms have {len(body):,} characters.",
            remedy=f"Use {LONGEST_BODY:,} or fewer.",
            field="body",
        )
