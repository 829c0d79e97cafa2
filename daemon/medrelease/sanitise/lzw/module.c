/* medrelease.sanitise._lzw: the LZW codes of a GIF frame, and of a TIFF strip.

   walk(blocks, minimum, count, out) -> (told, bits, width, exact, used)

   `blocks` are data sub-blocks, `count` indices of them are read. `out` takes them in, or is None:
   then `used` says which there are. `told` is 0, 1 where the codes are cut, 2 where they contradict
   themselves. `bits` and `width` say where the last code ends, and how wide the next one would be.

   strip(coded, expected) -> (told, bits): where the codes of a strip end that are so many bytes. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "codes.h"
#include "strips.h"

static int fits(int minimum)
{
  if (minimum >= 2 && minimum <= 8)
    return 1;
  PyErr_SetString(PyExc_ValueError, "codes of no size that there is");
  return 0;
}

static PyObject *walk(PyObject *Py_UNUSED(module), PyObject *arguments)
{
  Py_buffer blocks, out = {0};
  PyObject *sink, *said = NULL;
  Py_ssize_t count;
  int minimum;
  Walked walked;
  if (!PyArg_ParseTuple(arguments, "y*inO", &blocks, &minimum, &count, &sink))
    return NULL;
  if (sink != Py_None && PyObject_GetBuffer(sink, &out, PyBUF_WRITABLE)) {
    PyBuffer_Release(&blocks);
    return NULL;
  }
  if (fits(minimum) && (count < 1 || (out.buf && out.len != count)))
    PyErr_SetString(PyExc_ValueError, "room for another number of indices");
  if (!PyErr_Occurred()) {
    int told = codes_walk(blocks.buf, (size_t)blocks.len, minimum, (uint64_t)count, out.buf, &walked);
    said = Py_BuildValue("iKiNy#", told, (unsigned long long)walked.bits, walked.width,
                         PyBool_FromLong(walked.exact), walked.used,
                         (Py_ssize_t)sizeof walked.used);
  }
  PyBuffer_Release(&out);
  PyBuffer_Release(&blocks);
  return said;
}

static PyObject *encode(PyObject *Py_UNUSED(module), PyObject *arguments)
{
  enum { ROWS = 4096, COLUMNS = 256 };
  Py_buffer indices;
  PyObject *said = NULL;
  int minimum;
  if (!PyArg_ParseTuple(arguments, "y*i", &indices, &minimum))
    return NULL;
  const uint8_t *given = indices.buf;
  for (Py_ssize_t at = 0; fits(minimum) && at < indices.len; at++)
    if (given[at] >> minimum) {
      PyErr_SetString(PyExc_ValueError, "an index beyond the codes");
      break;
    }
  uint16_t *known = PyMem_Malloc(ROWS * COLUMNS * sizeof *known);
  uint8_t *out = PyMem_Malloc(2 * (size_t)indices.len + 8);
  if (!known || !out)
    PyErr_NoMemory();
  if (!PyErr_Occurred()) {
    size_t used = codes_write(given, (size_t)indices.len, minimum, known, out);
    said = PyBytes_FromStringAndSize((const char *)out, (Py_ssize_t)used);
  }
  PyMem_Free(known);
  PyMem_Free(out);
  PyBuffer_Release(&indices);
  return said;
}

static PyObject *strip(PyObject *Py_UNUSED(module), PyObject *arguments)
{
  Py_buffer coded;
  unsigned long long expected;
  uint64_t bits = 0;
  if (!PyArg_ParseTuple(arguments, "y*K", &coded, &expected))
    return NULL;
  int told = strip_length(coded.buf, (size_t)coded.len, expected, &bits);
  PyBuffer_Release(&coded);
  return Py_BuildValue("iK", told, (unsigned long long)bits);
}

static PyMethodDef methods[] = {
    {"walk", walk, METH_VARARGS, "walk(blocks, minimum, count, out) -> (told, bits, width, exact, used)"},
    {"strip", strip, METH_VARARGS, "strip(coded, expected) -> (told, bits)"},
    {"encode", encode, METH_VARARGS, "encode(indices, minimum) -> their codes"},
    {NULL, NULL, 0, NULL}};

static PyModuleDef_Slot slots[] = {{0, NULL}};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_lzw", NULL, 0, methods, slots,
                                    NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__lzw(void) { return PyModuleDef_Init(&module); }
