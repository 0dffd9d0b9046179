"""What can go wrong between a publisher and its subscribers: one class for each cause.

Every message says what, where, why and what to do. All of them derive from `TransportError`; those that a
caller would expect as a built-in kind (`ValueError`, `TypeError`, `OSError`) are that kind as well.
"""

from __future__ import annotations


class TransportError(Exception):
    """Anything that the transport refuses or cannot do."""


class InvalidNameError(TransportError, ValueError):
    """A stream, channel, field or state key has a name that is not allowed."""


class NameInUseError(TransportError):
    """Another living publisher has this stream name."""


class ShapeError(TransportError, ValueError):
    """An array has a shape that this channel cannot take."""


class DtypeError(TransportError, TypeError):
    """An array or record has a data type that this channel cannot take."""


class FieldTypeError(TransportError, TypeError):
    """A record field got a value of another type than the field has."""


class FieldCountError(TransportError, ValueError):
    """A record channel would get more fields than it may have, or a record has the wrong number of values."""


class ChannelCountError(TransportError, ValueError):
    """A stream would get more channels than its directory holds."""


class StateValueError(TransportError, TypeError):
    """A state value is neither JSON nor a numeric array."""


class CommandError(TransportError, ValueError):
    """A command is not a JSON object, or is too large for a slot of the queue."""


class ClosedError(TransportError, RuntimeError):
    """The publisher was closed and cannot publish any more."""


class ForkedPublisherError(TransportError, RuntimeError):
    """A forked child used its parent's publisher."""


class ConcurrentWriteError(TransportError, RuntimeError):
    """A channel was written while another write of the same process was under way and did not end."""


class StorageFullError(TransportError, OSError):
    """The file system that holds the shared memory has no room left."""


class RuntimeDirectoryError(TransportError, OSError):
    """The directory of the shared memory cannot be used: a link, another owner, or open to others."""


class CorruptStreamError(TransportError):
    """A file of a stream does not hold what the protocol says: it is not read."""
