def outer(values):
    return [inner(value) for value in values]


def inner(value):
    try:
        return {}[value]
    except KeyError as error:
        raise ValueError(f"no {value!r} — nowhere") from error


print("before")
outer(["a"])
