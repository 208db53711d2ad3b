"""The words of the clinic, by what they are about."""
