"""What people of the demo area are called and what they write."""
