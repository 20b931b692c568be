"""Why a file can't be published, as it is said to its contributor."""


class UnfitFile(Exception):
    """A file that no site could show or that can't be cleaned; the rest of a sentence says why: "it is empty"."""


class Damaged(UnfitFile):
    """A file that breaks the rules of its own format."""

    def __init__(self) -> None:
        super().__init__("it is cut off or damaged")
