"""The words of the gate as values: pure, frozen, without I/O and without a clock."""
