"""The grammar of HCL, which the page's parser has loaded."""


def language() -> object:
    """What `tree_sitter.Language` takes."""
    return None
