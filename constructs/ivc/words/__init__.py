"""Sentences, and making foreign text visible in them."""
