"""Receiving systems, played by the gate: tests assert at the receiver, and a receiver can be told to misbehave."""
