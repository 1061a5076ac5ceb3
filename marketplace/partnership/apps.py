from django.apps import AppConfig


class PartnershipConfig(AppConfig):
    name = "marketplace.partnership"
    label = "partnership"
