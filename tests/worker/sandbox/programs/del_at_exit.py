class Loud:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("gone", self.name)


first = Loud("first")
_private = Loud("private")
loop = [Loud("in a cycle")]
loop.append(loop)
print("last line")
