"""What many rules ask of a case, derived once."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Concatenate, ParamSpec

from allocator.instance.tree import Floats
from allocator.verify.case import Case

P = ParamSpec("P")


def once(derive: Callable[Concatenate[Case, P], Floats]) -> Callable[Concatenate[Case, P], Floats]:
    """The same array for all who ask one case with the same words; nobody may write into it.

    Arguments that are not texts (the debt of the case's own instance) are taken to be the same in every call.
    """

    def found(case: Case, /, *args: P.args, **kwargs: P.kwargs) -> Floats:
        key = (derive, *(arg for arg in args if isinstance(arg, str)))
        if key not in case.derived:
            array = derive(case, *args, **kwargs)
            array.flags.writeable = False
            case.derived[key] = array
        return case.derived[key]

    update_wrapper(found, derive)
    return found
