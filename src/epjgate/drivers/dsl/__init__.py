"""The DSL: what a clinic does, in its own words, on top of the protocol drivers."""
