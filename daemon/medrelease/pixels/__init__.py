"""Looking at the picture itself: writing, codes, faces. Decoders and models stay in here."""
