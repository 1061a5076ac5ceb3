"""The ranking of a need's candidates, whom it suggests, whom it leaves out, and where one offer stands."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q, QuerySet
from django.utils import timezone

from marketplace.brokerage.queries.ranking.asked import (
    JUDGED_BY_DATABASE,
    Asked,
    considered,
    counts,
    left_out_by,
    passing,
)
from marketplace.brokerage.queries.ranking.candidates import Candidate, read_candidates
from marketplace.brokerage.rules.ranking import (
    HARD_REASONS,
    SHOWN,
    WEIGHTS,
    Changes,
    HardReason,
    Loss,
    Scored,
    Table,
    changes_to_be_first,
    losses,
    place_of,
    ranked,
    score,
)
from marketplace.catalogue.models import DeliveryMode, Offer, Theme
from marketplace.catalogue.quotes import Quote
from marketplace.catalogue.rules import Part
from marketplace.kernel.dates import local
from marketplace.kernel.errors import NotFound
from marketplace.kernel.money import pounds
from marketplace.organisations.models import School


@dataclass(frozen=True)
class Placed:
    """A candidate with its place (from 1), its score (from 0 to 100) and the seven parts of it (each from 0 to 1)."""

    candidate: Candidate
    place: int
    total: float
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Ranking:
    """Every offer considered for what is asked. `considered` counts them, `left_out` by the first reason that holds, in their order."""

    asked: Asked
    candidates: Sequence[Candidate]
    table: Table
    scored: Scored
    considered: int
    left_out: Counter[HardReason]

    @cached_property
    def order(self) -> list[int]:
        """The rows that can help, best first."""
        return ranked(self.table, self.scored)

    @property
    def can_help(self) -> int:
        return len(self.order)

    @property
    def suggested(self) -> list[Placed]:
        """The first five."""
        return [self.placed(row, place) for place, row in enumerate(self.order[:SHOWN], start=1)]

    def placed(self, row: int, place: int) -> Placed:
        """One row as it is shown."""
        shares = self.scored.shares[:, row]
        parts = tuple(Part(weight, float(share)) for weight, share in zip(WEIGHTS, shares, strict=True))
        return Placed(self.candidates[row], place, 100 * float(self.scored.totals[row]), parts)


@dataclass(frozen=True)
class Standing:
    """Where one offer stands: its place, what keeps it from the first, and what would change that.

    For an offer that is left out, `placed.place` is the one it would have without what speaks against it.
    """

    placed: Placed
    first: Placed | None
    losses: tuple[Loss, ...]
    changes: Changes

    @property
    def reason(self) -> HardReason | None:
        return self.placed.candidate.reason

    @property
    def other_reasons(self) -> list[HardReason]:
        """What else speaks against it, beside the reason that is counted."""
        held = self.placed.candidate.reasons
        return [reason for reason in HARD_REASONS if reason in held and reason != self.reason]


def rank(asked: Asked) -> Ranking:
    """Rank all offers on show to the school: a prefilter in the database, then the published score."""
    counted = counts(asked)
    candidates = read_candidates(asked, considered(asked).filter(passing()))
    table = Table.of(candidate.facts for candidate in candidates)
    left_out = Counter({reason: counted[reason] for reason in JUDGED_BY_DATABASE if counted[reason]})
    left_out.update(candidate.reason for candidate in candidates if candidate.reason)
    return Ranking(
        asked=asked,
        candidates=candidates,
        table=table,
        scored=score(table, half_days=asked.half_days),
        considered=counted["all"],
        left_out=Counter({reason: left_out[reason] for reason in HARD_REASONS if left_out[reason]}),
    )


def standing_of(ranking: Ranking, reference: str) -> Standing:
    """Where the offer of a reference stands in a ranking, and why. Raises `NotFound` for one that is not on show to the school."""
    rows = [row for row, each in enumerate(ranking.candidates) if each.reference == reference]
    if not rows:
        asked_about = read_candidates(ranking.asked, considered(ranking.asked).filter(reference=reference))
        if not asked_about:
            raise NotFound("There is no such offer on show to this school.")
        candidates = [*ranking.candidates, *asked_about]
        table = Table.of(each.facts for each in candidates)
        ranking = Ranking(
            ranking.asked,
            candidates,
            table,
            score(table, half_days=ranking.asked.half_days),
            ranking.considered,
            ranking.left_out,
        )
        rows = [len(candidates) - 1]
    [row] = rows
    placed = ranking.placed(row, place_of(ranking.table, ranking.scored, row))
    first = ranking.placed(ranking.order[0], 1) if ranking.order else None
    is_behind = first is not None and ranking.order[0] != row
    return Standing(
        placed=placed,
        first=first,
        losses=tuple(losses(ranking.scored, row, ranking.order[0])) if is_behind else (),
        changes=changes_to_be_first(ranking.table, row, half_days=ranking.asked.half_days),
    )


def offers_left_out(ranking: Ranking, reason: HardReason) -> QuerySet[Offer]:
    """The offers that a reason leaves out, with their provider and version, by provider."""
    if reason in JUDGED_BY_DATABASE:
        rows = left_out_by(ranking.asked, reason)
    else:
        ids = [each.facts.id for each in ranking.candidates if each.reason == reason]
        rows = Offer.objects.filter(pk__in=ids).order_by("provider__name", "pk")
    return rows.select_related("provider", "current")


def offers_to_ask_about(asked: Asked, words: str) -> QuerySet[Offer]:
    """Offers on show to the school whose title, provider or reference holds every one of the words: for “why not …”."""
    wanted = Q()
    for word in words.split():
        wanted &= (
            Q(current__title__icontains=word) | Q(provider__name__icontains=word) | Q(reference__iexact=word)
        )
    rows = considered(asked).filter(wanted).select_related("provider", "current")
    return rows.order_by("provider__name", "current__title", "pk")


@dataclass(frozen=True)
class RankedProvider:
    """A provider that could be asked, and the offer it was found by. `price_pence` is for the half-days asked about, before VAT."""

    provider_id: int
    provider: str
    provider_reference: str
    offer_reference: str
    offer: str
    why: str
    price_pence: int | None
    is_la_service: bool


def ranked_providers(
    theme: Theme,
    phase: str,
    school: School,
    half_days: int,
    remote_ok: bool,
    max_price_pence: int | None,
    limit: int,
) -> list[RankedProvider]:
    """The providers that fit best by the published score, each once with its best offer.

    `max_price_pence` is for all of the half-days, before VAT; what has no price that can be worked out is kept.
    """
    asked = Asked(
        theme=theme,
        phase=phase,
        school=school,
        half_days=half_days,
        remote_ok=remote_ok,
        today=local(timezone.now()).date(),
        most_pence=max_price_pence,
    )
    ranking = rank(asked)
    found: dict[int, RankedProvider] = {}
    for row in ranking.order:
        candidate = ranking.candidates[row]
        if candidate.provider_id not in found:
            found[candidate.provider_id] = _provider(candidate, 100 * float(ranking.scored.totals[row]))
        if len(found) == limit:
            break
    return list(found.values())


def _price_in_words(quote: Quote) -> str:
    """What a price is for: some rules price the days asked about, others a session or the whole service."""
    asked = quote.quantity
    what = "the days you want" if asked.half_days else "a session" if asked.sessions else "the whole service"
    return f"{pounds(quote.total_pence)} before VAT for {what}"


def _provider(candidate: Candidate, total: float) -> RankedProvider:
    price = candidate.facts.price_pence
    return RankedProvider(
        provider_id=candidate.provider_id,
        provider=candidate.provider_name,
        provider_reference=candidate.provider_reference,
        offer_reference=candidate.reference,
        offer=candidate.title,
        why=", ".join(
            [
                f"{total:.0f} of 100 points",
                *([] if candidate.is_exact else ["for another theme under the same heading"]),
                str(DeliveryMode(candidate.mode).label),
                *([f"{candidate.metres / 1000:.0f} km away"] if candidate.metres is not None else []),
                *([_price_in_words(candidate.priced.quote)] if candidate.priced.quote else []),
            ]
        ),
        price_pence=price,
        is_la_service=candidate.is_la_service,
    )
