/* The prover's own reading of filtered PNG rows (PNG third edition, section 9). */
#include "prover.h"
#include "beside.h"

static int distance(int value) { return value < 0 ? -value : value; }

/* What the filter `kind` predicts from the left, the upper and the upper-left byte. */
static inline int predicted(int kind, int left, int upper, int corner)
{
  int sum = left + upper - corner, to_left = distance(sum - left);
  int to_upper = distance(sum - upper), to_corner = distance(sum - corner);
  switch (kind) {
  case 1:
    return left;
  case 2:
    return upper;
  case 3:
    return (left + upper) >> 1;
  case 4:
    if (to_left <= to_upper && to_left <= to_corner)
      return left;
    return to_upper <= to_corner ? upper : corner;
  default:
    return 0;
  }
}

/* `plain` has `back` zero bytes before it, and so has the row `over` it. */
static inline __attribute__((always_inline)) void plain_row(const int kind, const uint8_t *coded,
                                                            const uint8_t *over, uint8_t *plain,
                                                            Py_ssize_t wide, Py_ssize_t back)
{
  for (Py_ssize_t at = 0; at < wide; at++)
    plain[at] = (uint8_t)(coded[at] + predicted(kind, plain[at - back], over[at], over[at - back]));
}

static int one_row(const uint8_t *coded, const uint8_t *over, uint8_t *plain, Py_ssize_t wide,
                   Py_ssize_t back)
{
  switch (*coded) {
  case 0:
    memcpy(plain, coded + 1, (size_t)wide);
    return FINE;
  case 1:
    plain_row(1, coded + 1, over, plain, wide, back);
    return FINE;
  case 2:
    plain_row(2, coded + 1, over, plain, wide, back);
    return FINE;
  case 3:
    plain_row(3, coded + 1, over, plain, wide, back);
    return FINE;
  case 4:
    plain_row(4, coded + 1, over, plain, wide, back);
    return FINE;
  default:
    return CONTRADICTION;
  }
}

/* Read `coded` row by row between two lines of memory, each with a margin of zeros. */
static int all_rows(const Py_buffer *coded, const Py_buffer *above, Py_ssize_t back, uint8_t *out)
{
  Py_ssize_t wide = above->len, line = wide + back;
  uint8_t *lines = PyMem_Calloc(2, (size_t)line), *over = lines + back, *plain = over + line;
  int verdict = lines ? FINE : STOPPED;
  if (!lines)
    PyErr_NoMemory();
  else
    memcpy(over, above->buf, (size_t)wide);
  for (Py_ssize_t at = 0; !verdict && at < coded->len; at += wide + 1, out += wide) {
    verdict = one_row((const uint8_t *)coded->buf + at, over, plain, wide, back);
    memcpy(out, plain, (size_t)wide);
    uint8_t *spare = over;
    over = plain;
    plain = spare;
  }
  PyMem_Free(lines);
  return verdict;
}

/* unfiltered(coded, above, back): rows behind their filter bytes, read; `above` is the plain row
   before them, `back` the bytes of a pixel. None where a filter is not defined. */
PyObject *unfiltered(PyObject *Py_UNUSED(module), PyObject *const *given, Py_ssize_t number)
{
  Py_buffer coded = {0}, above = {0};
  PyObject *out = NULL;
  Py_ssize_t back = number == 3 ? PyLong_AsSsize_t(given[2]) : -1;
  if (PyErr_Occurred())
    return NULL;
  if (back < 1 || back > 8 || PyObject_GetBuffer(given[0], &coded, PyBUF_SIMPLE) ||
      PyObject_GetBuffer(given[1], &above, PyBUF_SIMPLE) || !above.len ||
      coded.len % (above.len + 1)) {
    if (!PyErr_Occurred())
      PyErr_SetString(PyExc_ValueError, "rows of no width, or of another than the one above");
  } else
    out = PyBytes_FromStringAndSize(NULL, coded.len - coded.len / (above.len + 1));
  int verdict = out ? all_rows(&coded, &above, back, (uint8_t *)PyBytes_AsString(out)) : STOPPED;
  PyBuffer_Release(&coded);
  PyBuffer_Release(&above);
  if (verdict == FINE || !out)
    return out;
  Py_DECREF(out);
  return verdict == STOPPED ? NULL : Py_NewRef(Py_None);
}
