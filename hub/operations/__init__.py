"""Is it well: the books of the whole, and what follows from them."""
