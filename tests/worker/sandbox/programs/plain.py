print("hello, wörld", 1 / 3)
"the last expression shows nothing"
