"""A debugger that looks around, goes up, and steps on past the end of the program."""

import io
import pdb
import sys

KEYS = "where\nup\nup\nargs\ndown\nwhere\nnext\nstep\nstep\nstep\nstep\nstep\nstep\nwhere\nnext\n"


def double(x):
    pdb.Pdb(stdin=io.StringIO(KEYS * 3), stdout=sys.stdout, nosigint=True).set_trace()
    y = x * 2
    return y


value = double(4)
value += 1
