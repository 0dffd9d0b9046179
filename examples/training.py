"""A loop that could be a training: it logs its numbers, shares its settings and obeys three commands.

Start it, then `lorgnette streams`, or steer it on the page `controls` of `lorgnette serve`. From another Python:

    import lorgnette
    training = lorgnette.Subscriber("training")
    training.request("set_rate", rate=0.01)
    training.send({"stop": True})               # commands that are not declared come through as well
"""

import math
import random
import time

import lorgnette

STEP_S = 0.05

with lorgnette.Publisher("training") as publisher:
    publisher.declare_command("set_rate", {"rate": float}, minimum=1e-6, maximum=1, default=1e-3, help="Learning rate.")
    publisher.declare_command("pause", {"paused": bool}, default=True, help="Stop learning, or go on.")
    publisher.declare_command("stop", help="End the program.")
    rate, step, paused, running = 1e-3, 0, False, True
    publisher.state["settings"] = {"rate": rate, "optimizer": "none"}
    while running:
        if paused:
            publisher.tick()
        else:
            step += 1
            loss = math.exp(-rate * step) + random.gauss(0, 0.01)
            publisher.log(loss=loss, rate=rate)
            if step % 100 == 0:
                publisher.log(validation_loss=loss * 1.1)  # a field may come later; records without it have NaN
        for command in publisher.commands():
            if command.name == "set_rate":  # checked before it comes: a number from 1e-6 to 1
                rate = command["rate"]
                publisher.state["settings"] = {"rate": rate, "optimizer": "none"}
            elif command.name == "pause":
                if command["paused"] == paused:
                    command.refuse("It is paused already." if paused else "It is running.")
                paused = command["paused"]
            elif command.name == "stop" or command.get("stop"):
                running = False
        time.sleep(STEP_S)
