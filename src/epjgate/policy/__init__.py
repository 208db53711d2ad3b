"""The policy: what a release must show before it is approved. Pure: reads evidence, returns a verdict."""
