"""Quizzes: questions prepared with fresh numbers, graded by the installed torch, dealt, and proved."""
