"""What an editor says about what it shows."""

from __future__ import annotations

from typing import Any, NamedTuple

_MOST_DELAY = 10


class EditorOptions(NamedTuple):
    """The settings of the editor, each with its default.

    `ignore` are rules that it does not show; `delay` are seconds without a change before a text is
    linted; `baseline`, the configurations and all else are the workspace's.
    """

    diagnostics: bool = True
    hover: bool = True
    hints: bool = True
    lenses: bool = True
    links: bool = True
    changes: bool = True
    ignore: tuple[str, ...] = ()
    delay: float = 0.15

    @classmethod
    def read(cls, settings: Any) -> EditorOptions:  # noqa: ANN401 - as an editor sends it
        """The options in what an editor has sent; what is not understood has no effect."""
        if not isinstance(settings, dict):
            return cls()
        found: dict[str, Any] = {
            name: settings[name]
            for name, default in cls()._asdict().items()
            if isinstance(default, bool) and isinstance(settings.get(name), bool)
        }
        ignore, delay = settings.get("ignore"), settings.get("delay")
        if isinstance(ignore, list):
            found["ignore"] = tuple(map(str, ignore))
        if isinstance(delay, int | float) and not isinstance(delay, bool):
            found["delay"] = min(max(float(delay), 0), _MOST_DELAY)
        return cls(**found)
