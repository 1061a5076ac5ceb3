from django.apps import AppConfig


class DemoAreaConfig(AppConfig):
    name = "marketplace.demo_area"
    label = "demo_area"
