"""Components for page templates: `{% load ui %}`. Each is shown, with its data, in components/README.md.

Data is plain: dictionaries or objects with the named attributes. Text is escaped; pass a safe string to give markup.
"""

from django import template

from frontend.templatetags.ui import blocks, fields, lists, records, words

register = template.Library()
for part in (blocks, fields, lists, records, words):
    register.tags.update(part.register.tags)
    register.filters.update(part.register.filters)
