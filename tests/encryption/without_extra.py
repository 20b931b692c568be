"""Runs twimbot's command line as it is where the extra twimbot[e2e] was never installed: vodozemac can't be found."""

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from typing import Any


class Without:
    """A finder of modules that finds what another one does, but for vodozemac."""

    def __init__(self, finder: Any) -> None:  # noqa: ANN401 - of Python's own, without a common type
        self._finder = finder

    def find_spec(self, name: str, path: Sequence[str] | None, target: Any = None) -> ModuleSpec | None:  # noqa: ANN401 - Python's
        """Return where a module is to be found (`importlib.abc.MetaPathFinder`)."""
        if name.partition(".")[0] == "vodozemac":
            return None
        spec: ModuleSpec | None = self._finder.find_spec(name, path, target)
        return spec

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever else a finder has
        return getattr(self._finder, name)


if __name__ == "__main__":
    sys.meta_path[:] = [Without(finder) for finder in sys.meta_path]
    from twimbot.cli import main

    main()
