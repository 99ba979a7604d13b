"""A scenario moves on with the calendar: it starts at a later month, with the opening state that its plan leads to."""
