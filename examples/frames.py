"""Frames and a second channel of depths, rendered only while somebody looks.

Read them from another Python:

    import lorgnette
    subscriber = lorgnette.Subscriber("waves")
    subscriber.frame()           # H x W x 3
    subscriber.frame("depth")    # H x W, float32
"""

import time

import numpy as np

import lorgnette

HEIGHT, WIDTH, FRAME_S = 480, 640, 1 / 30
y, x = np.mgrid[0:HEIGHT, 0:WIDTH] / HEIGHT

with lorgnette.Publisher("waves") as publisher:
    depth = publisher.frames("depth")
    timing = publisher.records("log", [("frame_ms", "f4")])
    while True:
        begin = time.perf_counter()
        if publisher.watched("frame") or publisher.watched("depth"):
            height = np.sin(12 * np.hypot(x - 0.6, y - 0.5) - 4 * time.time()).astype(np.float32)
            depth.publish(height)
            with publisher.frames("frame").next((HEIGHT, WIDTH, 3)) as image:  # drawn where it is shared, no copy
                image[..., 0] = 40
                image[..., 1] = 110 + 60 * height
                image[..., 2] = 160 + 80 * height
            timing.push((time.perf_counter() - begin) * 1e3)
        else:
            publisher.tick()
        time.sleep(max(0.0, FRAME_S - (time.perf_counter() - begin)))
