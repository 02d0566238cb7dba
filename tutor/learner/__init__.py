"""The learner's progress, drafts and reviews, on disk. Import ``store`` lazily: SQLite costs 20 ms of a start."""
