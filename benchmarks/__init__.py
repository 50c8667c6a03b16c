"""Measures what the package costs, against the same work done with httpx alone, side by side in one run."""
