import os

print("lost, for nothing flushes it")
os._exit(7)
