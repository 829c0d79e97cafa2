/* SHA-256 by the processor's own instructions (Intel SHA extensions), two digests at a time.

   A round waits for the round before, and the unit that does it idles meanwhile: a second digest
   beside the first comes at little cost. Source: FIPS 180-4, section 6.2. */
#include "sha256.h"

#include <string.h>

static const uint32_t BEGIN[WORDS] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

void sha256_begin(Digest *digest)
{
  memset(digest, 0, sizeof *digest);
  memcpy(digest->state, BEGIN, sizeof BEGIN);
}

#ifdef __x86_64__

#include <cpuid.h>
#include <immintrin.h>

#define WITH_SHA __attribute__((target("sha,sse4.1")))
#define INLINE static inline __attribute__((always_inline)) WITH_SHA

/* Leaf 7 EBX bit 29 says SHA, leaf 1 ECX bits 9 and 19 SSSE3 and SSE4.1. */
int sha256_possible(void)
{
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c >> 9 & 1) || !(c >> 19 & 1))
    return 0;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b >> 29 & 1);
}

static const uint32_t CONSTANTS[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

/* The eight words as the instructions want them: A B E F and C D G H, the first one highest. */
typedef struct {
  __m128i abef, cdgh, words[4];
} Lane;

INLINE void lane_open(Lane *lane, const uint32_t *state)
{
  __m128i dcba = _mm_loadu_si128((const __m128i *)state);
  __m128i hgfe = _mm_loadu_si128((const __m128i *)(state + 4));
  __m128i cdab = _mm_shuffle_epi32(dcba, 0xB1), efgh = _mm_shuffle_epi32(hgfe, 0x1B);
  lane->abef = _mm_alignr_epi8(cdab, efgh, 8);
  lane->cdgh = _mm_blend_epi16(efgh, cdab, 0xF0);
}

INLINE void lane_close(const Lane *lane, uint32_t *state)
{
  __m128i feba = _mm_shuffle_epi32(lane->abef, 0x1B), dchg = _mm_shuffle_epi32(lane->cdgh, 0xB1);
  _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(feba, dchg, 0xF0));
  _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

/* Four rounds; `group` counts them from 0 to 15. */
INLINE void lane_rounds(Lane *lane, const uint8_t *block, int group)
{
  const __m128i order = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  __m128i *words = lane->words, now;
  if (group < 4) {
    now = _mm_loadu_si128((const __m128i *)block + group);
    now = _mm_shuffle_epi8(now, order);
  } else {
    __m128i before = words[(group + 3) & 3];
    now = _mm_sha256msg1_epu32(words[group & 3], words[(group + 1) & 3]);
    now = _mm_add_epi32(now, _mm_alignr_epi8(before, words[(group + 2) & 3], 4));
    now = _mm_sha256msg2_epu32(now, before);
  }
  words[group & 3] = now;
  now = _mm_add_epi32(now, _mm_load_si128((const __m128i *)CONSTANTS + group));
  lane->cdgh = _mm_sha256rnds2_epu32(lane->cdgh, lane->abef, now);
  lane->abef = _mm_sha256rnds2_epu32(lane->abef, lane->cdgh, _mm_shuffle_epi32(now, 0x0E));
}

INLINE void lane_add(Lane *lane, __m128i abef, __m128i cdgh)
{
  lane->abef = _mm_add_epi32(lane->abef, abef);
  lane->cdgh = _mm_add_epi32(lane->cdgh, cdgh);
}

WITH_SHA static void one_row(uint32_t *state, const uint8_t *bytes, size_t blocks)
{
  Lane lane;
  lane_open(&lane, state);
  for (; blocks; blocks--, bytes += BLOCK) {
    __m128i abef = lane.abef, cdgh = lane.cdgh;
#pragma GCC unroll 16
    for (int group = 0; group < 16; group++)
      lane_rounds(&lane, bytes, group);
    lane_add(&lane, abef, cdgh);
  }
  lane_close(&lane, state);
}

WITH_SHA static void two_rows(uint32_t *state, const uint8_t *bytes, uint32_t *beside,
                              const uint8_t *others, size_t blocks)
{
  Lane lane, other;
  lane_open(&lane, state);
  lane_open(&other, beside);
  for (; blocks; blocks--, bytes += BLOCK, others += BLOCK) {
    __m128i abef = lane.abef, cdgh = lane.cdgh, other_abef = other.abef, other_cdgh = other.cdgh;
#pragma GCC unroll 16
    for (int group = 0; group < 16; group++) {
      lane_rounds(&lane, bytes, group);
      lane_rounds(&other, others, group);
    }
    lane_add(&lane, abef, cdgh);
    lane_add(&other, other_abef, other_cdgh);
  }
  lane_close(&lane, state);
  lane_close(&other, beside);
}

#else

int sha256_possible(void) { return 0; }
static void one_row(uint32_t *state, const uint8_t *bytes, size_t blocks)
{
  (void)state, (void)bytes, (void)blocks;
}
static void two_rows(uint32_t *state, const uint8_t *bytes, uint32_t *beside, const uint8_t *others,
                     size_t blocks)
{
  (void)state, (void)bytes, (void)beside, (void)others, (void)blocks;
}

#endif

/* Fill up a block that was begun; how many bytes that took. */
static size_t fill(Digest *digest, const uint8_t *bytes, size_t length)
{
  size_t held = digest->length % BLOCK, taken = BLOCK - held < length ? BLOCK - held : length;
  if (!held)
    return 0;
  memcpy(digest->rest + held, bytes, taken);
  digest->length += taken;
  if (held + taken == BLOCK)
    one_row(digest->state, digest->rest, 1);
  return taken;
}

static void feed(Digest *digest, const uint8_t *bytes, size_t length)
{
  size_t taken = fill(digest, bytes, length), blocks = (length - taken) / BLOCK;
  one_row(digest->state, bytes + taken, blocks);
  size_t left = length - taken - BLOCK * blocks;
  if (left)
    memcpy(digest->rest, bytes + length - left, left);
  digest->length += length - taken;
}

/* Take in bytes of two rows: side by side as far as both have whole blocks. */
void sha256_feed_two(Digest *one, const uint8_t *first, size_t first_length, Digest *other,
                     const uint8_t *second, size_t second_length)
{
  size_t mine = fill(one, first, first_length), theirs = fill(other, second, second_length);
  size_t both = (first_length - mine) / BLOCK, most = (second_length - theirs) / BLOCK;
  both = both < most ? both : most;
  two_rows(one->state, first + mine, other->state, second + theirs, both);
  one->length += BLOCK * both;
  other->length += BLOCK * both;
  mine += BLOCK * both;
  theirs += BLOCK * both;
  feed(one, first + mine, first_length - mine);
  feed(other, second + theirs, second_length - theirs);
}

static void big_endian(uint8_t *out, uint64_t value, int bytes)
{
  while (bytes--) {
    out[bytes] = (uint8_t)value;
    value >>= 8;
  }
}

/* The digest of what was taken in so far (FIPS 180-4, 5.1.1: a one, zeros, the length in bits). */
void sha256_end(const Digest *digest, uint8_t out[4 * WORDS])
{
  static const uint8_t PADDING[BLOCK] = {0x80};
  Digest last = *digest;
  uint8_t length[8];
  size_t held = digest->length % BLOCK;
  big_endian(length, digest->length * 8, 8);
  feed(&last, PADDING, (held < 56 ? 56 : 120) - held);
  feed(&last, length, 8);
  for (int word = 0; word < WORDS; word++)
    big_endian(out + 4 * word, last.state[word], 4);
}
