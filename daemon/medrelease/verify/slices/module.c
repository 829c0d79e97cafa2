/* medrelease.verify._slices: whether a still picture's HEVC slices end with their last symbol.

   walk(coding, columns, rows, slices) -> 0 where every byte of every slice is picture and every
   block is coded; 2 where bytes lie behind the last symbol of a slice or substream; 3 where the
   slices contradict themselves.
   coding: the 28 numbers of `Coding` in slices.h; columns, rows: where tiles begin, and the end,
   in coding tree blocks; slices: (address, dependent, qp, sao_luma, sao_chroma, chroma_offsets,
   data, first bytes of the further substreams). */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <string.h>

#include "slices.h"

enum { MOST_EDGES = 1100, CODING = sizeof(Coding) / sizeof(int) };

static Py_ssize_t take_numbers(PyObject *given, int *numbers, Py_ssize_t most)
{
  Py_ssize_t count = PyTuple_Check(given) ? PyTuple_Size(given) : -1;
  if (count < 0 || count > most) {
    PyErr_SetString(PyExc_ValueError, "not so many numbers");
    return -1;
  }
  for (Py_ssize_t each = 0; each < count; each++) {
    long value = PyLong_AsLong(PyTuple_GetItem(given, each));
    if (PyErr_Occurred())
      return -1;
    if (value < -1000 || value > 1 << 20) {
      PyErr_SetString(PyExc_ValueError, "a number out of range");
      return -1;
    }
    numbers[each] = (int)value;
  }
  return count;
}

static int within(int value, int least, int most)
{
  return value >= least && value <= most;
}

/* What the walk relies on, whatever the caller has looked at. */
static int is_sound(const Coding *coding)
{
  int pcm = !coding->pcm || (within(coding->least_pcm, 3, 5) && within(coding->most_pcm, 3, 5) &&
                             within(coding->pcm_luma, 1, 16) && within(coding->pcm_chroma, 1, 16));
  return within(coding->width, 1, 1 << 16) && within(coding->height, 1, 1 << 16) &&
         within(coding->chroma, 0, 3) && within(coding->block, 4, 6) &&
         within(coding->least_block, 3, coding->block) && within(coding->least_transform, 2, 5) &&
         coding->least_transform < coding->least_block &&
         within(coding->transform, coding->least_transform, 5) && within(coding->depth, 0, 4) &&
         coding->transform <= coding->block && within(coding->luma_bits, 8, 16) &&
         within(coding->chroma_bits, 8, 16) && within(coding->most_skipped, 2, 5) &&
         within(coding->chroma_list, 0, 5) &&
         !(coding->width % (1 << coding->least_block)) &&
         !(coding->height % (1 << coding->least_block)) && pcm;
}

static int are_edges(const int *edges, Py_ssize_t count, int whole)
{
  if (count < 2 || edges[0] || edges[count - 1] != whole)
    return 0;
  for (Py_ssize_t each = 1; each < count; each++)
    if (edges[each] <= edges[each - 1])
      return 0;
  return 1;
}

static int walk_one(Picture *picture, PyObject *given)
{
  Slice slice = {0};
  Py_buffer data;
  PyObject *starts;
  if (!PyArg_ParseTuple(given, "iiiiiiy*O!", &slice.address, &slice.dependent, &slice.qp,
                        &slice.sao_luma, &slice.sao_chroma, &slice.chroma_offsets, &data,
                        &PyTuple_Type, &starts))
    return -1;
  Py_ssize_t count = PyTuple_Size(starts);
  int found = -1;
  size_t *places = PyMem_Malloc(((size_t)count + 1) * sizeof *places);
  if (!places)
    PyErr_NoMemory();
  for (Py_ssize_t each = 0; each < count && !PyErr_Occurred(); each++)
    places[each] = PyLong_AsSize_t(PyTuple_GetItem(starts, each));
  if (!PyErr_Occurred()) {
    slice.data = data.buf;
    slice.length = (size_t)data.len;
    slice.starts = places;
    slice.pieces = (int)count;
    found = walk_slice(picture, &slice);
  }
  PyMem_Free(places);
  PyBuffer_Release(&data);
  return found;
}

static int walk_all(Picture *picture, PyObject *slices)
{
  for (Py_ssize_t each = 0; each < PyList_Size(slices); each++) {
    int found = walk_one(picture, PyList_GetItem(slices, each));
    if (found)
      return found;
  }
  for (int block = 0; block < picture->across * picture->down; block++)
    if (picture->slice[block] < 0)
      return CONTRADICTS;
  return WALKED;
}

static PyObject *walk(PyObject *Py_UNUSED(self), PyObject *arguments)
{
  PyObject *coding, *columns, *rows, *slices;
  Picture picture = {0};
  int edges[2][MOST_EDGES], numbers[CODING] = {0}, found = -1;
  if (!PyArg_ParseTuple(arguments, "OOOO!", &coding, &columns, &rows, &PyList_Type, &slices))
    return NULL;
  Py_ssize_t count = take_numbers(coding, numbers, CODING);
  Py_ssize_t across = take_numbers(columns, edges[0], MOST_EDGES);
  Py_ssize_t down = take_numbers(rows, edges[1], MOST_EDGES);
  if (PyErr_Occurred())
    return NULL;
  memcpy(&picture.coding, numbers, sizeof numbers);
  int side = 1 << (picture.coding.block & 7);
  if (count != CODING || !is_sound(&picture.coding) ||
      !are_edges(edges[0], across, (picture.coding.width + side - 1) / side) ||
      !are_edges(edges[1], down, (picture.coding.height + side - 1) / side)) {
    PyErr_SetString(PyExc_ValueError, "no coding of the standard");
    return NULL;
  }
  if (picture_begin(&picture, edges[0], (int)across, edges[1], (int)down))
    PyErr_NoMemory();
  else
    found = walk_all(&picture, slices);
  picture_end(&picture);
  return PyErr_Occurred() ? NULL : PyLong_FromLong(found);
}

static PyMethodDef METHODS[] = {
  {"walk", walk, METH_VARARGS, "Whether the slices of a picture end with their last symbol."},
  {NULL, NULL, 0, NULL}};

static struct PyModuleDef MODULE = {
  PyModuleDef_HEAD_INIT, .m_name = "_slices", .m_size = -1, .m_methods = METHODS};

PyMODINIT_FUNC PyInit__slices(void)
{
  return PyModule_Create(&MODULE);
}
