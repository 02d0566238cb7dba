import atexit

atexit.register(print, "last")
atexit.register(print, "first")
print("working")
raise SystemExit(300)
