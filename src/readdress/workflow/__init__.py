"""Wires the adapters to the core: the verbs."""
