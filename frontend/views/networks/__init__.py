"""Pages of networks: the list, one of them, its members, a file of many, and the map of who belongs to what."""
