"""Seeded generators of test images and files: nothing here is anybody's data."""
