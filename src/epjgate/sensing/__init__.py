"""Mutation testing of the suites themselves: would they notice if the candidate's answers were wrong."""
