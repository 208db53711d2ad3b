"""Protocol drivers: how a capability is asked for over the wire."""
