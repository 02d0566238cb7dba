import sys


def hook(kind, value, trace):
    print("hooked", kind.__name__, value, trace.tb_lineno, trace.tb_next)


sys.excepthook = hook
1 / 0
