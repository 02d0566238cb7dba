import logging
import sys

logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(levelname)s %(message)s")
logging.info("to stdout")
print("to stderr", file=sys.stderr)
logging.getLogger("x").addHandler(logging.StreamHandler())
logging.getLogger("x").warning("to both")
