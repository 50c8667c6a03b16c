"""Geocoding many rows: a stream in, a stream out, nothing lost, resumable."""
