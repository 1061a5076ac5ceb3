"""Pages of balances: what packages still hold, and the bank of days."""
