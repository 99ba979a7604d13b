"""Pictures of tables: nothing here knows how they were made."""
