"""The example's domain: Linnet Air, its customers and their trips."""
