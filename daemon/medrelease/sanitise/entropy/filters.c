/* The rows of a PNG picture behind their filters (PNG third edition, clause 9). */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "filters.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { NONE, SUB, UP, AVERAGE, PAETH };

/* 9.4: the neighbour nearest to left + up - corner, the first of these where two are as near. */
static inline uint8_t paeth(int left, int up, int corner)
{
  int far_left = abs(up - corner), far_up = abs(left - corner);
  int far_corner = abs(left + up - 2 * corner);
  int nearest = far_up <= far_corner ? up : corner;
  return (uint8_t)(far_left <= far_up && far_left <= far_corner ? left : nearest);
}

/* One row of `width` bytes, `step` of them a pixel, written to `row`; `above` is the row before. */
static void undo(int kind, const uint8_t *coded, const uint8_t *above, uint8_t *row, Py_ssize_t width,
                 Py_ssize_t step)
{
  Py_ssize_t head = step < width ? step : width, at;
  memcpy(row, coded, (size_t)width);
  if (kind == SUB)
    for (at = head; at < width; at++)
      row[at] = (uint8_t)(coded[at] + row[at - step]);
  if (kind == UP)
    for (at = 0; at < width; at++)
      row[at] = (uint8_t)(coded[at] + above[at]);
  if (kind == AVERAGE) {
    for (at = 0; at < head; at++)
      row[at] = (uint8_t)(coded[at] + above[at] / 2);
    for (at = head; at < width; at++)
      row[at] = (uint8_t)(coded[at] + (row[at - step] + above[at]) / 2);
  }
  if (kind == PAETH) {
    for (at = 0; at < head; at++)
      row[at] = (uint8_t)(coded[at] + above[at]);
    for (at = head; at < width; at++)
      row[at] = (uint8_t)(coded[at] + paeth(row[at - step], above[at], above[at - step]));
  }
}

/* unfilter(coded, above, step): `coded` are rows behind their filter bytes, `above` is the plain row
   before them, `step` the distance in bytes to the left neighbour. None for an unknown filter. */
PyObject *unfilter(PyObject *Py_UNUSED(module), PyObject *const *given, Py_ssize_t number)
{
  Py_buffer coded = {0}, above = {0};
  PyObject *plain = NULL;
  Py_ssize_t step = number == 3 ? PyLong_AsSsize_t(given[2]) : 0;
  if (number != 3 || step < 1) {
    if (!PyErr_Occurred())
      PyErr_SetString(PyExc_ValueError, "rows need a step of a byte or more");
    return NULL;
  }
  if (PyObject_GetBuffer(given[0], &coded, PyBUF_SIMPLE) ||
      PyObject_GetBuffer(given[1], &above, PyBUF_SIMPLE))
    goto done;
  Py_ssize_t width = above.len, rows = coded.len / (width + 1);
  if (!width || coded.len % (width + 1)) {
    PyErr_SetString(PyExc_ValueError, "rows of another width than the one before them");
    goto done;
  }
  plain = PyBytes_FromStringAndSize(NULL, rows * width);
  uint8_t *row = plain ? (uint8_t *)PyBytes_AsString(plain) : NULL;
  const uint8_t *from = coded.buf, *before = above.buf;
  for (; row && rows; rows--, from += width + 1, before = row, row += width) {
    if (*from > PAETH) {
      Py_DECREF(plain);
      plain = Py_NewRef(Py_None);
      break;
    }
    undo(*from, from + 1, before, row, width, step);
  }
done:
  PyBuffer_Release(&coded);
  PyBuffer_Release(&above);
  return plain;
}
