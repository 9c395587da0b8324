"""timm and torchvision, also beside a PyTorch that torchvision's compiled operators do not fit.

torchvision registers shape functions for its operators (`torchvision::nms` and others) while it is imported. When its
binary was built for another PyTorch (PyPI's wheel beside a CPU build), the operators are not there, and the import
ends with "operator torchvision::nms does not exist". No network here uses one of them, so registrations of absent
operators are skipped during the import.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import torch

from edgeaffect._lazy import require


def import_timm() -> ModuleType:
    """The package timm.

    Raises:
        DependencyError: timm or torchvision is missing.
    """
    with _absent_operators_skipped():
        return require("timm")


def import_torchvision_models() -> ModuleType:
    """`torchvision.models`.

    Raises:
        DependencyError: torchvision is missing.
    """
    with _absent_operators_skipped():
        require("torchvision")
        return require("torchvision.models")


@contextlib.contextmanager
def _absent_operators_skipped() -> Iterator[None]:
    register = torch.library.register_fake

    def register_known(name: Any, *arguments: Any, **options: Any) -> Any:
        if isinstance(name, str) and name.startswith("torchvision::") and not _exists(name):
            return _unchanged
        return register(name, *arguments, **options)

    torch.library.register_fake = register_known
    try:
        yield
    finally:
        torch.library.register_fake = register


def _exists(operator: str) -> bool:
    namespace, name = operator.split("::")
    return hasattr(getattr(torch.ops, namespace), name)


def _unchanged(function: Callable[..., Any]) -> Callable[..., Any]:
    return function
