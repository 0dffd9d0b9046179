"""Event display: recorded events in linked views, one event at a time."""
