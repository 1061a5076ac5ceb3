from django.apps import AppConfig


class BookingsConfig(AppConfig):
    name = "marketplace.bookings"
    label = "bookings"

    def ready(self) -> None:
        """Tell the search of the catalogue, which knows nothing of bookings, who is free when."""
        from marketplace.bookings import queries
        from marketplace.catalogue.search import availability_source

        availability_source.register(free_between=queries.free_between, next_free=queries.next_free)
