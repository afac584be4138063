"""Watching live: from a camera's frames to tracks, and by the home's rules to events, in one process without Prefect."""
