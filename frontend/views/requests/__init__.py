"""Pages of requests for support: writing and sending them, answering them, deciding, and the convenor's view."""
