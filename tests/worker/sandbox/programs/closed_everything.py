import os

print("kept", flush=True)
os.closerange(3, 4096)
with open(__file__) as file:
    print(len(file.readline()), flush=True)
