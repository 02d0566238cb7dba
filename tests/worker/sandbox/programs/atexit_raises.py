import atexit


def fail():
    raise RuntimeError("too late")


atexit.register(print, "still called")
atexit.register(fail)
