from django.apps import AppConfig


class BrokerageConfig(AppConfig):
    name = "marketplace.brokerage"
    label = "brokerage"

    def ready(self) -> None:
        from marketplace.bookings.queries import counts_as_promised
        from marketplace.brokerage.queries import promised_but_not_booked

        counts_as_promised(promised_but_not_booked)
