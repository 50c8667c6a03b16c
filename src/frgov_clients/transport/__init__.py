"""The one way to the network. Knows no API; every client stands on it."""
