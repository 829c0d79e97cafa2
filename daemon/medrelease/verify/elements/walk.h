/* The prover's own walk over a DICOM data set: shared declarations.

   The walk knows the bytes, where in them it is and what is open there; it keeps an explicit
   stack and allocates nothing. Sources: PS3.5 sections 7.1, 7.5, 6.2.2 and A.4. */
#ifndef MEDRELEASE_VERIFY_WALK_H
#define MEDRELEASE_VERIFY_WALK_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdint.h>
#include <string.h>

enum { DEEPEST = 60, LEVELS = DEEPEST + 4 };

/* What a step met. From FAULT on nothing more is to be had. */
enum { NOTHING, ELEMENT, SEQUENCE, ITEM, FRAGMENT, ENDED, FAULT };

/* Why the bytes do not add up, as dicom_walk words it. */
enum {
  FAULT_PASSES_HOLDER = 1,
  FAULT_NOT_THE_END,
  FAULT_NO_ITEM,
  FAULT_ITEM_PASSES,
  FAULT_NO_VR,
  FAULT_VALUE_PASSES,
  FAULT_NO_LENGTH,
  FAULT_TOO_DEEP,
  FAULT_FRAGMENTS
};

enum { IN_ITEM, IN_SEQUENCE, IN_FRAGMENTS };

typedef struct {
  int kind, closed, implicit;
  uint32_t tag, count; /* of a sequence: its tag, and its items so far */
  size_t end;
  int64_t last; /* of an item: the tag that was met last in it */
} Level;

typedef struct {
  const uint8_t *body;
  size_t length, at;
  const uint8_t *dictionary; /* ascending entries of a native uint32 tag, a VR and two zeros */
  size_t entries;
  int big, depth, fault;
  int unordered;     /* whether a tag was not above the one before it in the same item */
  uint64_t elements; /* met so far; neither items nor fragments */
  Level level[LEVELS];
} Walk;

/* One value, or the beginning of a sequence or item; `vr` is two letters as one number. */
typedef struct {
  int kind, defined;
  uint32_t tag, count;
  uint16_t vr;
  size_t start, length;
} Met;

#define VR(first, second) ((uint16_t)((first) | (second) << 8))

void walk_begin(Walk *walk, const uint8_t *body, size_t length, int big, int implicit,
                uint32_t sequence);
int walk_step(Walk *walk, Met *met);
int vr_known(uint16_t vr);

#endif
