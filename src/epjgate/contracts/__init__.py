"""The machine-readable contracts: their rules, and the checks of documents that the rules are about."""
