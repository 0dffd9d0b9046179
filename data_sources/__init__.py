"""What a dashboard can look at: one abstract source, one module for each kind.

State that outlives a browser session (subscribers, open files, caches) lives here, once a process. Nothing here knows
of pages, and nothing blocks its caller: what takes over a millisecond happens in a thread of ours.
"""
