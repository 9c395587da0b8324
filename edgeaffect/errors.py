"""Errors that callers may want to tell apart; each is also the builtin exception it resembles."""

from __future__ import annotations

ERROR_SCHEMA = "edgeaffect.error/1"


class Error(Exception):
    """Base of every error that edgeaffect raises on purpose."""


class SpecError(Error, ValueError):
    """A model file says nothing, or something impossible, about itself."""


class ModelNotFoundError(Error, FileNotFoundError):
    """No such model: neither a bundled name nor a readable file."""


class DeviceError(Error, RuntimeError):
    """An explicitly requested device or runtime cannot be had here."""


class SourceError(Error, OSError):
    """A camera, video, picture or microphone cannot be opened or was lost for good."""


class MissingTrackError(SourceError):
    """A film has no sound, or only sound, where the other was asked for."""


class PictureError(SourceError):
    """A picture of a list could not be read; it stands where its `Result` would, and the next one follows."""

    def __init__(self, message: str, source: str, frame_index: int) -> None:
        super().__init__(message)
        self.source = source
        """Path of the picture, without secrets."""
        self.frame_index = frame_index
        """Its place in the list, from 0."""

    def __reduce__(self) -> tuple[type[PictureError], tuple[str, str, int]]:
        return type(self), (str(self), self.source, self.frame_index)

    def to_dict(self) -> dict[str, str | int]:
        """Plain values, as `edgeaffect/error.schema.json` describes them."""
        return {
            "schema": ERROR_SCHEMA,
            "source": self.source,
            "frame_index": self.frame_index,
            "error": " ".join(str(self).split()),
        }


class LicenceError(Error):
    """A model's licence does not meet `require_licence`."""


class DependencyError(Error, ImportError):
    """An optional package or a system library is missing; the message names how to get it."""


class ModelError(Error, RuntimeError):
    """A model file cannot be loaded or run, or gives numbers that are none; the message names the file."""
