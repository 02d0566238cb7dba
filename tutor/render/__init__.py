"""Rich renderables of runs, lessons and progress: the app and the command line both draw with these.

Import from the modules (``from tutor.render.tensor.tensor_rows import tensors``); this package itself loads nothing,
because the app's first paint waits for every import. All drawings take a :class:`~tutor.render.text.style.Look`
and fit the width that the console gives them.
"""
