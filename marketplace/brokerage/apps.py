from django.apps import AppConfig


class BrokerageConfig(AppConfig):
    name = "marketplace.brokerage"
    label = "brokerage"

    def ready(self) -> None:
        from marketplace.bookings.queries import counts_as_promised, limits_moves
        from marketplace.brokerage.queries import promised_but_not_booked, why_not_moved

        counts_as_promised(promised_but_not_booked)
        limits_moves(why_not_moved)
