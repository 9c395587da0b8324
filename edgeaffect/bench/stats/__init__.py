"""How times are taken and what may be concluded from them."""
