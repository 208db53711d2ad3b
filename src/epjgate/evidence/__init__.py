"""The evidence bundle: what a run leaves behind on disk, written and read."""
