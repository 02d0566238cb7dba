import sys

print("on stdout")
sys.exit("said at the end")
