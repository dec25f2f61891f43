"""A value that is worked out when it is first asked for, and kept."""

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

T = TypeVar("T")


class lazy(Generic[T]):  # noqa: N801  (used as `property` is)
    """A property that is worked out once for each instance, and kept in it.

    `functools.cached_property` of Python 3.11 works values out under one lock for all instances of
    a class. Who waits for the database inside would then hold up whoever has the database and asks
    for the same property: nobody goes on. Here two threads that ask at once both work it out.
    """

    def __init__(self, function: Callable[[Any], T]) -> None:
        self._function = function
        self.__doc__ = function.__doc__

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: object | None, owner: type) -> Self | T:
        if instance is None:
            return self
        # No data descriptor: from the next time on the instance's own value is found first.
        found: T = instance.__dict__.setdefault(self._name, self._function(instance))
        return found
