"""A name that no test image carries by itself."""

NAME = "Siobhan Fitzwilliam-Oakes"
