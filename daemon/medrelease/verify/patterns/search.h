/* Search for many patterns in big bytes: shared declarations.

   Any six bytes hold three that begin at a multiple of four. Only these threes are looked up, in
   a table of bits of all that a pattern's first six bytes can give there; the few that are in it
   are compared. Nothing is passed over. ASCII letters are compared without case. */
#ifndef MEDRELEASE_VERIFY_SEARCH_H
#define MEDRELEASE_VERIFY_SEARCH_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdint.h>
#include <string.h>

#include "sieve.h"

enum { HEAD = 6, STRIDE = 4, NONE = -1 };

typedef struct {
  size_t start, length; /* in the folded text of all patterns */
  int32_t needle, next; /* the next pattern with this head, or NONE */
} Pattern;

typedef struct {
  uint32_t key;        /* three bytes of a head, as `key_at` gives them */
  int32_t first, next; /* the first pattern with that head; the next entry of this chain */
  uint8_t offset;      /* where in the head the three stand: 0 to 3 */
} Entry;

typedef struct {
  uint8_t *text; /* the patterns, folded, one behind another */
  Pattern *patterns;
  Entry *entries;
  int32_t *chains; /* the first entry, by the upper bits of a key's hash */
  uint64_t *bits;  /* whether any entry has this hash */
  Py_ssize_t count, entry_count, longest;
  int chain_shift, bit_shift;
  Sieve sieve;
  int sieved; /* whether the sieve is used */
} Search;

typedef struct {
  Py_ssize_t start, length;
  int32_t needle;
} Hit;

/* What a hit is handed to; anything but 0 ends the search. */
typedef int (*Told)(void *whom, const Hit *hit);

int search_build(Search *search, const uint8_t *const *given, const Py_ssize_t *lengths,
                 const int32_t *needles, Py_ssize_t count);
void search_free(Search *search);
int search_run(const Search *search, const uint8_t *data, Py_ssize_t length, Py_ssize_t limit,
               Told told, void *whom);

Py_ssize_t based_room(Py_ssize_t length);
Py_ssize_t based_read(const uint8_t *raw, Py_ssize_t length, uint8_t *out);

#endif
