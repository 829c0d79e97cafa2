/* What a step of the walk met, made a Leaf: its path, its VR, its value, and the key of the memo. */
#include "leaf.h"

enum { SMALL = 4096, KEPT = 64 };

static PyObject *name_of(const State *state, uint16_t vr)
{
  int each = 0;
  while (each < VRS - 1 && state->codes[each] != vr)
    each++;
  return Py_NewRef(state->names[each]);
}

static PyObject *value_of(const State *state, const WalkObject *walk, const Met *met)
{
  int slice_of = met->kind == FRAGMENT || met->tag >> 16 == 0x7FE0;
  if (!met->length && !slice_of)
    return Py_NewRef(state->nothing);
  if (met->length <= SMALL && !slice_of)
    return PyBytes_FromStringAndSize((const char *)walk->walk.body + met->start,
                                     (Py_ssize_t)met->length);
  PyObject *start = PyLong_FromSize_t(met->start), *stop = PyLong_FromSize_t(met->start + met->length);
  PyObject *slice = start && stop ? PySlice_New(start, stop, NULL) : NULL;
  PyObject *value = slice ? PyObject_GetItem(walk->view, slice) : NULL;
  Py_XDECREF(start);
  Py_XDECREF(stop);
  Py_XDECREF(slice);
  return value;
}

/* The path of an item: that of its sequence, and one (tag, number) more. */
static PyObject *longer(PyObject *path, uint32_t tag, uint32_t number)
{
  Py_ssize_t count = PyTuple_Size(path);
  PyObject *last = Py_BuildValue("kk", (unsigned long)tag, (unsigned long)number);
  PyObject *made = last ? PyTuple_New(count + 1) : NULL;
  if (!made) {
    Py_XDECREF(last);
    return NULL;
  }
  for (Py_ssize_t each = 0; each < count; each++)
    PyTuple_SetItem(made, each, Py_NewRef(PyTuple_GetItem(path, each)));
  PyTuple_SetItem(made, count, last);
  return made;
}

/* The path of the leaf, and of what is open from now on. New reference. */
static PyObject *path_of(WalkObject *walk, const Met *met)
{
  int depth = walk->walk.depth;
  if (met->kind == FRAGMENT)
    return Py_NewRef(walk->paths[0]);
  if (met->kind == ELEMENT) {
    while (walk->paths_held > depth)
      Py_DECREF(walk->paths[--walk->paths_held]);
    return Py_NewRef(walk->paths[depth - 1]);
  }
  while (walk->paths_held > depth - 1)
    Py_DECREF(walk->paths[--walk->paths_held]);
  PyObject *around = walk->paths[depth - 2];
  if (met->kind == SEQUENCE) {
    walk->paths[walk->paths_held++] = Py_NewRef(around);
    return Py_NewRef(around);
  }
  uint32_t tag = walk->walk.level[depth - 2].tag;
  PyObject *inside = longer(around, tag, met->count + 1);
  if (!inside)
    return NULL;
  walk->paths[walk->paths_held++] = inside;
  return longer(around, tag, met->count);
}

/* The key by which an element is remembered: tag, VR and value; None for one that is not. */
static PyObject *key_of(const WalkObject *walk, const Met *met)
{
  uint8_t key[6 + KEPT];
  if (met->kind != ELEMENT || met->length > KEPT || met->tag >> 16 == 0x7FE0)
    return Py_NewRef(Py_None);
  memcpy(key, &met->tag, 4);
  memcpy(key + 4, &met->vr, 2);
  memcpy(key + 6, walk->walk.body + met->start, met->length);
  return PyBytes_FromStringAndSize((const char *)key, (Py_ssize_t)(6 + met->length));
}

/* The leaf, which takes the reference to its key. */
static PyObject *leaf_of(const State *state, WalkObject *walk, const Met *met, PyObject *key)
{
  PyObject *name, *fields[FIELDS];
  if (met->kind == ITEM || met->kind == FRAGMENT)
    name = Py_NewRef(met->kind == ITEM ? state->item : state->fragment);
  else
    name = name_of(state, met->kind == SEQUENCE ? VR('S', 'Q') : met->vr);
  fields[0] = path_of(walk, met);
  fields[1] = PyLong_FromUnsignedLong(met->tag);
  fields[2] = name;
  fields[3] = value_of(state, walk, met);
  fields[4] = Py_NewRef(walk->walk.big ? state->big : state->little);
  fields[5] = PyBool_FromLong(met->defined);
  fields[6] = key;
  PyObject *leaf = PyStructSequence_New(state->leaf);
  int wrong = !leaf;
  for (int each = 0; each < FIELDS; each++) {
    wrong |= !fields[each];
    if (leaf)
      PyStructSequence_SetItem(leaf, each, fields[each]);
    else
      Py_XDECREF(fields[each]);
  }
  if (wrong)
    Py_CLEAR(leaf);
  return leaf;
}

PyObject *told_of(const State *state, WalkObject *walk, const Met *met, PyObject *memo)
{
  PyObject *key = key_of(walk, met);
  if (!key)
    return NULL;
  PyObject *known = memo == Py_None || key == Py_None ? NULL : PyDict_GetItemWithError(memo, key);
  if (!known && !PyErr_Occurred())
    return leaf_of(state, walk, met, key);
  Py_DECREF(key);
  return known && known != Py_None ? Py_NewRef(known) : NULL;
}
