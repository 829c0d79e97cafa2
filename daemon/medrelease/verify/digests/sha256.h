/* SHA-256 (FIPS 180-4) of two rows of bytes side by side: shared declarations. */
#ifndef MEDRELEASE_VERIFY_SHA256_H
#define MEDRELEASE_VERIFY_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { BLOCK = 64, WORDS = 8 };

typedef struct {
  uint32_t state[WORDS];
  uint64_t length; /* bytes taken in so far */
  uint8_t rest[BLOCK];
} Digest;

int sha256_possible(void);
void sha256_begin(Digest *digest);
void sha256_feed_two(Digest *one, const uint8_t *first, size_t first_length, Digest *other,
                     const uint8_t *second, size_t second_length);
void sha256_end(const Digest *digest, uint8_t out[4 * WORDS]);

#endif
