"""How the database grows: one file a step under `versions/`, run by Alembic. A step that is out is never changed."""
