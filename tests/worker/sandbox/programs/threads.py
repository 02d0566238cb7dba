import threading
import time

ready = threading.Event()


def late():
    ready.wait()
    time.sleep(0.05)
    print("from a thread, after the last line")


def failing():
    raise ValueError("in a thread")


threading.Thread(target=late).start()
thread = threading.Thread(target=failing, name="failing")
thread.start()
thread.join()
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
ready.set()
print("last line")
