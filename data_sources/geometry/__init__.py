"""Where detector elements are and what outline they have."""
