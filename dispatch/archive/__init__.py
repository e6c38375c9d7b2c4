"""Taking everything along: backup, restore, and moving from one database to another."""
