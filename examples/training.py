"""A loop that could be a training: it logs its numbers, shares its settings and obeys two commands.

Start it, then `lorgnette streams`, or open the overview of `lorgnette serve`. From another Python:

    import lorgnette
    lorgnette.Subscriber("training").send({"set_rate": 0.01})
    lorgnette.Subscriber("training").send({"stop": True})
"""

import math
import random
import time

import lorgnette

STEP_S = 0.05

with lorgnette.Publisher("training") as publisher:
    rate, step, running = 1e-3, 0, True
    publisher.state["settings"] = {"rate": rate, "optimizer": "none"}
    while running:
        step += 1
        loss = math.exp(-rate * step) + random.gauss(0, 0.01)
        publisher.log(loss=loss, rate=rate)
        if step % 100 == 0:
            publisher.log(validation_loss=loss * 1.1)  # a field may come later; records without it have NaN
        for command in publisher.commands():
            if isinstance(command.get("set_rate"), float):
                rate = min(max(command["set_rate"], 1e-6), 1.0)
                publisher.state["settings"] = {"rate": rate, "optimizer": "none"}
            if command.get("stop"):
                running = False
        time.sleep(STEP_S)
