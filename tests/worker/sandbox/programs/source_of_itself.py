import inspect
import traceback


def two():
    # a comment that inspect must find
    return 1 + 1


class Deep:
    def fail(self):
        raise LookupError("deep")


print(inspect.getsource(two))
try:
    Deep().fail()
except LookupError:
    traceback.print_exc()
