"""``python .../tutor/worker/__main__.py``: the worker, as the program starts it.

It is run as a file, by a Python that may know nothing of the tutor. The package is made known by hand, so that
neither its folder nor what is installed beside it stands on the import path of torch and of the programs.
"""

import sys
import types

del sys.path[0]
package = types.ModuleType("tutor")
package.__path__ = [__file__.rsplit("/", 2)[0]]
sys.modules["tutor"] = package

if __name__ == "__main__":
    from tutor.worker.supervisor.server import main

    main()
