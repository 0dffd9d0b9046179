"""The overview: every live stream of this machine on one page."""
