"""Past incidents: their records, the proofs that their tests bite, and whether those still hold."""
