from django.apps import AppConfig


class CoverageConfig(AppConfig):
    name = "marketplace.coverage"
    label = "coverage"
