"""Verbs of buying. Each is one transaction."""

from marketplace.buyback.actions.baskets import (
    change_basket_line,
    empty_basket,
    put_in_basket,
    take_out_of_basket,
)
from marketplace.buyback.actions.carrying import (
    NotConvertible,
    NothingToCarry,
    convert_to_credits,
    decide_carry_forward,
    request_carry_forward,
)
from marketplace.buyback.actions.checking import (
    EvidenceMissing,
    check_evidence,
    check_minute,
    check_quotes,
)
from marketplace.buyback.actions.commissioning import (
    commission_agreement,
    spend_for_agreement,
    uncommission_agreement,
)
from marketplace.buyback.actions.converting import convert_agreements
from marketplace.buyback.actions.daily import (
    run_agreements,
)
from marketplace.buyback.actions.deciding import (
    SecondPersonNeeded,
    TermsNotAccepted,
    TooLateToApprove,
    accept_terms,
    approve_agreement,
    refuse_agreement,
    withdraw_agreement,
)
from marketplace.buyback.actions.drawing import (
    DoesNotFit,
    NothingLeft,
    give_back,
    release,
    reserve,
    use,
)
from marketplace.buyback.actions.endings import (
    carry_out_ending,
    convert_agreement,
    take_back_ending,
    terminate_agreement,
)
from marketplace.buyback.actions.entitlements import (
    close_entitlements,
    grant_entitlements,
    move_entitlements,
    settle_ended_years,
)
from marketplace.buyback.actions.evidence import (
    EvidenceIncomplete,
    EvidenceInvalid,
    ask_offer,
    ask_package,
    ask_supplier,
    choose_quote,
    complete_evidence,
    describe_evidence,
    record_answer,
    remove_quote,
    start_evidence,
)
from marketplace.buyback.actions.exchange import (
    CreditsInvalid,
    NotEnoughCredits,
    earn_credits,
    release_credits,
    reserve_credits,
    return_credits,
    set_credit_value,
    sponsor_credits,
)
from marketplace.buyback.actions.funding import (
    BudgetExceeded,
    StreamInvalid,
    change_budget,
    close_stream,
    commit_funding,
    create_stream,
    refund_beyond,
    refund_funding,
    release_funding,
    spend_funding,
)
from marketplace.buyback.actions.ladders import clear_ladder, set_ladder
from marketplace.buyback.actions.not_sold import notice_not_sold_again
from marketplace.buyback.actions.packages import (
    copy_edition,
    discard_edition,
    edit_edition,
    publish_edition,
    rename_package,
    set_price_rule,
    start_package,
    withdraw_edition,
)
from marketplace.buyback.actions.passing_on import pass_on_credits, pass_on_what_came_back
from marketplace.buyback.actions.paying import (
    funding_effect,
    still_committed,
)
from marketplace.buyback.actions.recording import (
    UseInvalid,
    record_use,
    take_back_use,
)
from marketplace.buyback.actions.renewing import (
    Renewed,
    link_renewal,
    notice_price_changes,
    notice_prices_shown,
    renew_agreement,
)
from marketplace.buyback.actions.running import (
    activate_agreement,
    begin_years,
    end_agreement,
)
from marketplace.buyback.actions.statements import make_exchange_statement, make_exchange_statements
from marketplace.buyback.actions.submitting import (
    submit_basket,
)
from marketplace.buyback.actions.terms import (
    draft_terms,
    edit_terms,
    publish_terms,
)
from marketplace.buyback.actions.windows import (
    change_window,
    open_window,
)

__all__ = [
    "BudgetExceeded",
    "CreditsInvalid",
    "DoesNotFit",
    "EvidenceIncomplete",
    "EvidenceInvalid",
    "EvidenceMissing",
    "NotConvertible",
    "NotEnoughCredits",
    "NothingLeft",
    "NothingToCarry",
    "Renewed",
    "SecondPersonNeeded",
    "StreamInvalid",
    "TermsNotAccepted",
    "TooLateToApprove",
    "UseInvalid",
    "accept_terms",
    "activate_agreement",
    "approve_agreement",
    "ask_offer",
    "ask_package",
    "ask_supplier",
    "begin_years",
    "carry_out_ending",
    "change_basket_line",
    "change_budget",
    "change_window",
    "check_evidence",
    "check_minute",
    "check_quotes",
    "choose_quote",
    "clear_ladder",
    "close_entitlements",
    "close_stream",
    "commission_agreement",
    "commit_funding",
    "complete_evidence",
    "convert_agreement",
    "convert_agreements",
    "convert_to_credits",
    "copy_edition",
    "create_stream",
    "decide_carry_forward",
    "describe_evidence",
    "discard_edition",
    "draft_terms",
    "earn_credits",
    "edit_edition",
    "edit_terms",
    "empty_basket",
    "end_agreement",
    "funding_effect",
    "give_back",
    "grant_entitlements",
    "link_renewal",
    "make_exchange_statement",
    "make_exchange_statements",
    "move_entitlements",
    "notice_not_sold_again",
    "notice_price_changes",
    "notice_prices_shown",
    "open_window",
    "pass_on_credits",
    "pass_on_what_came_back",
    "publish_edition",
    "publish_terms",
    "put_in_basket",
    "record_answer",
    "record_use",
    "refund_beyond",
    "refund_funding",
    "refuse_agreement",
    "release",
    "release_credits",
    "release_funding",
    "remove_quote",
    "rename_package",
    "renew_agreement",
    "request_carry_forward",
    "reserve",
    "reserve_credits",
    "return_credits",
    "run_agreements",
    "set_credit_value",
    "set_ladder",
    "set_price_rule",
    "settle_ended_years",
    "spend_for_agreement",
    "spend_funding",
    "sponsor_credits",
    "start_evidence",
    "start_package",
    "still_committed",
    "submit_basket",
    "take_back_ending",
    "take_back_use",
    "take_out_of_basket",
    "terminate_agreement",
    "uncommission_agreement",
    "use",
    "withdraw_agreement",
    "withdraw_edition",
]
