"""Calendar feeds: what is in them (`sources`), how they are written (`calendars`), and how often they may be asked for (`pace`)."""
