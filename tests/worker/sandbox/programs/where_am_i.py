import os
import sys

print(__name__, __file__ == os.path.abspath(sys.argv[0]), __spec__, __doc__, __builtins__.__name__)
print(sys.argv, sys.path[0] == os.path.dirname(__file__), sorted(globals()))
print(__loader__.__class__.__name__, __annotations__, len(sys.orig_argv))
print([p for p in sys.path if "tutor" in p.split("/")[-1:]])
print(sorted(int(d) for d in os.listdir("/proc/self/fd"))[:3], os.getpgid(0) > 0)
print(sys.stdin.encoding, sys.stdout.encoding, sys.stderr.errors, sys.stdout.errors, sys.stdout.line_buffering)
print(sys.stdout, sys.stderr.isatty(), sys.flags.safe_path, sys.warnoptions)
