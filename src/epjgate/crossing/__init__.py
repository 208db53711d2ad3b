"""The pytest plugin for tests that cross an upgrade: each part runs on its release, recorded by others."""
