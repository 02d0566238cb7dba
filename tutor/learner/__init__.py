"""What is remembered of the learner. Import ``store`` where it is needed: SQLite costs 20 ms of a start."""
