"""Addresses of card payments, and where the card network tells us what happened."""

from django.urls import path

from frontend.views.billing import card_money, card_webhook, cards

app_name = "cards"
urlpatterns = [
    path("webhooks/stripe/", card_webhook.stripe_webhook, name="webhook"),
    path("money/card/", cards.payments, name="list"),
    path("money/card/document/<str:reference>/", cards.pay_document, name="pay_document"),
    path("money/card/booking/<str:reference>/", cards.pay_booking, name="pay_booking"),
    path("money/card/attention/", card_money.attention, name="attention"),
    path("money/card/payouts/", card_money.payouts, name="payouts"),
    path("money/card/payouts/<str:reference>/open/", card_money.open_account, name="open_account"),
    path("money/card/refunds/<str:reference>/again/", card_money.refund_again, name="refund_again"),
    path("money/card/refunds/<str:reference>/by-bank/", card_money.refund_by_bank, name="refund_by_bank"),
    path("money/card/<str:reference>/", cards.payment, name="payment"),
    path("money/card/<str:reference>/pay/", cards.pay, name="pay"),
    path("money/card/<str:reference>/simulated/", cards.simulated, name="simulated"),
    path("money/card/<str:reference>/another-card/", cards.another_card, name="another_card"),
    path("money/card/<str:reference>/give-up/", cards.give_up, name="give_up"),
    path("money/card/<str:reference>/refund/", card_money.refund, name="refund"),
    path("money/card/<str:reference>/close/", card_money.close, name="close"),
    path("money/card/<str:reference>/objection/", card_money.objection, name="objection"),
    path("money/card/<str:reference>/pay-out/", card_money.pay_out, name="pay_out"),
]
