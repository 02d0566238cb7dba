"""What is left tracing and profiling when the program ends."""

import sys


def tell(frame, event, argument):
    print(event, frame.f_code.co_name, frame.f_lineno, file=sys.__stderr__)
    return tell


def work():
    total = 0
    for number in range(2):
        total += number
    return total


sys.settrace(tell)
work()
