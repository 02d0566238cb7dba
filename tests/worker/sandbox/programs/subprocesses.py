import subprocess
import sys

print("parent", flush=True)
subprocess.run([sys.executable, "-c", "import sys; print('child'); print('child error', file=sys.stderr)"])
print(subprocess.run("echo shell; exit 3", shell=True).returncode)
