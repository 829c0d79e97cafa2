/* The LZW codes of GIF (GIF89a Appendix F): shared declarations. */
#ifndef MEDRELEASE_SANITISE_CODES_H
#define MEDRELEASE_SANITISE_CODES_H

#include <stddef.h>
#include <stdint.h>

enum { SOUND, CUT, WRONG };

typedef struct {
  uint64_t bits;     /* up to the end of the last code that was read */
  int width;         /* of the next code */
  int exact;         /* the last string ends with the picture */
  uint8_t used[256]; /* the indices that stand in the picture, where there is no `out` */
} Walked;

int codes_walk(const uint8_t *blocks, size_t length, int minimum, uint64_t count, uint8_t *out,
               Walked *walked);
size_t codes_write(const uint8_t *indices, size_t count, int minimum, uint16_t *known,
                   uint8_t *out);

#endif
