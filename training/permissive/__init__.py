"""Recipe of the models of `Pipeline(models="permissive")`: nothing in them was fitted to research pictures by us."""
