/* The prover's reading of GIF's LZW codes: shared declarations. */
#ifndef MEDRELEASE_VERIFY_READING_H
#define MEDRELEASE_VERIFY_READING_H

#include <stddef.h>
#include <stdint.h>

enum { FINE, ENDS_EARLY, CONTRADICTION };

typedef struct {
  uint64_t bits;      /* where the code of the last index ends */
  int tidy;           /* an end code follows and nothing else, and the last code ends the picture */
  uint8_t named[256]; /* the indices that were met; only without `pixels` */
} Measure;

int lzw_read(const uint8_t *blocks, const uint8_t *end, int minimum, uint64_t number,
             uint8_t *pixels, Measure *measure);

#endif
