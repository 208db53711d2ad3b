"""The pytest plugin: records evidence, never judges."""
