"""The one error of the register reader that concerns a whole file; a bad row is a `Refusal` and stops nothing."""

from marketplace.kernel.errors import DomainError


class RegisterFileError(DomainError):
    """The upload as a whole can't be read as the kind of file that was asked for."""

    code = "register_file_unreadable"
    status = 400
