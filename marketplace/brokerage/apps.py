from django.apps import AppConfig


class BrokerageConfig(AppConfig):
    name = "marketplace.brokerage"
    label = "brokerage"

    def ready(self) -> None:
        from marketplace.bookings.queries import counts_as_promised, keeps_with_its_school, limits_moves
        from marketplace.brokerage.queries import (
            deployment_it_belongs_to,
            promised_but_not_booked,
            why_not_moved,
        )

        counts_as_promised(promised_but_not_booked)
        keeps_with_its_school(deployment_it_belongs_to)
        limits_moves(why_not_moved)
