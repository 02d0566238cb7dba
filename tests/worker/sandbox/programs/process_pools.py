import multiprocessing


def square(x):
    return x * x


if __name__ == "__main__":
    for way in ("fork", "spawn"):
        with multiprocessing.get_context(way).Pool(2) as pool:
            print(way, pool.map(square, range(5)))
