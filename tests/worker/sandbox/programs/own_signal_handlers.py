import os
import signal

print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)
print(signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGPIPE), signal.getsignal(signal.SIGHUP))
print(signal.pthread_sigmask(signal.SIG_BLOCK, []))
signal.signal(signal.SIGTERM, lambda number, frame: print("caught", number))
os.kill(os.getpid(), signal.SIGTERM)
