import os
import sys

print("before", flush=True)
if os.fork() == 0:
    print("child")
    sys.exit(5)
print("parent saw", os.waitstatus_to_exitcode(os.wait()[1]))
