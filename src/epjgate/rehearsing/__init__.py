"""Rehearses an upgrade by a plan: a filled release is upgraded, verified and brought back, at several sizes."""
