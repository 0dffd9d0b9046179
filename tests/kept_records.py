"""Records in one history, behind the interface of a stream, without a publisher or a thread."""

import numpy as np

from data_sources.streams.history import History, Limits

NOW = 1_700_000_000.0
ALL = Limits(1e9)


class Records:
    """One history behind the interface of a stream."""

    def __init__(self, names=("a", "b"), limits=ALL):
        self.history = History(np.dtype([("time", "f8"), *((name, "f8") for name in names)]), limits)

    def add(self, times, **columns):
        rows = np.zeros(len(times), self.history.dtype)
        for name in self.history.names:
            if rows.dtype[name].kind == "f":
                rows[name] = np.nan
        rows["time"] = times
        for name, values in columns.items():
            rows[name] = values
        self.history.append(rows)

    def extent(self, _channel):
        return self.history.extent

    def numbered(self, _channel, start, end, fields):
        return self.history.rows(start, end, fields)

    def number_at(self, _channel, moment):
        return self.history.number_at(moment)

    def thinned(self, _channel):
        return self.history.thinned.copy()
