import os

print("kept", flush=True)
print("lost")
os.abort()
