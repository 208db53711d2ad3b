"""The go/no-go clock: from the plan and the forecast of a rehearsal to the times of one night. Pure."""
