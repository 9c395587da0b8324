"""A finished run as text, HTML and JSON, and compared with another."""
