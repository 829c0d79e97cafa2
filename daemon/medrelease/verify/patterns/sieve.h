/* A coarse look at many places at once: shared declarations. */
#ifndef MEDRELEASE_VERIFY_SIEVE_H
#define MEDRELEASE_VERIFY_SIEVE_H

#include <stddef.h>
#include <stdint.h>

enum { SIEVE_BLOCK = 32, GROUPS = 8, FEW_KEYS = 2048 };

typedef struct {
  uint8_t low[3][16], high[3][16]; /* the groups that a half of the first, second, third byte fits */
  size_t keys;
} Sieve;

void sieve_add(Sieve *sieve, uint32_t key);
int sieve_helps(const Sieve *sieve);
ptrdiff_t sieve_next(const Sieve *sieve, const uint8_t *data, ptrdiff_t place, ptrdiff_t length);

#endif
