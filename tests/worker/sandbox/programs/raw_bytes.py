import os
import sys

sys.stdout.write("text ")
sys.stdout.flush()
sys.stdout.buffer.write(b"\xff\xfe\x00 raw\r\n\x1b[31mred\x1b[0m")
sys.stdout.flush()
os.write(1, b"\xe2\x82")
os.write(1, b"\xac whole again\n")
os.write(2, b"\x80 on stderr\n")
