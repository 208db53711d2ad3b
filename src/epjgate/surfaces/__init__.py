"""Takes the surface of a release that runs: all that it shows to those around it, to be compared with another."""
