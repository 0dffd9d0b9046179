"""Controls: what a program shares beside frames and records, and what it lets people do."""
