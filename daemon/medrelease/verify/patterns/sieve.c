/* Eight places looked at in one step, most of them ruled out (AVX2).

   Keys are put into eight groups. Of each group it is known which upper and lower halves its first,
   second and third bytes have. A place that fits no group in all six halves has no key; one that
   does may have one. The table of bits decides, as it does where there is no AVX2. */
#include "sieve.h"

static int is_letter(uint32_t key, int byte)
{
  uint8_t octet = (uint8_t)(key >> (8 * byte));
  return octet >= 'a' && octet <= 'z';
}

/* Enter a key: three bytes as one number, bit 5 of each set. */
void sieve_add(Sieve *sieve, uint32_t key)
{
  int group = is_letter(key, 0) | is_letter(key, 1) << 1 | is_letter(key, 2) << 2;
  for (int byte = 0; byte < 3; byte++) {
    uint8_t octet = (uint8_t)(key >> (8 * byte));
    sieve->low[byte][octet & 15] |= (uint8_t)(1 << group);
    sieve->high[byte][octet >> 4] |= (uint8_t)(1 << group);
  }
  sieve->keys++;
}

#ifdef __x86_64__

#include <immintrin.h>

#define WITH_AVX2 __attribute__((target("avx2")))

/* With many keys every half fits some group, and nothing is ruled out. */
int sieve_helps(const Sieve *sieve)
{
  __builtin_cpu_init();
  return sieve->keys <= FEW_KEYS && __builtin_cpu_supports("avx2");
}

static inline __attribute__((always_inline)) WITH_AVX2 __m256i twice(const uint8_t *table)
{
  return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)table));
}

/* The first place from `place` on, in steps of four, that may have a key; or, where no such place
   is left, one that has less than a block before `length`: what lies behind was not looked at. */
WITH_AVX2 ptrdiff_t sieve_next(const Sieve *sieve, const uint8_t *data, ptrdiff_t place,
                               ptrdiff_t length)
{
  const __m256i half = _mm256_set1_epi8(15), bit = _mm256_set1_epi8(0x20);
  const __m256i first = _mm256_set1_epi32(0xFF), none = _mm256_setzero_si256();
  __m256i low[3], high[3];
  for (int byte = 0; byte < 3; byte++) {
    low[byte] = twice(sieve->low[byte]);
    high[byte] = twice(sieve->high[byte]);
  }
  for (; length - place >= SIEVE_BLOCK; place += SIEVE_BLOCK) {
    __m256i here = _mm256_or_si256(_mm256_loadu_si256((const __m256i *)(data + place)), bit);
    __m256i lower = _mm256_and_si256(here, half);
    __m256i upper = _mm256_and_si256(_mm256_srli_epi16(here, 4), half);
    __m256i fits = _mm256_and_si256(_mm256_shuffle_epi8(low[0], lower),
                                    _mm256_shuffle_epi8(high[0], upper));
    __m256i second = _mm256_and_si256(_mm256_shuffle_epi8(low[1], lower),
                                      _mm256_shuffle_epi8(high[1], upper));
    __m256i third = _mm256_and_si256(_mm256_shuffle_epi8(low[2], lower),
                                     _mm256_shuffle_epi8(high[2], upper));
    fits = _mm256_and_si256(fits, _mm256_srli_epi32(second, 8));
    fits = _mm256_and_si256(_mm256_and_si256(fits, _mm256_srli_epi32(third, 16)), first);
    int empty = _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(fits, none)));
    if (empty != 0xFF)
      return place + 4 * __builtin_ctz(~(unsigned)empty);
  }
  return place;
}

#else

int sieve_helps(const Sieve *sieve)
{
  (void)sieve;
  return 0;
}

ptrdiff_t sieve_next(const Sieve *sieve, const uint8_t *data, ptrdiff_t place, ptrdiff_t length)
{
  (void)sieve, (void)data, (void)length;
  return place;
}

#endif
