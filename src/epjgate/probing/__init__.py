"""Probes a system all the while it is changed, and tells when it could be used, when not, and when nobody knows."""
