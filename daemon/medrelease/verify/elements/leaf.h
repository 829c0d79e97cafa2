/* One element of a data set as Python is told of it: shared declarations. */
#ifndef MEDRELEASE_VERIFY_LEAF_H
#define MEDRELEASE_VERIFY_LEAF_H

#include "walk.h"

enum { VRS = 36, FIELDS = 7 };

/* What the module keeps: the type of a leaf, and objects that many leaves have in common. */
typedef struct {
  PyTypeObject *leaf;
  PyObject *item, *fragment, *little, *big, *nothing;
  uint16_t codes[VRS];
  PyObject *names[VRS];
} State;

typedef struct {
  PyObject_HEAD
  Walk walk;
  Py_buffer body, dictionary;
  PyObject *view;          /* what `body` is a buffer of, to take slices from */
  PyObject *paths[LEVELS]; /* of the items that are open */
  int paths_held;
} WalkObject;

/* The leaf, or what the memo has in its place (NULL without an error for nothing). */
PyObject *told_of(const State *state, WalkObject *walk, const Met *met, PyObject *memo);

#endif
