"""Measurements that are cited in the docs: each prints its figures, none is a test."""
