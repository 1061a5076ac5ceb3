"""Forms of the pages: a renderer that writes GOV.UK markup, and the fields and widgets of this field of work."""
