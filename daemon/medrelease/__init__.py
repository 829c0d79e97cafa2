"""medrelease: a hospital's medical images leave coded, clean and recorded."""

__version__ = "0.1.0"
