"""Recipe of the explainer: what it sees, what it says, and how well."""
