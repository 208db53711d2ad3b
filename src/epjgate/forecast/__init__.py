"""The forecast of a change window: from timings of rehearsals to what production has to expect. Pure."""
