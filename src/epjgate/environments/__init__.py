"""Environments: where a release candidate runs while it is tested."""
