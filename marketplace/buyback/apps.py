from django.apps import AppConfig


class BuybackConfig(AppConfig):
    name = "marketplace.buyback"
    label = "buyback"
