"""The remote view: a program's pictures, and what readers do with mouse, wheel, touch and keys in them."""
