/* The table of the patterns' heads, and the walk over the bytes that looks them up. */
#include "search.h"

static inline uint8_t folded(uint8_t octet)
{
  return (uint8_t)(octet - 'A') < 26 ? octet | 0x20 : octet;
}

/* Three bytes as one number, the same for all that folding makes equal (and for a few more). */
static inline uint32_t key_at(const uint8_t *at)
{
  return ((uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16) | 0x202020;
}

static inline uint32_t hash_of(uint32_t key) { return key * 0x9E3779B1u; }

static int32_t head_twin(const Search *search, const uint8_t *text)
{
  uint32_t key = key_at(text);
  int32_t at = search->chains[hash_of(key) >> search->chain_shift];
  for (; at != NONE; at = search->entries[at].next) {
    const Entry *entry = &search->entries[at];
    if (entry->offset == 0 && entry->key == key &&
        !memcmp(search->text + search->patterns[entry->first].start, text, HEAD))
      return entry->first;
  }
  return NONE;
}

static void enter(Search *search, int32_t number)
{
  Pattern *pattern = &search->patterns[number];
  const uint8_t *text = search->text + pattern->start;
  int32_t twin = head_twin(search, text);
  pattern->next = NONE;
  if (twin != NONE) {
    pattern->next = search->patterns[twin].next;
    search->patterns[twin].next = number;
    return;
  }
  for (uint8_t offset = 0; offset < STRIDE; offset++) {
    Entry *entry = &search->entries[search->entry_count];
    uint32_t hash = hash_of(entry->key = key_at(text + offset));
    sieve_add(&search->sieve, entry->key);
    int32_t *chain = &search->chains[hash >> search->chain_shift];
    entry->first = number;
    entry->offset = offset;
    entry->next = *chain;
    *chain = (int32_t)search->entry_count++;
    search->bits[hash >> search->bit_shift >> 6] |= 1ull << (hash >> search->bit_shift & 63);
  }
}

/* 0, or -1 where memory is short. Each pattern has at least HEAD bytes, `count` is under 2^28. */
int search_build(Search *search, const uint8_t *const *given, const Py_ssize_t *lengths,
                 const int32_t *needles, Py_ssize_t count)
{
  size_t total = 0, entries = STRIDE * (size_t)count;
  int chain_bits = 8, bit_bits = 16;
  for (Py_ssize_t each = 0; each < count; each++)
    total += (size_t)lengths[each];
  while (chain_bits < 24 && (1ull << chain_bits) < entries)
    chain_bits++;
  while (bit_bits < 24 && (1ull << bit_bits) < 16 * entries)
    bit_bits++;
  search->chain_shift = 32 - chain_bits;
  search->bit_shift = 32 - bit_bits;
  search->text = PyMem_Malloc(total + 1);
  search->patterns = PyMem_Calloc((size_t)count + 1, sizeof *search->patterns);
  search->entries = PyMem_Calloc(entries + 1, sizeof *search->entries);
  search->chains = PyMem_Malloc(sizeof *search->chains << chain_bits);
  search->bits = PyMem_Calloc((size_t)1 << (bit_bits - 6), sizeof *search->bits);
  if (!search->text || !search->patterns || !search->entries || !search->chains || !search->bits)
    return -1;
  memset(search->chains, 0xFF, sizeof *search->chains << chain_bits);
  search->longest = HEAD;
  size_t start = 0;
  for (Py_ssize_t each = 0; each < count; each++) {
    Pattern *pattern = &search->patterns[each];
    pattern->start = start;
    pattern->length = (size_t)lengths[each];
    pattern->needle = needles[each];
    for (Py_ssize_t at = 0; at < lengths[each]; at++)
      search->text[start++] = folded(given[each][at]);
    if (lengths[each] > search->longest)
      search->longest = lengths[each];
    enter(search, (int32_t)each);
  }
  search->count = count;
  search->sieved = sieve_helps(&search->sieve);
  return 0;
}

void search_free(Search *search)
{
  PyMem_Free(search->text);
  PyMem_Free(search->patterns);
  PyMem_Free(search->entries);
  PyMem_Free(search->chains);
  PyMem_Free(search->bits);
  memset(search, 0, sizeof *search);
}

static int equal(const uint8_t *text, const uint8_t *data, size_t length)
{
  for (size_t at = 0; at < length; at++)
    if (text[at] != folded(data[at]))
      return 0;
  return 1;
}

/* Compare what begins around `place` with the patterns whose heads have these three bytes. */
static int look(const Search *search, const uint8_t *data, Py_ssize_t length, Py_ssize_t limit,
                Py_ssize_t place, Told told, void *whom)
{
  uint32_t key = key_at(data + place);
  int32_t at = search->chains[hash_of(key) >> search->chain_shift];
  for (; at != NONE; at = search->entries[at].next) {
    const Entry *entry = &search->entries[at];
    Py_ssize_t start = place - entry->offset;
    if (entry->key != key || start < 0 || start >= limit || length - start < HEAD ||
        !equal(search->text + search->patterns[entry->first].start, data + start, HEAD))
      continue;
    for (int32_t each = entry->first; each != NONE; each = search->patterns[each].next) {
      const Pattern *pattern = &search->patterns[each];
      if ((size_t)(length - start) < pattern->length ||
          !equal(search->text + pattern->start + HEAD, data + start + HEAD, pattern->length - HEAD))
        continue;
      Hit hit = {start, (Py_ssize_t)pattern->length, pattern->needle};
      int ended = told(whom, &hit);
      if (ended)
        return ended;
    }
  }
  return 0;
}

static inline uint32_t hash_at(const uint8_t *at, int shift)
{
  uint32_t four;
  memcpy(&four, at, sizeof four);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  four = __builtin_bswap32(four);
#endif
  return hash_of((four & 0xFFFFFF) | 0x202020) >> shift;
}

static inline unsigned met(const uint64_t *bits, uint32_t hash)
{
  return bits[hash >> 6] >> (hash & 63) & 1;
}

/* Hand every occurrence that begins before `limit` to `told`; what that said to end with, or 0. */
int search_run(const Search *search, const uint8_t *data, Py_ssize_t length, Py_ssize_t limit,
               Told told, void *whom)
{
  const uint64_t *bits = search->bits;
  const int shift = search->bit_shift;
  Py_ssize_t place = 0;
  int ended = 0;
  if (!search->count)
    return 0;
  while (search->sieved && !ended) {
    place = sieve_next(&search->sieve, data, place, length);
    if (length - place < SIEVE_BLOCK)
      break;
    if (met(bits, hash_at(data + place, shift)))
      ended = look(search, data, length, limit, place, told, whom);
    place += STRIDE;
  }
  for (; !ended && length - place >= STRIDE; place += STRIDE)
    if (met(bits, hash_at(data + place, shift)))
      ended = look(search, data, length, limit, place, told, whom);
  return !ended && length - place == 3 ? look(search, data, length, limit, place, told, whom)
                                       : ended;
}
