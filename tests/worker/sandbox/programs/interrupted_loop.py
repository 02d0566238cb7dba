import signal


def count():
    number = 0
    while True:
        number = number + 1


signal.setitimer(signal.ITIMER_REAL, 0.3)
signal.signal(signal.SIGALRM, signal.default_int_handler)
try:
    count()
except KeyboardInterrupt as error:
    print("stopped in", error.__traceback__.tb_next.tb_frame.f_code.co_name)
