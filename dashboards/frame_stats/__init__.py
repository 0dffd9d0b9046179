"""Frame statistics: the records of one stream as live charts, numbers and files."""
