import builtins
import sys

builtins.print = lambda *words: sys.stdout.write("mine " + " ".join(map(str, words)) + "\n")
print("hello")
sys.stdout = open(__file__)
raise ValueError("with stdout replaced")
