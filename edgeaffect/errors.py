"""Errors that callers may want to tell apart; each is also the builtin exception it resembles."""


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


class LicenceError(Error):
    """A model's licence does not meet `require_licence`."""


class DependencyError(Error, ImportError):
    """An optional package or a system library is missing; the message names how to get it."""


class ModelError(Error, RuntimeError):
    """A model file cannot be loaded or run, or gives numbers that are none; the message names the file."""
