"""What is asked between runs, and answered by a process that never runs a learner's code."""
