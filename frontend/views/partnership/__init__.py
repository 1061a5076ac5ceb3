"""Pages of calls for offers, and of support the authority commissions."""
