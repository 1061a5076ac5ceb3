"""Pages of the buy-back: windows and terms, packages on sale, the order page, baskets."""
