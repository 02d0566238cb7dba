"""The least that a lesson module holds; question cells go below it."""

LESSON = '''\
"""# Two

Text.

## Task
Task.

## Hints
- Hint.

## Takeaway
Takeaway.
"""
# %% snippet
a = 1

# %% solution
a = 2

# %% check
def a_is_two(run):
    """`a` is two"""

'''
