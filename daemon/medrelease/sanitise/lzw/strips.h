/* The LZW codes of a TIFF strip or tile (TIFF 6.0, section 13): shared declarations. */
#ifndef MEDRELEASE_SANITISE_STRIPS_H
#define MEDRELEASE_SANITISE_STRIPS_H

#include <stddef.h>
#include <stdint.h>

enum { REACHED, ENDS_BEFORE, NO_CLEAR, NO_ENTRY, OVERFLOWS, GOES_BEYOND };

int strip_length(const uint8_t *coded, size_t length, uint64_t expected, uint64_t *bits);

#endif
