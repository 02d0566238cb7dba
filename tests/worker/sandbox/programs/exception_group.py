raise ExceptionGroup("two", [ValueError("first"), TypeError("second")])
