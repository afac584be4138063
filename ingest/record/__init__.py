"""The recorder: one process per camera, chunks that a kill cannot spoil, a spool that outlives the store."""
